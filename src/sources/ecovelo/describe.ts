import type { Description } from '../../storage/items.ts';
import type { Key } from '../../vocabulary.ts';

const MOST_LINE = 200;
const MOST_WORDS = 2_000;
const DEPTH = 3;

/** The schema of objects is not public: the usual spellings are tried in turn. */
const NAMES = ['name', 'label', 'number', 'email'];
const STATES = ['status', 'state'];
const BEGINNINGS = ['started_at', 'startedAt', 'created_at', 'createdAt'];
const CHANGES = ['updated_at', 'updatedAt', 'modified_at', 'modifiedAt', 'modified'];

/** What lists and search show of an object: `Trip trip_8Fq2`, `Trip, terminated`. */
export function describeObject(object: Record<string, unknown>, { type, id }: Pick<Key, 'type' | 'id'>): Description {
  const kind = `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  const version = versionOf(object) ?? '';
  return {
    version,
    owned: true,
    title: textIn(object, NAMES) ?? `${kind} ${id}`,
    happenedAt: timeIn(object, BEGINNINGS) ?? version,
    ride: null,
    record: {
      summary: [kind, textIn(object, STATES) ?? ''].filter((part) => part !== '').join(', '),
      words: textsIn(object, DEPTH).join(' ').slice(0, MOST_WORDS),
    },
    photos: [],
    outline: null,
  };
}

/** When it was last changed, in UTC; null where it does not say: then the order of our fetches is the order of its states. */
export const versionOf = (object: Record<string, unknown>): string | null => timeIn(object, CHANGES);

function textIn(object: Record<string, unknown>, names: readonly string[]): string | undefined {
  const found = names.map((name) => object[name]).find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof found === 'string' ? found.slice(0, MOST_LINE) : undefined;
}

/** ISO 8601, or epoch seconds or milliseconds. */
function timeIn(object: Record<string, unknown>, names: readonly string[]): string | null {
  for (const value of names.map((name) => object[name])) {
    const time =
      typeof value === 'number' ? (value < SECONDS_END ? value * 1_000 : value) : Date.parse(textOrNone(value));
    // Only what a date can say: a number beyond it would throw when it is written.
    if (Math.abs(time) <= LAST_INSTANT) return new Date(time).toISOString();
  }
  return null;
}

const textOrNone = (value: unknown): string => (typeof value === 'string' ? value : '');

/** As seconds this is the year 5138, as milliseconds 1973. */
const SECONDS_END = 100_000_000_000;
const LAST_INSTANT = 253_402_300_799_999;

function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value];
  if (depth === 0 || typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((each) => textsIn(each, depth - 1));
}

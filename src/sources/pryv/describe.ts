import { NotTheProvider } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import type { Description } from '../../storage/items.ts';
import type { Key } from '../../vocabulary.ts';
import { isObject } from '../element.ts';

const MOST_TITLE = 80;
const MOST_WORDS = 4_000;

/** An event or a stream in columns. @throws NotTheProvider when it is another one or none. */
export function describe(raw: Buffer, { type, id }: Pick<Key, 'type' | 'id'>): Description {
  const item = parseJson({ status: 200, body: raw });
  if (!isObject(item) || item.id !== id) throw new NotTheProvider('The answer is not the item that was asked for.');
  const version = versionOf(item) ?? '';
  const described = type === 'stream' ? streamIn(item) : eventIn(item);
  return {
    version,
    owned: true,
    title: described.title || id,
    happenedAt: instantOf(item.time) ?? (version || (instantOf(item.created) ?? '')),
    ride: null,
    record: { summary: described.summary, words: described.words.join(' ').slice(0, MOST_WORDS) },
    photos: [],
    outline: null,
  };
}

/** `mass/kg` is the kind of it, and `content` anything: what is text or a number is what a person would look for. */
function eventIn({ type, content, description, streamIds, streamId, tags, trashed }: Record<string, unknown>) {
  const kind = textIn(type);
  const streams = Array.isArray(streamIds) ? streamIds.map(textIn) : [textIn(streamId)];
  const said = typeof content === 'number' ? `${content} ${kind.split('/')[1] ?? ''}`.trim() : textIn(content);
  const where = streams.filter(Boolean).join(', ');
  return {
    title: firstLine(said) || firstLine(textIn(description)) || kind,
    summary: `${kind || 'Event'}${where && ` in ${where}`}${inTrash(trashed)}`,
    words: [kind, ...streams, ...(Array.isArray(tags) ? tags.map(textIn) : []), textIn(description), said],
  };
}

function streamIn({ name, parentId, trashed }: Record<string, unknown>) {
  const parent = textIn(parentId);
  return {
    title: firstLine(textIn(name)),
    summary: `Stream${parent && ` within ${parent}`}${inTrash(trashed)}`,
    words: [parent],
  };
}

/** The first deletion puts it there and the second deletes it: until then it is here, and can be put back. */
const inTrash = (trashed: unknown): string => (trashed === true ? ', in the trash' : '');

/** When it was last changed, as a version; undefined where it does not say. */
export const versionOf = ({ modified, created }: Record<string, unknown>): string | undefined =>
  instantOf(modified) ?? instantOf(created);

/** The provider's times are seconds with fractions. @returns ISO 8601 in UTC with milliseconds. */
export function instantOf(seconds: unknown): string | undefined {
  if (typeof seconds !== 'number') return undefined;
  const at = Math.round(seconds * 1_000);
  // Beyond it the text has another form, and would not compare.
  return at >= 0 && at < YEAR_10000_MS ? new Date(at).toISOString() : undefined;
}

const YEAR_10000_MS = 253_402_300_800_000;

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
const firstLine = (text: string): string => (text.trim().split('\n', 1)[0] ?? '').slice(0, MOST_TITLE);

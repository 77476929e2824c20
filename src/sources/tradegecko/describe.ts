import { NotTheProvider } from '../../http/errors.ts';
import type { Description } from '../../storage/items.ts';
import type { Key } from '../../vocabulary.ts';
import { isObject } from '../element.ts';
import { idIn } from './resources.ts';

const MOST_TITLE = 120;
const MOST_WORDS = 2_000;

/** Numbers that people know a record by, which say nothing without its kind: `Order SO0211`. */
const NUMBERS = ['order_number', 'invoice_number', 'adjustment_number', 'number', 'reference'];
/** Names that stand for themselves. */
const NAMES = ['name', 'product_name', 'label', 'email', 'sku'];
/** States, in the order in which they are told. */
const STATES = ['status', 'payment_status', 'fulfillment_status', 'invoice_status', 'company_type'];
/** What a record can be found by beside its title. */
const WORDS = [
  ...NUMBERS,
  ...NAMES,
  ...STATES,
  'reference_number',
  'phone_number',
  'upc',
  'supplier_code',
  'company_code',
  'company_name',
  'first_name',
  'last_name',
  'brand',
  'product_type',
  'tags',
  'tracking_number',
  'tracking_company',
  'address1',
  'city',
  'country',
  'notes',
  'description',
  'body',
];

/**
 * The record within an answer: `{"order": {…}}` in the public API (recordings of the official client library, 2014), or the object itself.
 *
 * @throws NotTheProvider when it is another record or none.
 */
export function recordIn(answer: Record<string, unknown>, key: Pick<Key, 'type' | 'id'>): Record<string, unknown> {
  const inner = answer[key.type];
  const record = isObject(inner) ? inner : answer;
  if (idIn(record.id) !== key.id) throw new NotTheProvider('The answer is not the record that was asked for.');
  return record;
}

/** What the mirror keeps beside the body. An order that was deleted there stays in lists with the status `deleted`: it is told as it is. */
export function describeRecord(record: Record<string, unknown>, key: Pick<Key, 'type' | 'id'>): Description {
  const version = versionOf(record);
  const title = titleOf(record, key);
  const states = STATES.map((name) => textIn(record[name])).filter(Boolean);
  return {
    version: version ?? '',
    owned: true,
    title,
    happenedAt: timeIn(record.issued_at) ?? timeIn(record.created_at) ?? version ?? '',
    ride: null,
    record: { summary: [title, ...states].join(', '), words: wordsOf(record) },
    photos: [],
    outline: null,
  };
}

/** The provider's `updated_at` in UTC, so that texts compare as times do; null where it has none. */
export const versionOf = (record: Record<string, unknown>): string | null => timeIn(record.updated_at);

function titleOf(record: Record<string, unknown>, { type, id }: Pick<Key, 'type' | 'id'>): string {
  const person = [textIn(record.first_name), textIn(record.last_name)].filter(Boolean).join(' ');
  const name = person || NAMES.map((each) => textIn(record[each])).find(Boolean);
  const number = NUMBERS.map((each) => textIn(record[each])).find(Boolean);
  const kind = `${type.charAt(0).toUpperCase()}${type.slice(1).replaceAll('_', ' ')}`;
  if (number) return `${kind} ${number}`.slice(0, MOST_TITLE);
  return (name || `${kind} ${id}`).slice(0, MOST_TITLE);
}

function wordsOf(record: Record<string, unknown>): string {
  const words = new Set(WORDS.map((name) => textIn(record[name])).filter(Boolean));
  return [...words].join(' ').slice(0, MOST_WORDS);
}

/** Somebody else's text: nothing in it that a terminal would obey. */
const textIn = (value: unknown): string => (typeof value === 'string' ? value.trim().replace(/\p{Cc}/gu, ' ') : '');

function timeIn(value: unknown): string | null {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

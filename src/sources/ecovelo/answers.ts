import type { Answered } from '../../evidence.ts';
import type { Answer } from '../../http/client.ts';
import { NotTheProvider, Unacceptable } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import type { Key } from '../../vocabulary.ts';
import { isObject } from '../element.ts';
import type { Snapshot } from '../source.ts';
import { COLLECTIONS, idIn, isDocumented } from './kinds.ts';

/**
 * The object within an answer: itself, or as `{data: {…}}` or `{trip: {…}}`. Which of these the provider sends is unknown.
 *
 * @throws NotTheProvider when it is another object or none.
 */
export function itemIn(answer: Answered, { type, id }: Pick<Key, 'type' | 'id'>): Record<string, unknown> {
  const value = parseJson(answer);
  const places = isObject(value) ? [value, value.data, value[type]] : [];
  const item = places.filter(isObject).find((each) => idIn(each.id) === id);
  if (!item) throw new NotTheProvider('The answer is not the object that was asked for.', { answer });
  return item;
}

/** At an address that nobody documented there may be anything, a page for people too. @throws Unacceptable when it is not that object. */
export function assertItem(answer: Answered, key: Pick<Key, 'type' | 'id'>): void {
  try {
    itemIn(answer, key);
  } catch (error) {
    throw error instanceof NotTheProvider ? noSuchAddress(answer, key.type) : error;
  }
}

/** The entries of a list: itself, or under one of the usual names. @throws NotTheProvider */
export function entriesIn(answer: Answered, collection: string): unknown[] {
  const value = parseJson(answer);
  const places = isObject(value) ? [value.data, value.items, value.results, value[collection]] : [value];
  const list = places.find(Array.isArray);
  if (!list) throw new NotTheProvider('A list came in an unknown form.', { answer });
  return list;
}

/** What a refusal of an object means. A 404 in another shape is some proxy's, and no evidence of anything. */
export function absence(answer: Answer, { type }: Pick<Key, 'type'>): Snapshot {
  const { status, body } = answer;
  if (!isProviderError(body)) {
    // Not an outage: it would hold up the trips as well.
    if (status === 404 && !isDocumented(type)) throw noSuchAddress(answer, type);
    throw foreign(answer);
  }
  if (status === 404 || status === 410) return { kind: 'gone' };
  if (status === 403) return { kind: 'forbidden', answer: { status, body } };
  throw refusal(answer);
}

export function refusal(answer: Answer): Error {
  if (!isProviderError(answer.body)) return foreign(answer);
  return new Unacceptable(`http-${answer.status}`, `Ecovelo answered ${answer.status}.`, { answer });
}

const foreign = (answer: Answer) =>
  new NotTheProvider(`It answered ${answer.status} in a form that is not the provider's.`, { answer });

function noSuchAddress(answer: Answered, type: string): Error {
  const sentence = `Ecovelo has nothing at the address /${COLLECTIONS.get(type)}, where Slipstream looks for it.`;
  return new Unacceptable('no-such-address', sentence, { answer });
}

/** No error is documented: any JSON object that says in one of the usual words what is wrong. */
function isProviderError(body: Buffer): boolean {
  if (body.length > 10_000) return false;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isObject(value) && ['error', 'errors', 'message', 'code'].some((name) => isWord(value[name]));
  } catch {
    // HTML or nothing: not the provider's.
    return false;
  }
}

const isWord = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || (typeof value === 'object' && value !== null);

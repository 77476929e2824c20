import { NotTheProvider, TooLarge } from '../../http/errors.ts';
import { isObject } from '../element.ts';
import type { Credentials } from '../source.ts';
import type { Ask } from './ask.ts';

const PAGE_SIZE = 500;
/** What a page has where nobody says how much (API reference): a server that gives fewer than were asked for gives at least so many. */
const LEAST_SIZE = 20;
/** Lists without end are a fault, not an account. */
const MOST_PAGES = 10_000;
/** A list that never stands still is taken as it is: an audit finds what it lacks. */
const MOST_READINGS = 3;

type Item = Record<string, unknown> & { id: string };
/** Seconds, the provider's clock. */
interface Deletion {
  id: string;
  deleted: number;
}

export interface Listed {
  items: Item[];
  deletions: Deletion[];
  /** Provider's clock minus ours, milliseconds. */
  clockOffset: number;
  /** Epoch milliseconds, the provider's clock: when the first page was asked for. */
  beganAt: number;
  /** Seconds: what that answer itself said of the time, with fractions; undefined where it said nothing. */
  askedAt: number | undefined;
}

/**
 * Events, trashed ones included. They come sorted by when they happened, not by when they were modified (API reference, `events.get`), so
 * only the whole list says what the greatest `modified` is. A deletion between two pages moves everything behind it over the edge of a
 * page: where anything changed meanwhile it is read again.
 *
 * @param since Seconds: modified or deleted after it (the public source compares with "greater than"); null: all, without deletions.
 */
export async function listEvents(ask: Ask, since: number | null, credentials: Credentials): Promise<Listed> {
  for (let reading = 1; ; reading += 1) {
    const { pages, ...listed } = await readPages(ask, since, credentials);
    if (pages === 1 || reading === MOST_READINGS || listed.askedAt === undefined) return listed;
    if (!(await hasChanged(ask, listed.askedAt, credentials))) return listed;
  }
}

async function readPages(
  ask: Ask,
  since: number | null,
  credentials: Credentials,
): Promise<Listed & { pages: number }> {
  const items = new Map<string, Item>();
  const deletions = new Map<string, Deletion>();
  let first: Omit<Listed, 'items' | 'deletions'> | undefined;
  let fullest = LEAST_SIZE;
  for (let page = 1, skip = 0, size = PAGE_SIZE; page <= MOST_PAGES; page += 1) {
    const path = `events?state=all&sortAscending=true${sinceQuery(since)}&limit=${size}&skip=${skip}`;
    const answer = await unlessTooLarge(ask.object(path, credentials), size);
    if (!answer) {
      size = Math.ceil(size / 10);
      continue;
    }
    const { object, ...asked } = answer;
    first ??= { ...asked, askedAt: serverTimeIn(object) };
    const deleted = deletionsIn(object.eventDeletions, isId);
    const before = deletions.size;
    const length = lengthOf(object.events);
    for (const event of itemsIn(object.events, isId)) items.set(event.id, event);
    for (const deletion of deleted) deletions.set(deletion.id, deletion);
    // Deletions are paged beside the events. A server that gives all of them each time gives nothing new.
    const full = Math.min(size, fullest);
    const more = length >= full || (deleted.length >= full && deletions.size > before);
    if (!more) return { items: [...items.values()], deletions: [...deletions.values()], ...first, pages: page };
    // No page is shorter than one before it, but the last.
    fullest = Math.max(fullest, length);
    skip += length || deleted.length;
  }
  throw new NotTheProvider('A list had no end.');
}

/** What an event holds has no limit, so a page of them may be more than is read: then it is asked for in smaller ones. */
async function unlessTooLarge<T>(answer: Promise<T>, size: number): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof TooLarge && size > 1) return undefined;
    throw error;
  }
}

async function hasChanged(ask: Ask, since: number, credentials: Credentials): Promise<boolean> {
  const { object } = await ask.object(`events?state=all${sinceQuery(since)}&limit=1`, credentials);
  return itemsIn(object.events, isId).length > 0 || deletionsIn(object.eventDeletions, isId).length > 0;
}

/** Streams come as a tree and always all of them; only deletions can be asked for since an instant. */
export async function listStreams(ask: Ask, since: number | null, credentials: Credentials): Promise<Listed> {
  const deletionsSince = since === null ? '' : `&includeDeletionsSince=${since}`;
  const { object, ...asked } = await ask.object(`streams?state=all${deletionsSince}`, credentials);
  const deletions = deletionsIn(object.streamDeletions, isStreamId);
  return { items: flat(itemsIn(object.streams, isStreamId)), deletions, ...asked, askedAt: serverTimeIn(object) };
}

/** Each stream for itself: its children are items of their own. A tree may be deeper than the stack. */
function flat(roots: Item[]): Item[] {
  const all: Item[] = [];
  const left = [...roots].reverse();
  for (let next = left.pop(); next; next = left.pop()) {
    const { children, ...stream } = next;
    all.push(stream as Item);
    if (Array.isArray(children)) left.push(...itemsIn(children, isStreamId).reverse());
  }
  return all;
}

const sinceQuery = (since: number | null): string =>
  since === null ? '' : `&modifiedSince=${since}&includeDeletions=true`;

/** Event ids are made by the provider or the app, or name a store of their own (`:_system:account`). They are asked for in a path. */
const ID = /^[A-Za-z0-9:_-][\w:.-]{0,199}$/;
export const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

/**
 * Of a stream's id the app chooses nearly all: what follows its first character is checked for quotes and control characters only (the
 * public source, `schema/streamId`). It is never asked for by itself; here it has to be one step in an address.
 */
const isStreamId = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= 200 &&
  value.isWellFormed() &&
  !/^\.{1,2}$|\p{Cc}/u.test(value);

/** @throws NotTheProvider */
function itemsIn(list: unknown, isOne: (id: unknown) => boolean): Item[] {
  if (!Array.isArray(list)) throw new NotTheProvider('A list came in an unknown form.');
  return list.filter((item): item is Item => isObject(item) && isOne(item.id));
}

/** Left out of an answer where none were asked for or there are none. */
function deletionsIn(list: unknown, isOne: (id: unknown) => id is string): Deletion[] {
  return (Array.isArray(list) ? list : []).flatMap((entry) =>
    isObject(entry) && isOne(entry.id) && typeof entry.deleted === 'number'
      ? [{ id: entry.id, deleted: entry.deleted }]
      : [],
  );
}

const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);

function serverTimeIn({ meta }: Record<string, unknown>): number | undefined {
  const time = isObject(meta) ? meta.serverTime : undefined;
  return typeof time === 'number' && Number.isFinite(time) ? time : undefined;
}

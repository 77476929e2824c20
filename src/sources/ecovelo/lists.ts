import type { Answer } from '../../http/client.ts';
import { NotTheProvider, ProviderDown } from '../../http/errors.ts';
import { isObject, jsonBytes } from '../element.ts';
import type { Inventory, InventoryEntry } from '../source.ts';
import { entriesIn, refusal } from './answers.ts';
import { versionOf } from './describe.ts';
import { COLLECTIONS, idIn, isDocumented } from './kinds.ts';

/** A list without end is a fault. */
const MOST_PAGES = 10_000;
/** What a collection that is not there, or has no list, is answered with. */
const NO_LIST = new Set([400, 403, 404, 405]);
/** What many frameworks answer to a page behind the last one, where others answer an empty one. */
const NO_PAGE = new Set([400, 404, 416, 422]);

/** Everything that the provider lists. It advises such jobs ("implement reconciliation jobs") and documents no filter by time. */
export async function listEverything(get: (path: string) => Promise<Answer>): Promise<Inventory> {
  const owned: InventoryEntry[] = [];
  const notListed: string[] = [];
  for (const [type, collection] of COLLECTIONS) {
    const listed = await unlessUndocumented(type, listAll(get, type, collection));
    if (listed) owned.push(...listed);
    else notListed.push(type);
  }
  return { owned, pinned: [], notListed };
}

/** Whatever is at an address that nobody documented, trips are copied; what is here of that kind is asked for one by one. */
async function unlessUndocumented<T>(type: string, listing: Promise<T>): Promise<T | undefined> {
  try {
    return await listing;
  } catch (error) {
    if (isDocumented(type) || !isNoAnswer(error)) throw error;
    return undefined;
  }
}

const isNoAnswer = (error: unknown): boolean => error instanceof ProviderDown || error instanceof NotTheProvider;

/**
 * Page by page until one is empty or has nothing that was not there before, which ends a list that knows no pages too; what cannot be
 * asked for by its id is something as well. Whether the first is 0 or 1 is unknown, so both are asked for. What slips over an edge
 * meanwhile is missing here, and asked for one by one.
 *
 * @returns undefined where the provider has no such list.
 */
async function listAll(
  get: (path: string) => Promise<Answer>,
  type: string,
  collection: string,
): Promise<InventoryEntry[] | undefined> {
  const all = new Map<string, InventoryEntry>();
  const seen = new Set<string>();
  const take = (answer: Answer): number => {
    const before = seen.size;
    for (const each of entriesIn(answer, collection)) {
      seen.add(jsonBytes(isObject(each) ? each.id : each)?.toString() ?? '');
      for (const entry of entryIn(each, type)) all.set(entry.id, entry);
    }
    return seen.size - before;
  };
  const first = await get(`/${collection}?page=1`);
  if (NO_LIST.has(first.status) && !isDocumented(type)) return undefined;
  if (first.status !== 200) throw refusal(first);
  if (take(first) === 0) return takeZeroth();
  for (let page = 2; page <= MOST_PAGES; page += 1) {
    const answer = await get(`/${collection}?page=${page}`);
    if (NO_PAGE.has(answer.status)) return takeZeroth();
    if (answer.status !== 200) throw refusal(answer);
    if (take(answer) === 0) return takeZeroth();
  }
  throw new NotTheProvider('A list had no end.');

  async function takeZeroth(): Promise<InventoryEntry[]> {
    try {
      const zeroth = await get(`/${collection}?page=0`);
      if (zeroth.status === 200) take(zeroth);
    } catch (error) {
      // Refused where pages begin at 1, by some with a fault of their own. What was there and is missing here is asked for one by one.
      if (!isNoAnswer(error)) throw error;
    }
    return [...all.values()];
  }
}

function entryIn(entry: unknown, type: string): InventoryEntry[] {
  const id = isObject(entry) ? idIn(entry.id) : undefined;
  return id && isObject(entry) ? [{ type, id, version: versionOf(entry) }] : [];
}

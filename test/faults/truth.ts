import { isDeepStrictEqual } from 'node:util';
import type { LibraryItem } from '../../src/storage/library.ts';
import type { DeadLetter } from '../../src/storage/sync.ts';
import type { Browser, Installation } from '../support/slipstream.ts';

type Shown = LibraryItem & { body: unknown };

/** Where a rider's copy, as the API shows it, is not what the provider has now, in words; empty when it is the same. */
export async function differences(
  { sandbox }: Pick<Installation, 'sandbox'>,
  browser: Browser,
  rider = 1,
): Promise<string[]> {
  const found: string[] = [];
  for (const type of ['route', 'trip'] as const) {
    const here = new Map((await listed(browser, type)).map((item) => [Number(item.id), item]));
    const pins = new Set(sandbox.world.pinned(rider).map((item) => `${item.type}/${item.id}`));
    const there = new Set(sandbox.world.items(rider, type).map(({ id }) => id));
    for (const id of here.keys()) {
      if (!there.has(id) && !pins.has(`${type}/${id}`)) found.push(`${type} ${id} is not at the provider`);
    }
    for (const id of there) {
      const copy = here.get(id);
      if (!copy) {
        found.push(`${type} ${id} is missing`);
        continue;
      }
      const { item } = await browser.json<{ item: Shown }>(`/api/v1/${type}s/${id}`);
      const truth: unknown = JSON.parse(JSON.stringify({ [type]: sandbox.object(type, id, rider) }));
      const body = isDeepStrictEqual(item.body, truth) ? item.body : { [type]: item.body };
      if (!isDeepStrictEqual(body, truth)) found.push(`${type} ${id} differs`);
      if (copy.pinned !== pins.has(`${type}/${id}`)) found.push(`${type} ${id} is pinned here or there only`);
    }
  }
  return found;
}

async function listed(browser: Browser, type: string): Promise<LibraryItem[]> {
  const all: LibraryItem[] = [];
  for (let page = 1; page < 100; page += 1) {
    const path = `/api/v1/${type}s?page_size=200&page=${page}`;
    const { items, meta } = await browser.json<{ items: LibraryItem[]; meta: { total: number } }>(path);
    all.push(...items);
    if (items.length === 0 || all.length >= meta.total) return all;
  }
  throw new Error('The list has no end.');
}

export const nameOf = async (browser: Browser, id: number, type = 'trip'): Promise<string> =>
  (await browser.json<{ item: LibraryItem }>(`/api/v1/${type}s/${id}`)).item.name;

export const letters = async (browser: Browser): Promise<DeadLetter[]> =>
  (await browser.json<{ items: DeadLetter[] }>('/api/v1/dead-letters')).items;

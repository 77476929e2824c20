import { setImmediate } from 'node:timers/promises';
import type { Library, LibraryItem, LibraryQuery } from '../storage/library.ts';

const PAGE_SIZE = 200;
/** While Slipstream runs the list may move under the reader's hands; then it is read once more. */
const READINGS = 3;

/** Everything that a query finds, however many pages that is. `keep`: what is needed of each item, so that 20,000 fit in memory. */
export async function listWhole<T>(
  library: Library,
  accountId: number,
  query: Omit<LibraryQuery, 'page' | 'pageSize'>,
  keep: (item: LibraryItem) => T,
): Promise<T[]> {
  const found = new Map<string, T>();
  for (let reading = 0; reading < READINGS; reading += 1) {
    let total = 0;
    for (let page = 1; page === 1 || (page - 1) * PAGE_SIZE < total; page += 1) {
      const { items, meta } = await library.list(accountId, { ...query, page, pageSize: PAGE_SIZE });
      total = meta.total;
      for (const item of items) found.set(`${item.type}/${item.id}`, keep(item));
      // The database answers on this thread: webhooks come first.
      await setImmediate();
    }
    if (found.size >= total) break;
  }
  return [...found.values()];
}

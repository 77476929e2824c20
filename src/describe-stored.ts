import { titleOf } from './sources/source.ts';
import { isStorageError } from './storage/failure.ts';
import type { Description, OldDescription } from './storage/items.ts';
import type { Library, RideType } from './storage/library.ts';
import type { WorkerParts } from './worker.ts';

/** Bodies in one slice: a fraction of a second of one thread, and whatever else waits for the thread comes between two. */
const SLICE = 10;

export interface DescribingParts extends Pick<WorkerParts, 'sources' | 'writer' | 'now'> {
  library: Pick<Library, 'body'>;
}

/** How many items a slice had, and what could not be read of them, a sentence each. */
export interface Described {
  items: number;
  failures: string[];
}

/**
 * A newer version of the program may read more of a body than the one that stored it. Bodies are kept whole, so nobody has to be
 * asked: they are read again, a slice at a time. What is cut off goes on at the next start, with what is left. One that cannot be
 * read, though it could when it was stored, keeps the columns that it was given then.
 *
 * @returns no items when there are none left.
 */
export async function describeStored(parts: DescribingParts): Promise<Described> {
  const described: [item: number, description: Description | undefined][] = [];
  const failures: string[] = [];
  const old = await parts.writer.describedBefore(SLICE);
  for (const each of old) {
    try {
      described.push([each.item, await describe(parts, each)]);
    } catch (error) {
      // Nothing is wrong with this one: it is read another time.
      if (isStorageError(error)) throw error;
      described.push([each.item, undefined]);
      failures.push(`${titleOf(each.key)} could not be read again: ${String(error)}`);
    }
  }
  await parts.writer.transaction(async (items) => {
    for (const [item, description] of described) await items.describeAnew(item, description, parts.now());
  });
  return { items: old.length, failures };
}

async function describe(
  { sources, library }: DescribingParts,
  { accountId, key }: OldDescription,
): Promise<Description | undefined> {
  const body = await library.body(accountId, key.type as RideType, key.id);
  return body && sources.get(key.source)?.describe(Buffer.from(body), key);
}

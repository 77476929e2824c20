import { isStorageError } from '../failure.ts';

interface Waiting<Item, Answer> {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
  late: NodeJS.Timeout;
}

export interface BatchesOptions<Item> {
  /** Milliseconds, after which who asked gets a storage error. It may be stored nevertheless. */
  patience: number;
  /** In one batch at most. */
  most: number;
  mostBytes: number;
  bytesOf: (item: Item) => number;
}

/**
 * What arrives while a commit is under way shares the next one: a hundred pay for it together, and a single one waits for nobody.
 * An item that cannot be written does not keep the others of its batch from it.
 */
export function createBatches<Item, Answer>(
  write: (items: readonly Item[]) => Promise<readonly Answer[]>,
  { patience, most, mostBytes, bytesOf }: BatchesOptions<Item>,
): (item: Item) => Promise<Answer> {
  const waiting = new Set<Waiting<Item, Answer>>();
  let writing = false;

  async function writeAll(): Promise<void> {
    if (writing) return;
    writing = true;
    while (waiting.size > 0) await writeBatch(nextBatch());
    writing = false;
  }

  function nextBatch(): Waiting<Item, Answer>[] {
    const batch: Waiting<Item, Answer>[] = [];
    let bytes = 0;
    for (const each of waiting) {
      bytes += bytesOf(each.item);
      if (batch.length > 0 && (batch.length === most || bytes > mostBytes)) break;
      batch.push(each);
      waiting.delete(each);
    }
    return batch;
  }

  async function writeBatch(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await write(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, at) => void resolve(answers[at] as Answer));
    } catch (error) {
      if (batch.length > 1 && !isStorageError(error)) {
        for (const each of batch) await writeBatch([each]);
        return;
      }
      for (const { reject } of batch) reject(error);
    } finally {
      for (const { late } of batch) clearTimeout(late);
    }
  }

  return (item) =>
    new Promise<Answer>((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.delete(mine);
        reject(tooLate(patience));
      }, patience);
      const mine = { item, resolve, reject, late };
      waiting.add(mine);
      // All that arrive in this turn of the event loop go together.
      if (!writing) setImmediate(() => void writeAll());
    });
}

const tooLate = (patience: number): Error =>
  Object.assign(new Error(`PostgreSQL does not take it: no answer within ${patience} ms.`), { code: 'POSTGRES_LATE' });

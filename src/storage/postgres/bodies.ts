import type { Present } from '../items.ts';
import type { Queries } from './database.ts';
import { Erased } from './erased.ts';

/** So often somebody else may store and erase the same body in between. */
const MOST_TRIES = 10;

interface StoredBody {
  id: number;
  /** It was not there before this transaction. */
  fresh: boolean;
}

/** Where a body is, which from now on nobody erases before the transaction is over. */
export async function findBody(queries: Queries, hash: Buffer): Promise<StoredBody | undefined> {
  const row = await queries.get<{ id: number }>('SELECT id FROM bodies WHERE hash = @hash FOR KEY SHARE', { hash });
  return row && { id: row.id, fresh: false };
}

/** The same for one that was not there when it was looked for. Who stores it at this moment is waited for, and then it is theirs. */
export async function storeBody(queries: Queries, { hash, bytes, compressed }: Present): Promise<StoredBody> {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const stored =
      compressed.length > 0 &&
      (await queries.get<{ id: number }>(
        `INSERT INTO bodies (hash, bytes, zstd) VALUES (@hash, @bytes, @compressed)
        ON CONFLICT (hash) DO NOTHING RETURNING id`,
        { hash, bytes, compressed },
      ));
    if (stored) return { id: stored.id, fresh: true };
    const found = await findBody(queries, hash);
    if (found) return found;
  }
  throw new Erased();
}

/** One that came too late belongs to no item, and nobody would ever erase it. */
export async function dropBody(queries: Queries, { id, fresh }: StoredBody): Promise<void> {
  if (fresh) await queries.run('DELETE FROM bodies WHERE id = @id', { id });
}

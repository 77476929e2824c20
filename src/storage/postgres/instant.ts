import type { Database, Queries } from './database.ts';

/** Reads of one instant: between two statements another process may commit. */
export const atOneInstant = <T>(db: Database, read: (queries: Queries) => Promise<T>): Promise<T> =>
  db.transaction(async (queries) => {
    await queries.run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    return read(queries);
  });

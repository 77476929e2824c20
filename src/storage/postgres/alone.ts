import pg from 'pg';
import { connectionTo, type Database, openDatabase, type Queries, STAYING, settingsFor } from './database.ts';
import { asStorageError } from './errors.ts';
import { AtWork } from './refusals.ts';
import type { Session } from './session.ts';

/** How the name of a process's session connection begins: it has one as long as it is at work. */
export const SESSION_NAME = 'slipstream session';

/** How many processes are at work on the database. */
export async function countProcesses(queries: Queries): Promise<number> {
  const row = await queries.get<{ n: number }>(
    'SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND starts_with(application_name, @name)',
    { name: SESSION_NAME },
  );
  return row?.n ?? 0;
}

/**
 * Work that no running process may see half done.
 *
 * @throws AtWork when one is at work, or something like this is under way already. Nothing was changed.
 */
export async function whileAlone<T>(url: string, work: (db: Database) => Promise<T>): Promise<T> {
  const keeper = new pg.Client(connectionTo(url, undefined, 'slipstream alone'));
  // Where it breaks nobody is kept out any more; the work goes on, because half of it would be worse.
  keeper.on('error', () => {});
  const db = openDatabase(url, { most: 2 });
  try {
    await keeper.connect();
    await keeper.query(`${settingsFor()}; ${STAYING}`);
    // First the lock, then the look; whoever starts connects first and then looks for the lock. So one of the two sees the other.
    const { rows } = await keeper.query<{ free: boolean }>('SELECT pg_try_advisory_lock(741852, 3) AS free');
    if (!rows[0]?.free) throw new AtWork('Another command is changing');
    if ((await countProcesses(db)) > 0) throw new AtWork('A Slipstream is at work on');
    return await work(db);
  } catch (error) {
    throw asStorageError(error);
  } finally {
    await db.close();
    // The lock ends with its connection.
    await keeper.end().catch(() => {});
  }
}

/** For a process that starts, once its session is there. @throws AtWork */
export async function assertNobodyAlone(session: Session): Promise<void> {
  const row = await session.transaction((queries) =>
    queries.get<{ free: boolean }>('SELECT pg_try_advisory_xact_lock_shared(741852, 3) AS free'),
  );
  if (!row?.free) throw new AtWork('A command is changing');
}

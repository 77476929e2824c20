import type { Database, Queries } from './database.ts';

/**
 * More than all fetches that were made since the dump. What comes back from one of them, should its process still be there, is older
 * than whatever is fetched from now on.
 */
const LEAP = 10_000_000;

/**
 * After a dump was put back. It is of one instant, so each cursor belongs to what is beside it and stays where it is: reconciliation asks
 * for what has happened since. What nobody would ask for is found by an audit, which is due for every account from here on. Fetches
 * that were under way then are nobody's now, and the next process takes them up like those of any other that is gone.
 *
 * Nobody else may be at work on the database.
 *
 * @returns how many accounts there are.
 */
export const rewind = (db: Database): Promise<number> =>
  db.transaction(async (queries) => {
    await queries.get(
      `SELECT setval('fetch_sequence', @leap + greatest((SELECT last_value FROM fetch_sequence), (SELECT max(seq) FROM items),
        (SELECT max(seq) FROM fetches), (SELECT max(pins_seq) FROM accounts), (SELECT max(seq) FROM tasks)))`,
      { leap: LEAP },
    );
    // Who has signed out since must not be signed in again.
    await queries.run('DELETE FROM sessions');
    await queries.run('DELETE FROM login_links');
    // Outages, silences and open doors of that time.
    await queries.run("DELETE FROM board WHERE name <> 'key'");
    await freeJobs(queries);
    return queries.run('UPDATE accounts SET last_audit_at = NULL');
  });

/** The engine would wait four hours for whoever had them in hand. */
async function freeJobs(queries: Queries): Promise<void> {
  const engine = await queries.get<{ is: boolean }>("SELECT to_regclass('graphile_worker.jobs') IS NOT NULL AS is");
  if (!engine?.is) return;
  await queries.all(
    `SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT locked_by)) FROM graphile_worker.jobs
     WHERE locked_by IS NOT NULL HAVING count(*) > 0`,
  );
}

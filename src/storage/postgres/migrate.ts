import pg from 'pg';
import { migrationsIn } from '../migrations.ts';
import { asStorageError } from './errors.ts';
import { newestVersion } from './version.ts';

/** Whoever comes second waits for the first: processes are started together. Two numbers, so that no lock of a key can be the same. */
const LOCK = 'pg_advisory_xact_lock(741852, 1)';

/**
 * Brings the database up to the newest migration, all of it or nothing.
 *
 * @returns the version that it had and the one that it has now; 0: nothing was there.
 * @throws NewerSchema when a later version of Slipstream has written it. @throws BeingFilled
 */
export async function migrate(url: string): Promise<{ from: number; to: number }> {
  const steps = migrationsIn('postgres');
  const newest = newestVersion();
  const client = new pg.Client({ connectionString: url, application_name: 'slipstream migrate' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('BEGIN');
    await client.query(`SELECT ${LOCK}`);
    const { rows: alone } = await client.query<{ free: boolean }>(
      'SELECT pg_try_advisory_xact_lock_shared(741852, 2) AS free',
    );
    if (!alone[0]?.free) throw new BeingFilled();
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ at: number }>('SELECT coalesce(max(number), 0) AS at FROM migrations');
    const at = rows[0]?.at ?? 0;
    if (at > newest) throw new NewerSchema(at, newest);
    for (const { number, name, sql } of steps.filter((step) => step.number > at)) {
      await client.query(sql);
      await client.query('INSERT INTO migrations (number, name) VALUES ($1, $2)', [number, name]);
    }
    await client.query('COMMIT');
    return { from: at, to: newest };
  } catch (error) {
    throw asStorageError(error);
  } finally {
    // A transaction that is not over ends with its connection.
    await client.end().catch(() => {});
  }
}

export class NewerSchema extends Error {
  constructor(at: number, known: number) {
    super(
      `The database in DATABASE_URL was written by a newer Slipstream (its version is ${at}, this program knows ${known}). ` +
        'Nothing was changed. Start the newer version again, or restore a dump made with this one.',
    );
    this.name = 'NewerSchema';
  }
}

/** An installation is being copied into the database (`move/permission.ts` has the lock), and nothing of it is to be seen yet. */
export class BeingFilled extends Error {
  constructor() {
    super(
      'An installation is being copied into the database in DATABASE_URL by "slipstream migrate --from sqlite". Nothing was changed. Wait until it says that it is done, then try again.',
    );
    this.name = 'BeingFilled';
  }
}

import pg from 'pg';
import { migrationsIn } from '../migrations.ts';
import { connectionTo, settingsFor } from './database.ts';
import { asStorageError } from './errors.ts';
import { BeingFilled, NewerSchema, NotUnicode } from './refusals.ts';
import { newestVersion } from './version.ts';

/** Whoever comes second waits for the first: processes are started together. Two numbers, so that no lock of a key can be the same. */
const LOCK = 'pg_advisory_xact_lock(741852, 1)';
/** A large library takes its time. */
const PATIENCE = Number.POSITIVE_INFINITY;

/**
 * Brings the database up to the newest migration, all of it or nothing.
 *
 * @returns the version that it had and the one that it has now; 0: nothing was there.
 * @throws NewerSchema when a later version of Slipstream has written it. @throws BeingFilled NotUnicode
 */
export async function migrate(url: string): Promise<{ from: number; to: number }> {
  const steps = migrationsIn('postgres');
  const newest = newestVersion();
  const client = new pg.Client(connectionTo(url, PATIENCE, 'slipstream migrate'));
  // Where it breaks, the statement that runs fails, and the transaction with it.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(settingsFor(PATIENCE));
    await client.query('BEGIN');
    await client.query(`SELECT ${LOCK}`);
    await assertUsable(client);
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

async function assertUsable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ free: boolean; encoding: string }>(
    "SELECT pg_try_advisory_xact_lock_shared(741852, 2) AS free, current_setting('server_encoding') AS encoding",
  );
  const { free = false, encoding = '' } = rows[0] ?? {};
  if (encoding !== 'UTF8') throw new NotUnicode(encoding);
  if (!free) throw new BeingFilled();
}

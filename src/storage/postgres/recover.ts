import { SAY_DUE } from './channels.ts';
import type { Database } from './database.ts';

const SELECT_DESERTED = `
  WITH locks AS (
    SELECT (classid::bigint << 32) | objid::bigint AS lock FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
  SELECT id, seq FROM tasks WHERE state = 'active' AND id <> ALL (@running) AND lock_of(key_name(tasks)) NOT IN (SELECT lock FROM locks)`;

// A task that was in flight at a crash may be what caused it, so it waits longer each time.
const GIVE_BACK = `
  UPDATE tasks SET state = 'pending', claimed_generation = NULL,
    due_at = claimed_at + CASE WHEN attempts < 3 THEN 0 ELSE 1000 * (1 << least(attempts, 12)) END
  WHERE id IN (
    SELECT tasks.id FROM tasks JOIN unnest(@ids::bigint[], @seqs::bigint[]) AS n (id, seq) USING (id, seq)
    WHERE state = 'active' FOR UPDATE OF tasks SKIP LOCKED)`;

/**
 * What was in flight in a process that is gone: nobody has its lock. A process that lost its connection for a moment has not either, so one look
 * is not enough; should it come back after the second one, its settlement is too late and changes nothing.
 *
 * The lock is looked for and not tried: for as long as that takes, its owner could not take it again.
 */
export function createRecover(db: Database, running: ReadonlySet<number>, graceMs: number): () => Promise<number> {
  /** Since when each was seen so; by sequence, because the same task may be given out anew. */
  let deserted = new Map<number, number>();

  return async () => {
    const rows = await db.all<{ id: number; seq: number }>(SELECT_DESERTED, { running: [...running] });
    const now = performance.now();
    deserted = new Map(rows.map(({ seq }) => [seq, deserted.get(seq) ?? now]));
    const lost = rows.filter(({ seq }) => now - (deserted.get(seq) ?? now) >= graceMs);
    if (lost.length === 0) return 0;
    return db.transaction(async (queries) => {
      const given = await queries.run(GIVE_BACK, { ids: lost.map(({ id }) => id), seqs: lost.map(({ seq }) => seq) });
      await queries.run(SAY_DUE);
      return given;
    });
  };
}

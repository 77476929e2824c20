import type { Database } from 'better-sqlite3';
import type { Items } from '../items.ts';
import type { RideType } from '../library.ts';

const LATEST_LAGS = 1_000;

/** Reads around items. The two verbs that write are for a worker's connection. */
export function createItems(db: Database): Items {
  const secret = db
    .prepare<[number, string, string], Buffer | null>(
      'SELECT secret FROM items WHERE account_id = ? AND type = ? AND item_id = ?',
    )
    .pluck();
  const beganAt = db
    .prepare<[number, string, string], number>(`
      SELECT began_at FROM items WHERE account_id = ? AND type = ? AND item_id = ? AND body_id IS NOT NULL AND missing_at IS NULL`)
    .pluck();
  const selectAudited = db.prepare<
    [number],
    { type: string; id: string; version: string; owned: number; pinned: number; absent: number }
  >(`
    SELECT type, item_id AS id, version, owned, pinned, body_id IS NULL AS absent FROM items
    WHERE account_id = ? AND (state = 'active' OR pinned = 1)`);
  const selectHeld = db.prepare<[number], { type: RideType; id: string; name: string; heldAt: number }>(`
    SELECT type, item_id AS id, title AS name, held_at AS heldAt FROM items WHERE account_id = ? AND held_at IS NOT NULL ORDER BY happened_at DESC`);
  const confirm = db.prepare<[number, number]>(`
    UPDATE items SET deleted_at = ?, deletion_announced = 1, held_at = NULL, missing_at = NULL WHERE account_id = ? AND held_at IS NOT NULL`);
  const release = db.prepare<[number], { type: string; id: string }>(`
    UPDATE items SET held_at = NULL, missing_at = NULL WHERE account_id = ? AND held_at IS NOT NULL RETURNING type, item_id AS id`);
  const greatest = db
    .prepare<[], number | null>(
      'SELECT max((SELECT max(seq) FROM items), (SELECT max(pins_seq) FROM accounts), (SELECT max(seq) FROM fetches))',
    )
    .pluck();
  const announced = db.prepare<[number, string, string, number, number]>(`
    SELECT 1 FROM fetches WHERE account_id = ? AND type = ? AND item_id = ? AND webhook_last >= ? AND webhook_first <= ? LIMIT 1`);
  const selectLags = db
    .prepare<[number, number, number], number>(`
      SELECT finished_at - webhook_first FROM fetches WHERE account_id = ? AND finished_at > ? AND webhook_first IS NOT NULL
      ORDER BY finished_at DESC LIMIT ?`)
    .pluck();
  const countFetched = db
    .prepare<[number, number], number>(
      "SELECT count(*) FROM fetches WHERE account_id = ? AND finished_at > ? AND origin = 'backfill'",
    )
    .pluck();

  return {
    secret: async ({ accountId, type, id }) => secret.get(accountId, type, id) ?? undefined,
    fetchedLaterThan: async (accountId, changes, marginMs) =>
      changes.map(({ type, id, happenedAt }) => (beganAt.get(accountId, type, id) ?? 0) > happenedAt + marginMs),
    audited: async (accountId) =>
      selectAudited
        .all(accountId)
        .map((row) => ({ ...row, owned: row.owned === 1, pinned: row.pinned === 1, absent: row.absent === 1 })),
    held: async (accountId) => selectHeld.all(accountId),
    confirmHeld: async (accountId, now) => confirm.run(now, accountId).changes,
    releaseHeld: async (accountId) => release.all(accountId),
    greatestSeq: async () => greatest.get() ?? 0,
    announcedInHistory: async ({ accountId, type, id }, from, to) =>
      announced.get(accountId, type, id, from, to) !== undefined,
    lags: async (accountId, since) => selectLags.all(accountId, since, LATEST_LAGS),
    fetchedSince: async (accountId, since) => countFetched.get(accountId, since) ?? 0,
  };
}

import type { Database } from 'better-sqlite3';
import type { Items } from '../items.ts';
import { isKnown } from '../known.ts';
import { createFetches } from './fetches.ts';
import { createHeld } from './held.ts';

const LATEST_LAGS = 1_000;

/** Whatever an item or a set of pins says was recorded with the fetch that said it; and so was what came to nothing. */
export const GREATEST_SEQ = 'SELECT max(seq) FROM fetches';

/** Reads around items. The verbs that write are for a worker's connection. */
export function createItems(db: Database): Items {
  const secret = db
    .prepare<[number, string, string], Buffer | null>(
      'SELECT secret FROM items WHERE account_id = ? AND type = ? AND item_id = ?',
    )
    .pluck();
  const selectFetched = db.prepare<[number, string, string], { began_at: number; fetched_at: number }>(`
    SELECT began_at, fetched_at FROM items
    WHERE account_id = ? AND type = ? AND item_id = ? AND body_id IS NOT NULL AND missing_at IS NULL`);
  const selectStanding = db.prepare<[number, string, string], { version: string; here: number }>(`
    SELECT version, body_id IS NOT NULL AND deleted_at IS NULL AS here FROM items
    WHERE account_id = ? AND type = ? AND item_id = ? AND missing_at IS NULL`);
  const selectAudited = db.prepare<
    [number],
    {
      type: string;
      id: string;
      version: string;
      owned: number;
      pinned: number;
      absent: number;
      held: number;
      kept: number;
    }
  >(`
    SELECT type, item_id AS id, version, owned, pinned, body_id IS NULL AS absent, held_at IS NOT NULL AS held,
      kept_at IS NOT NULL AS kept FROM items
    WHERE account_id = ? AND (state = 'active' OR pinned = 1)`);
  const greatest = db.prepare<[], number | null>(GREATEST_SEQ).pluck();
  const announced = db.prepare<[number, string, string, number, number]>(`
    SELECT 1 FROM fetches WHERE account_id = ? AND type = ? AND item_id = ? AND webhook_last >= ? AND webhook_first <= ? LIMIT 1`);
  const selectLags = db
    .prepare<[number, number, number], number>(`
      SELECT finished_at - webhook_first FROM fetches WHERE account_id = ? AND finished_at > ? AND webhook_first IS NOT NULL
      ORDER BY finished_at DESC LIMIT ?`)
    .pluck();
  const countFetched = db.prepare<[number, number], { count: number; first: number | null }>(
    "SELECT count(*) AS count, min(finished_at) AS first FROM fetches WHERE account_id = ? AND finished_at > ? AND origin = 'backfill'",
  );

  return {
    secret: async ({ accountId, type, id }) => secret.get(accountId, type, id) ?? undefined,
    fetchedLaterThan: async (accountId, changes, marginMs, clockOffset) =>
      changes.map(({ type, id, happenedAt, statement }) => {
        if (statement) {
          const standing = selectStanding.get(accountId, type, id);
          return isKnown(standing && { ...standing, here: standing.here === 1 }, statement);
        }
        const fetched = selectFetched.get(accountId, type, id);
        if (!fetched) return false;
        const after = happenedAt + marginMs;
        return fetched.began_at > after && fetched.fetched_at > after - clockOffset;
      }),
    audited: async (accountId) =>
      selectAudited.all(accountId).map(({ type, id, version, owned, pinned, absent, held, kept }) => ({
        ...{ type, id, version },
        ...{ owned: owned === 1, pinned: pinned === 1, absent: absent === 1, held: held === 1, kept: kept === 1 },
      })),
    ...createHeld(db),
    ...createFetches(db),
    greatestSeq: async () => greatest.get() ?? 0,
    announcedInHistory: async ({ accountId, type, id }, from, to) =>
      announced.get(accountId, type, id, from, to) !== undefined,
    lags: async (accountId, since) => selectLags.all(accountId, since, LATEST_LAGS),
    fetchedSince: async (accountId, since) => countFetched.get(accountId, since) ?? { count: 0, first: null },
  };
}

import type { Database } from 'better-sqlite3';
import type { Fetch, Items } from '../items.ts';

interface FetchRow extends Omit<Fetch, 'webhook'> {
  first: number | null;
  last: number | null;
}

interface StandingRow {
  hasBody: number;
  owned: number;
  pinned: number;
  fetchedAt: number;
  refusedAt: number | null;
  missingAt: number | null;
  heldAt: number | null;
  keptAt: number | null;
  deletedAt: number | null;
}

/** What is known of one item, whether it is here or not. */
export function createFetches(db: Database): Pick<Items, 'standing' | 'fetches'> {
  const selectStanding = db.prepare<[number, string, string], StandingRow>(`
    SELECT body_id IS NOT NULL AS hasBody, owned, pinned, fetched_at AS fetchedAt, refused_at AS refusedAt,
      missing_at AS missingAt, held_at AS heldAt, kept_at AS keptAt, deleted_at AS deletedAt
    FROM items WHERE account_id = ? AND type = ? AND item_id = ?`);
  const selectFetches = db.prepare<[number, string, string, number], FetchRow>(`
    SELECT origin, action, notifications, first_learnt_at AS firstLearntAt, webhook_first AS first, webhook_last AS last,
      claimed_at AS claimedAt, finished_at AS finishedAt, outcome, detail
    FROM fetches WHERE account_id = ? AND type = ? AND item_id = ? ORDER BY id DESC LIMIT ?`);

  return {
    async standing({ accountId, type, id }) {
      const row = selectStanding.get(accountId, type, id);
      return row && { ...row, hasBody: row.hasBody === 1, owned: row.owned === 1, pinned: row.pinned === 1 };
    },
    fetches: async ({ accountId, type, id }, limit) =>
      selectFetches.all(accountId, type, id, limit).map(({ first, last, ...fetch }) => ({
        ...fetch,
        webhook: first === null || last === null ? null : { first, last },
      })),
  };
}

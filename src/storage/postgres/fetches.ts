import type { Fetch, Items, Standing } from '../items.ts';
import type { Queries } from './database.ts';

interface FetchRow extends Omit<Fetch, 'webhook'> {
  first: number | null;
  last: number | null;
}

const OF_ITEM = 'account_id = @accountId AND type = @type AND item_id = @id';

/** What is known of one item, whether it is here or not. */
export function createFetches(db: Queries): Pick<Items, 'standing' | 'fetches'> {
  return {
    standing: ({ accountId, type, id }) =>
      db.get<Standing>(
        `SELECT body_id IS NOT NULL AS "hasBody", owned, pinned, fetched_at AS "fetchedAt", refused_at AS "refusedAt",
          missing_at AS "missingAt", held_at AS "heldAt", kept_at AS "keptAt", deleted_at AS "deletedAt"
        FROM items WHERE ${OF_ITEM}`,
        { accountId, type, id },
      ),
    async fetches({ accountId, type, id }, limit) {
      const rows = await db.all<FetchRow>(
        `SELECT origin, action, notifications, first_learnt_at AS "firstLearntAt", webhook_first AS first,
          webhook_last AS last, claimed_at AS "claimedAt", finished_at AS "finishedAt", outcome, detail
        FROM fetches WHERE ${OF_ITEM} ORDER BY id DESC LIMIT @limit`,
        { accountId, type, id, limit },
      );
      return rows.map(({ first, last, ...fetch }) => ({
        ...fetch,
        webhook: first === null || last === null ? null : { first, last },
      }));
    },
  };
}

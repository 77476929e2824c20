import type { ItemVerbs } from '../items.ts';
import type { Queries } from './database.ts';
import { lockSeveral } from './locking.ts';

/** What an account follows of others. */
export function createPinVerbs(queries: Queries): Pick<ItemVerbs, 'replacePins' | 'pinnedBy'> {
  return {
    async replacePins(accountId, pins, { seq }, now) {
      await lockSeveral(queries, accountId);
      const account = await queries.get<{ pins_seq: number }>(
        'SELECT pins_seq FROM accounts WHERE id = @accountId FOR KEY SHARE',
        { accountId },
      );
      if (!account || account.pins_seq >= seq) return undefined;
      const set = { accountId, seq, now, types: pins.map(({ type }) => type), ids: pins.map(({ id }) => id) };
      // Another rider's item is not followed any more, so it must be looked at again before it is shown again.
      await queries.run(
        `UPDATE items SET pinned = false, refused_at = CASE WHEN NOT owned THEN coalesce(refused_at, @now) END
        WHERE account_id = @accountId AND pinned
          AND NOT EXISTS (SELECT 1 FROM unnest(@types::text[], @ids::text[]) AS wanted (type, id)
            WHERE wanted.type = items.type AND wanted.id = items.item_id)`,
        set,
      );
      // And what is followed from now on is looked at by a later fetch: what was fetched before, for whatever reason, may be old.
      await queries.run(
        `INSERT INTO items (account_id, type, item_id, seq, pinned, began_at, fetched_at)
        SELECT DISTINCT @accountId::bigint, type, id, @seq::bigint, true, 0, @now::bigint
        FROM unnest(@types::text[], @ids::text[]) AS wanted (type, id)
        ON CONFLICT (account_id, type, item_id) DO UPDATE SET pinned = true,
          seq = CASE WHEN items.owned OR items.pinned THEN items.seq ELSE greatest(items.seq, excluded.seq) END,
          refused_at = CASE WHEN items.owned OR items.pinned THEN items.refused_at
            ELSE coalesce(items.refused_at, excluded.fetched_at) END`,
        set,
      );
      await queries.run('UPDATE accounts SET pins_seq = @seq WHERE id = @accountId', { accountId, seq });
      return queries.all(
        `SELECT type, item_id AS id FROM items WHERE account_id = @accountId AND pinned AND state <> 'active'`,
        { accountId },
      );
    },

    // Those who follow it first: nearly always nobody, and no account is looked at.
    async pinnedBy({ accountId, type, id }) {
      const rows = await queries.all<{ user_id: string }>(
        `WITH followers AS MATERIALIZED (SELECT account_id FROM items WHERE type = @type AND item_id = @id AND pinned AND account_id <> @accountId)
        SELECT user_id FROM followers JOIN accounts ON accounts.id = followers.account_id
        WHERE state = 'active' AND source = (SELECT source FROM accounts WHERE id = @accountId)
          AND EXISTS (SELECT FROM items WHERE account_id = @accountId AND type = @type AND item_id = @id AND owned)
        ORDER BY accounts.id`,
        { accountId, type, id },
      );
      return rows.map(({ user_id }) => user_id);
    },
  };
}

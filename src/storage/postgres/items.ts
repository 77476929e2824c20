import type { AuditedItem, Items } from '../items.ts';
import { isKnown } from '../known.ts';
import type { Database } from './database.ts';
import { createFetches } from './fetches.ts';
import { createHeld } from './held.ts';

const LATEST_LAGS = 1_000;

interface KnownRow {
  version: string;
  here: boolean;
  hasBody: boolean;
  began_at: number;
  fetched_at: number;
}

const OF_ITEM = 'account_id = @accountId AND type = @type AND item_id = @id';

/** Reads and writes around items. */
export function createItems(db: Database): Items {
  return {
    async secret({ accountId, type, id }) {
      const row = await db.get<{ secret: Buffer | null }>(`SELECT secret FROM items WHERE ${OF_ITEM}`, {
        accountId,
        type,
        id,
      });
      return row?.secret ?? undefined;
    },
    async fetchedLaterThan(accountId, changes, marginMs, clockOffset) {
      const rows = await db.all<KnownRow & { place: number }>(
        `SELECT place, version, body_id IS NOT NULL AND deleted_at IS NULL AS here, body_id IS NOT NULL AS "hasBody",
          began_at, fetched_at
        FROM unnest(@types::text[], @ids::text[]) WITH ORDINALITY AS asked (type, id, place)
          JOIN items ON account_id = @accountId AND items.type = asked.type AND item_id = asked.id AND missing_at IS NULL`,
        { accountId, types: changes.map(({ type }) => type), ids: changes.map(({ id }) => id) },
      );
      const known = new Map(rows.map((row) => [row.place, row]));
      return changes.map(({ happenedAt, statement }, at) => {
        const row = known.get(at + 1);
        if (!row) return false;
        if (statement) return isKnown(row, statement);
        const after = happenedAt + marginMs;
        return row.hasBody && row.began_at > after && row.fetched_at > after - clockOffset;
      });
    },
    audited: (accountId) =>
      db.all<AuditedItem>(
        `SELECT type, item_id AS id, version, owned, pinned, body_id IS NULL AS absent, held_at IS NOT NULL AS held,
          kept_at IS NOT NULL AS kept
        FROM items WHERE account_id = @accountId AND (state = 'active' OR pinned)`,
        { accountId },
      ),
    ...createHeld(db),
    ...createFetches(db),
    // Whatever an item or a set of pins says was recorded with the fetch that said it.
    async greatestSeq() {
      const row = await db.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM fetches');
      return row?.seq ?? 0;
    },
    async announcedInHistory({ accountId, type, id }, from, to) {
      const row = await db.get(
        `SELECT 1 FROM fetches WHERE ${OF_ITEM} AND webhook_last >= @from AND webhook_first <= @to LIMIT 1`,
        { accountId, type, id, from, to },
      );
      return row !== undefined;
    },
    async lags(accountId, since) {
      const rows = await db.all<{ lag: number }>(
        `SELECT finished_at - webhook_first AS lag FROM fetches
        WHERE account_id = @accountId AND finished_at > @since AND webhook_first IS NOT NULL
        ORDER BY finished_at DESC LIMIT ${LATEST_LAGS}`,
        { accountId, since },
      );
      return rows.map(({ lag }) => lag);
    },
    async fetchedSince(accountId, since) {
      const row = await db.get<{ count: number; first: number | null }>(
        `SELECT count(*) AS count, min(finished_at) AS first FROM fetches
        WHERE account_id = @accountId AND finished_at > @since AND origin = 'backfill'`,
        { accountId, since },
      );
      return row ?? { count: 0, first: null };
    },
  };
}

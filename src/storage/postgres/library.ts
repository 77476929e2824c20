import { ITEM_STATES, type ItemState } from '../../vocabulary.ts';
import type { Library, LibraryItem, LibraryQuery } from '../library.ts';
import { orderOf, sortColumn } from '../library-order.ts';
import { tally } from '../tally.ts';
import { createBodyReader } from './body-reader.ts';
import type { Database, Queries } from './database.ts';
import { cellsOf } from './facets.ts';
import { atOneInstant } from './instant.ts';
import { conditionOf } from './library-filter.ts';
import { createRevisions } from './revisions.ts';

type RideRow = Omit<LibraryItem, 'deleted_at' | 'fetched_at' | 'thumbnail'> & {
  deleted_at: number | null;
  fetched_at: number;
  thumbnail: string;
};

const COLUMNS = `item_id AS id, items.type, title AS name, description, rides.visibility, locality, rides.administrative_area,
  rides.country_code, rides.activity_type, rides.gear_id, rides.gear_name, rides.distance, elevation_gain, elevation_loss, duration,
  moving_time, avg_speed, calories, highest, departed_at, created_at, items.version AS updated_at, owned, items.pinned, items.state,
  deleted_at, fetched_at, thumbnail`;

export function createLibrary(db: Database): Library {
  return {
    list: (accountId, query) =>
      atOneInstant(db, async (queries) => {
        const items = (await selectPage(queries, accountId, query)).map(itemOf);
        const { totals, facets } = tally(await cellsOf(queries, accountId, query), query);
        const meta = { total: totals.count, page: query.page, page_size: query.pageSize };
        return { items, meta, totals, facets };
      }),
    async tally(accountId, filter) {
      const { sql, values } = conditionOf(accountId, filter);
      const row = await db.get<{ n: number }>(`SELECT count(*) AS n FROM listed WHERE ${sql}`, values);
      return row?.n ?? 0;
    },
    async find(accountId, type, id) {
      const row = await db.get<RideRow>(
        `SELECT ${COLUMNS} FROM items JOIN rides ON rides.item = items.id
        WHERE account_id = @accountId AND type = @type AND item_id = @id AND state <> 'absent'`,
        { accountId, type, id },
      );
      return row && itemOf(row);
    },
    ...createRevisions(db),
    body: createBodyReader(db),
    async count(accountId) {
      const rows = await db.all<{ state: string; n: number }>(
        'SELECT state, count(*) AS n FROM items WHERE account_id = @accountId GROUP BY state',
        { accountId },
      );
      const counts = new Map(rows.map(({ state, n }) => [state, n]));
      const entries = ITEM_STATES.map((state): [ItemState, number] => [state, counts.get(state) ?? 0]);
      return Object.fromEntries(entries) as Record<ItemState, number>;
    },
  };
}

/** Which items are on the page is decided among the narrow rows; the wide ones are read for those alone. */
function selectPage(db: Queries, accountId: number, query: LibraryQuery): Promise<RideRow[]> {
  const { page, pageSize, ...filter } = query;
  const { sql, values } = conditionOf(accountId, filter);
  const shown = `SELECT item, ${sortColumn(query)} FROM listed WHERE ${sql} ORDER BY ${orderOf(query)} LIMIT @pageSize OFFSET @offset`;
  return db.all<RideRow>(
    `SELECT ${COLUMNS} FROM (${shown}) AS shown JOIN items ON items.id = shown.item JOIN rides ON rides.item = shown.item
    ORDER BY ${orderOf(query, 'shown.')}`,
    { ...values, pageSize, offset: (page - 1) * pageSize },
  );
}

const itemOf = (row: RideRow): LibraryItem => ({
  ...row,
  deleted_at: row.deleted_at === null ? null : new Date(row.deleted_at).toISOString(),
  fetched_at: new Date(row.fetched_at).toISOString(),
  thumbnail: JSON.parse(row.thumbnail),
});

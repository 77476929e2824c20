import type { Database } from 'better-sqlite3';
import { ITEM_STATES, type ItemState } from '../../vocabulary.ts';
import type { Library, LibraryItem, LibraryQuery } from '../library.ts';
import { orderOf, sortColumn } from '../library-order.ts';
import { tally } from '../tally.ts';
import { createBodyReader } from './body-reader.ts';
import { cellsOf } from './facets.ts';
import { conditionOf } from './library-filter.ts';
import { createRevisions } from './revisions.ts';

type RideRow = Omit<LibraryItem, 'owned' | 'pinned' | 'deleted_at' | 'fetched_at' | 'thumbnail'> & {
  owned: number;
  pinned: number;
  deleted_at: number | null;
  fetched_at: number;
  thumbnail: string;
};

const COLUMNS = `item_id AS id, items.type, title AS name, description, rides.visibility, locality, rides.administrative_area,
  rides.country_code, rides.activity_type, rides.gear_id, rides.gear_name, rides.distance, elevation_gain, elevation_loss, duration,
  moving_time, avg_speed, calories, highest, departed_at, created_at, items.version AS updated_at, owned, items.pinned, items.state,
  deleted_at, fetched_at, thumbnail`;

export function createLibrary(db: Database): Library {
  const selectOne = db.prepare<[number, string, string], RideRow>(`
    SELECT ${COLUMNS} FROM items JOIN rides ON rides.item = items.id WHERE account_id = ? AND type = ? AND item_id = ? AND state <> 'absent'`);
  const countStates = db.prepare<[number], { state: string; n: number }>(
    'SELECT state, count(*) AS n FROM items WHERE account_id = ? GROUP BY state',
  );
  // Page and figures are of one instant: between two statements a worker may commit.
  const readPage = db.transaction((accountId: number, query: LibraryQuery) => ({
    items: selectPage(db, accountId, query).map(itemOf),
    ...tally(cellsOf(db, accountId, query), query),
  }));

  return {
    async list(accountId, query) {
      const { items, totals, facets } = readPage(accountId, query);
      const meta = { total: totals.count, page: query.page, page_size: query.pageSize };
      return { items, meta, totals, facets };
    },
    async tally(accountId, filter) {
      const { sql, values } = conditionOf(accountId, filter);
      return db.prepare<unknown[], number>(`SELECT count(*) FROM listed WHERE ${sql}`).pluck().get(values) ?? 0;
    },
    async find(accountId, type, id) {
      const row = selectOne.get(accountId, type, id);
      return row && itemOf(row);
    },
    ...createRevisions(db),
    body: createBodyReader(db),
    async count(accountId) {
      const counts = new Map(countStates.all(accountId).map(({ state, n }) => [state, n]));
      const entries = ITEM_STATES.map((state): [ItemState, number] => [state, counts.get(state) ?? 0]);
      return Object.fromEntries(entries) as Record<ItemState, number>;
    },
  };
}

/** Which items are on the page is decided among the narrow rows; the wide ones are read for those alone. */
function selectPage(db: Database, accountId: number, query: LibraryQuery): RideRow[] {
  const { page, pageSize, ...filter } = query;
  const { sql, values } = conditionOf(accountId, filter);
  const shown = `SELECT item, ${sortColumn(query)} FROM listed WHERE ${sql} ORDER BY ${orderOf(query)} LIMIT @pageSize OFFSET @offset`;
  return db
    .prepare<unknown[], RideRow>(`
      SELECT ${COLUMNS} FROM (${shown}) AS shown CROSS JOIN items ON items.id = shown.item CROSS JOIN rides ON rides.item = shown.item
      ORDER BY ${orderOf(query, 'shown.')}`)
    .all({ ...values, pageSize, offset: (page - 1) * pageSize });
}

function itemOf(row: RideRow): LibraryItem {
  return {
    ...row,
    owned: row.owned === 1,
    pinned: row.pinned === 1,
    deleted_at: row.deleted_at === null ? null : new Date(row.deleted_at).toISOString(),
    fetched_at: new Date(row.fetched_at).toISOString(),
    thumbnail: JSON.parse(row.thumbnail),
  };
}

import { zstdDecompressSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { ITEM_STATES, type ItemState } from '../../vocabulary.ts';
import type { Library, LibraryItem, LibraryQuery, RideType } from '../library.ts';

type RideRow = Omit<LibraryItem, 'owned' | 'pinned' | 'deleted_at' | 'fetched_at' | 'thumbnail'> & {
  owned: number;
  pinned: number;
  deleted_at: number | null;
  fetched_at: number;
  thumbnail: string;
};

const COLUMNS = `item_id AS id, type, title AS name, description, visibility, locality, administrative_area, country_code, activity_type,
  distance, elevation_gain, elevation_loss, duration, moving_time, avg_speed, departed_at, created_at, version AS updated_at,
  owned, pinned, state, deleted_at, fetched_at, thumbnail`;

const WHERE = `account_id = @accountId AND state = @state AND type IN (SELECT value FROM json_each(@types))
  AND (@pinned IS NULL OR pinned = @pinned) AND (@since IS NULL OR version >= @since)
  AND (@q IS NULL OR title LIKE @q ESCAPE '\\' OR description LIKE @q ESCAPE '\\' OR locality LIKE @q ESCAPE '\\'
    OR administrative_area LIKE @q ESCAPE '\\')`;

export function createLibrary(db: Database): Library {
  const select = db.prepare<unknown[], RideRow>(`
    SELECT ${COLUMNS} FROM items JOIN rides ON rides.item = items.id WHERE ${WHERE}
    ORDER BY happened_at DESC, items.id DESC LIMIT @pageSize OFFSET @offset`);
  const count = db
    .prepare<unknown[], number>(`SELECT count(*) FROM items JOIN rides ON rides.item = items.id WHERE ${WHERE}`)
    .pluck();
  const selectOne = db.prepare<[number, string, string], RideRow>(`
    SELECT ${COLUMNS} FROM items JOIN rides ON rides.item = items.id WHERE account_id = ? AND type = ? AND item_id = ? AND state <> 'absent'`);
  const selectBody = db
    .prepare<[number, string, string], Buffer>(`
      SELECT zstd FROM items JOIN bodies ON bodies.id = items.body_id WHERE account_id = ? AND type = ? AND item_id = ?`)
    .pluck();
  const countStates = db.prepare<[number], { state: string; n: number }>(
    'SELECT state, count(*) AS n FROM items WHERE account_id = ? GROUP BY state',
  );

  return {
    async list(accountId, query) {
      const filter = filterOf(accountId, query);
      const offset = (query.page - 1) * query.pageSize;
      const items = select.all({ ...filter, pageSize: query.pageSize, offset }).map(itemOf);
      return { items, meta: { total: count.get(filter) ?? 0, page: query.page, page_size: query.pageSize } };
    },
    async find(accountId, type, id) {
      const row = selectOne.get(accountId, type, id);
      return row && itemOf(row);
    },
    async body(accountId, type, id) {
      const zstd = selectBody.get(accountId, type, id);
      return zstd && zstdDecompressSync(zstd);
    },
    async count(accountId) {
      const counts = new Map(countStates.all(accountId).map(({ state, n }) => [state, n]));
      const entries = ITEM_STATES.map((state): [ItemState, number] => [state, counts.get(state) ?? 0]);
      return Object.fromEntries(entries) as Record<ItemState, number>;
    },
  };
}

function filterOf(accountId: number, { types, q, state, pinned, since }: LibraryQuery) {
  return {
    accountId,
    types: JSON.stringify(types satisfies readonly RideType[]),
    state: state ?? 'active',
    pinned: pinned === undefined ? null : Number(pinned),
    since: since ?? null,
    q: q ? `%${q.replace(/[\\%_]/g, '\\$&')}%` : null,
  };
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

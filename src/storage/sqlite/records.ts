import type { Database } from 'better-sqlite3';
import { addedUp, type RecordRow, recordOf, recordPage } from '../record-rows.ts';
import type { RecordCount, RecordQuery, Records } from '../records.ts';
import { createBodyReader } from './body-reader.ts';
import { createRevisions } from './revisions.ts';
import { matchOf } from './typed-words.ts';

/** A ride has its place where other records have a summary. */
const WIDE = `
  SELECT accounts.id AS accountId, source, user_id AS account, items.type, item_id AS id, version, items.state, fetched_at, deleted_at, title,
    coalesce(summary, concat_ws(', ', nullif(locality, ''), nullif(administrative_area, '')), '') AS summary`;
const BESIDE = `
  CROSS JOIN accounts ON accounts.id = items.account_id
  LEFT JOIN records ON records.item = items.id LEFT JOIN rides ON rides.item = items.id`;
const ORDER = 'happened_at DESC, id';

export function createRecords(db: Database): Records {
  // Page and figures are of one instant: between two statements a worker may commit.
  const readPage = db.transaction((accountIds: readonly number[], query: RecordQuery) => ({
    items: selectPage(db, accountIds, query).map(recordOf),
    counts: countEach(db, accountIds, query.q),
  }));

  return {
    async list(accountIds, query) {
      const { items, counts } = readPage(accountIds, query);
      return recordPage(items, counts, query);
    },
    async find(accountIds, type, id) {
      const { sql, values } = among(accountIds);
      const row = db
        .prepare<unknown[], RecordRow>(`
          ${WIDE} FROM items ${BESIDE} WHERE ${sql} AND items.type = @type AND item_id = @id AND items.state <> 'absent'
          ORDER BY version DESC, fetched_at DESC LIMIT 1`)
        .get({ ...values, type, id });
      return row && recordOf(row);
    },
    count: async (accountIds) => countEach(db, accountIds),
    body: createBodyReader(db),
    ...createRevisions(db),
  };
}

/** Which records are on the page is decided in an index; the wide rows are read for those alone. */
function selectPage(db: Database, accountIds: readonly number[], query: RecordQuery): RecordRow[] {
  const { type, state = 'active', q, page, pageSize } = query;
  const { sql, values } = among(accountIds, q);
  const ofType = type === undefined ? '' : 'AND type = @type';
  const shown = `SELECT id FROM items WHERE ${sql} AND state = @state ${ofType} ORDER BY ${ORDER} LIMIT @pageSize OFFSET @offset`;
  return db
    .prepare<unknown[], RecordRow>(`
      ${WIDE} FROM (${shown}) AS shown CROSS JOIN items ON items.id = shown.id ${BESIDE}
      ORDER BY items.happened_at DESC, items.id`)
    .all({ ...values, type, state, pageSize, offset: (page - 1) * pageSize });
}

/** By account first: in the order of the index nothing has to be sorted. */
function countEach(db: Database, accountIds: readonly number[], q?: string): RecordCount[] {
  const { sql, values } = among(accountIds, q);
  const rows = db
    .prepare<unknown[], RecordCount>(`
      SELECT type, state, count(*) AS count FROM items WHERE ${sql} AND state <> 'absent'
      GROUP BY account_id, type, state ORDER BY account_id, type, state`)
    .all(values);
  return addedUp(rows);
}

/** Written out one by one: with one account, which is the usual, the index gives the order too. */
function among(accountIds: readonly number[], q?: string): { sql: string; values: Record<string, string | number> } {
  const values: Record<string, string | number> = {};
  const names = accountIds.map((id, at) => {
    values[`account${at}`] = id;
    return `@account${at}`;
  });
  const sql = `items.account_id IN (${names.join(', ')})`;
  const match = q === undefined ? undefined : matchOf(q);
  if (match === undefined) return { sql, values };
  // The plus keeps it from being the way into the table: a word that is in every record would cost a search for each of them.
  return {
    sql: `${sql} AND +items.id IN (SELECT rowid FROM search WHERE search MATCH @q)`,
    values: { ...values, q: match },
  };
}

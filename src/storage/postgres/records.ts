import { addedUp, type RecordRow, recordOf, recordPage } from '../record-rows.ts';
import type { RecordCount, RecordQuery, Records } from '../records.ts';
import { createBodyReader } from './body-reader.ts';
import type { Database, Queries } from './database.ts';
import { atOneInstant } from './instant.ts';
import { createRevisions } from './revisions.ts';
import { FOUND, queryOf } from './typed-words.ts';

/** A ride has its place where other records have a summary. */
const WIDE = `
  SELECT accounts.id AS "accountId", source, user_id AS account, items.type, item_id AS id, version, items.state, fetched_at, deleted_at, title,
    coalesce(summary, concat_ws(', ', nullif(locality, ''), nullif(administrative_area, '')), '') AS summary`;
const BESIDE = `
  JOIN accounts ON accounts.id = items.account_id
  LEFT JOIN records ON records.item = items.id LEFT JOIN rides ON rides.item = items.id`;

export function createRecords(db: Database): Records {
  return {
    list: (accountIds, query) =>
      atOneInstant(db, async (queries) => {
        const items = (await selectPage(queries, accountIds, query)).map(recordOf);
        return recordPage(items, await countEach(queries, accountIds, query.q), query);
      }),
    async find(accountIds, type, id) {
      const row = await db.get<RecordRow>(
        `${WIDE} FROM items ${BESIDE}
        WHERE items.account_id = ANY(@accountIds) AND items.type = @type AND item_id = @id AND items.state <> 'absent'
        ORDER BY version DESC, fetched_at DESC, items.account_id LIMIT 1`,
        { accountIds, type, id },
      );
      return row && recordOf(row);
    },
    count: (accountIds) => countEach(db, accountIds),
    body: createBodyReader(db),
    ...createRevisions(db),
  };
}

/** Which records are on the page is decided in an index; the wide rows are read for those alone. */
function selectPage(db: Queries, accountIds: readonly number[], query: RecordQuery): Promise<RecordRow[]> {
  const { type, state = 'active', q, page, pageSize } = query;
  const { sql, values } = among(accountIds, q);
  const ofType = type === undefined ? '' : 'AND type = @type';
  const shown = `
    SELECT id FROM items WHERE ${sql} AND state = @state ${ofType} ORDER BY happened_at DESC, id LIMIT @pageSize OFFSET @offset`;
  return db.all<RecordRow>(
    `${WIDE} FROM (${shown}) AS shown JOIN items ON items.id = shown.id ${BESIDE} ORDER BY items.happened_at DESC, items.id`,
    { ...values, type, state, pageSize, offset: (page - 1) * pageSize },
  );
}

async function countEach(db: Queries, accountIds: readonly number[], q?: string): Promise<RecordCount[]> {
  const { sql, values } = among(accountIds, q);
  const rows = await db.all<RecordCount>(
    `SELECT type, state, count(*) AS count FROM items WHERE ${sql} AND state <> 'absent' GROUP BY type, state`,
    values,
  );
  return addedUp(rows);
}

/** With one account, which is the usual, the index gives the order too. */
function among(accountIds: readonly number[], q?: string): { sql: string; values: Record<string, unknown> } {
  const [only] = accountIds;
  const one = accountIds.length === 1;
  const sql = one ? 'account_id = @accountId' : 'account_id = ANY(@accountIds)';
  const values = one ? { accountId: only } : { accountIds };
  const found = q === undefined ? undefined : queryOf(accountIds, q);
  return found === undefined ? { sql, values } : { sql: `${sql} AND id IN (${FOUND})`, values: { ...values, q: found } };
}

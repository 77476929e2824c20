import type { Database } from 'better-sqlite3';
import type { Passage, Revisions } from '../history.ts';
import { type BodyRow, type FetchRow, passageOf, revisionsOf } from '../history-rows.ts';

const MOST_PASSAGES = 200;

/** The earlier bodies in the order in which they were replaced, and behind them the present one. */
const VERSIONS = `
  WITH asked AS (SELECT * FROM items WHERE account_id = @accountId AND type = @type AND item_id = @id AND body_id IS NOT NULL),
  versions AS (
    SELECT revisions.id AS place, revisions.body_id, revisions.version, revisions.fetched_at, replaced_at
      FROM revisions JOIN asked ON asked.id = revisions.item
    UNION ALL SELECT 9223372036854775807, body_id, version, fetched_at, NULL FROM asked)`;

/** The zstd of one version by its number. */
export const selectRevisionBody = (db: Database) =>
  db
    .prepare<unknown[], Buffer>(`
      ${VERSIONS}, numbered AS (SELECT body_id, row_number() OVER (ORDER BY place) AS revision FROM versions)
      SELECT zstd FROM numbered JOIN bodies ON bodies.id = body_id WHERE revision = @revision`)
    .pluck();

export function createRevisions(db: Database): Revisions {
  const select = db.prepare<unknown[], BodyRow>(`
    ${VERSIONS} SELECT version, fetched_at, replaced_at, bytes FROM versions JOIN bodies ON bodies.id = body_id ORDER BY place`);
  const count = db
    .prepare<[number, string, string], number>(`
      SELECT count(*) FROM revisions JOIN items ON items.id = revisions.item WHERE account_id = ? AND type = ? AND item_id = ?`)
    .pluck();
  const selectArrivals = db.prepare<[number, string, string], FetchRow>(`
    SELECT * FROM fetches WHERE account_id = ? AND type = ? AND item_id = ? AND outcome IN ('created', 'updated')`);
  // Whatever answers after a deletion has brought the item back, with the same body too.
  const selectPassages = db.prepare<[number, string, string, number], FetchRow & { what: Passage['what'] }>(`
    WITH told AS (
      SELECT *, CASE outcome WHEN 'tombstoned' THEN 'deleted' WHEN 'hidden' THEN 'hidden' ELSE 'back' END AS what
      FROM fetches WHERE account_id = ? AND type = ? AND item_id = ?
        AND outcome IN ('created', 'updated', 'unchanged', 'tombstoned', 'hidden')),
    ordered AS (SELECT *, lag(what, 1, 'back') OVER (ORDER BY id) AS before FROM told)
    SELECT * FROM ordered WHERE what <> before ORDER BY id DESC LIMIT ?`);

  return {
    revisions: async (accountId, type, id) =>
      revisionsOf(select.all({ accountId, type, id }), selectArrivals.all(accountId, type, id)),
    countEarlier: async (accountId, type, id) => count.get(accountId, type, id) ?? 0,
    passages: async (accountId, type, id) => selectPassages.all(accountId, type, id, MOST_PASSAGES).map(passageOf),
  };
}

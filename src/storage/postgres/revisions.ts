import type { Passage, Revisions } from '../history.ts';
import { type BodyRow, type FetchRow, passageOf, revisionsOf } from '../history-rows.ts';
import type { Queries } from './database.ts';

const MOST_PASSAGES = 200;

const OF_ITEM = 'account_id = @accountId AND type = @type AND item_id = @id';
const FETCH = 'origin, action, first_learnt_at, webhook_first, finished_at';

/** The earlier bodies in the order in which they were replaced, and behind them the present one. */
const VERSIONS = `
  WITH asked AS (SELECT id, body_id, version, fetched_at FROM items WHERE ${OF_ITEM} AND body_id IS NOT NULL),
  versions AS (
    SELECT revisions.id AS place, revisions.body_id, revisions.version, revisions.fetched_at, replaced_at
      FROM revisions JOIN asked ON asked.id = revisions.item
    UNION ALL SELECT 9223372036854775807, body_id, version, fetched_at, NULL FROM asked)`;

/** The zstd of one version by its number. */
export const REVISION_BODY = `
  ${VERSIONS}, numbered AS (SELECT body_id, row_number() OVER (ORDER BY place) AS revision FROM versions)
  SELECT zstd FROM numbered JOIN bodies ON bodies.id = body_id WHERE revision = @revision::double precision`;

export function createRevisions(db: Queries): Revisions {
  return {
    async revisions(accountId, type, id) {
      const of = { accountId, type, id };
      const bodies = await db.all<BodyRow>(
        `${VERSIONS} SELECT version, fetched_at, replaced_at, bytes FROM versions JOIN bodies ON bodies.id = body_id ORDER BY place`,
        of,
      );
      const arrivals = await db.all<FetchRow>(
        `SELECT ${FETCH} FROM fetches WHERE ${OF_ITEM} AND outcome IN ('created', 'updated') ORDER BY id`,
        of,
      );
      return revisionsOf(bodies, arrivals);
    },
    async countEarlier(accountId, type, id) {
      const row = await db.get<{ n: number }>(
        `SELECT count(*) AS n FROM revisions JOIN items ON items.id = revisions.item WHERE ${OF_ITEM}`,
        { accountId, type, id },
      );
      return row?.n ?? 0;
    },
    async passages(accountId, type, id) {
      // Whatever answers after a deletion has brought the item back, with the same body too.
      const rows = await db.all<FetchRow & { what: Passage['what'] }>(
        `WITH told AS (
          SELECT id, ${FETCH}, CASE outcome WHEN 'tombstoned' THEN 'deleted' WHEN 'hidden' THEN 'hidden' ELSE 'back' END AS what
          FROM fetches WHERE ${OF_ITEM} AND outcome IN ('created', 'updated', 'unchanged', 'tombstoned', 'hidden')),
        ordered AS (SELECT *, lag(what, 1, 'back') OVER (ORDER BY id) AS before FROM told)
        SELECT ${FETCH}, what FROM ordered WHERE what <> before ORDER BY id DESC LIMIT ${MOST_PASSAGES}`,
        { accountId, type, id },
      );
      return rows.map(passageOf);
    },
  };
}

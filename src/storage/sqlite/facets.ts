import type { Database } from 'better-sqlite3';
import type { LibraryFilter } from '../library.ts';
import { type Cell, withoutDimensions } from '../tally.ts';
import { conditionOf, UNTIL } from './library-filter.ts';

/** Items grouped by all that facets are made of, in one pass. */
export function cellsOf(db: Database, accountId: number, filter: LibraryFilter): Cell[] {
  const { from, to } = filter;
  const { sql, values } = conditionOf(accountId, withoutDimensions(filter));
  const inTime = [from && 'happened_at >= @from', to && UNTIL].filter(Boolean).join(' AND ') || 'TRUE';
  return db
    .prepare<unknown[], Cell>(`
      WITH cells AS (
        SELECT kind, year, count(*) AS atAnyTime, count(*) FILTER (WHERE ${inTime}) AS count,
          total(distance) FILTER (WHERE ${inTime}) AS distance, total(climbing) FILTER (WHERE ${inTime}) AS climbing,
          total(time) FILTER (WHERE ${inTime}) AS time
        FROM listed WHERE ${sql} AND kind IN (SELECT id FROM kinds WHERE account_id = @accountId)
        GROUP BY kind, year)
      SELECT activity_type AS activity, gear_id AS gear, gear_name AS gearName, visibility, country_code AS country,
        country AS countryName, administrative_area AS area, cells.*
      FROM cells JOIN kinds ON kinds.id = kind`)
    .all({ ...values, ...(from && { from }), ...(to && { to }) });
}

import type { LibraryFilter } from '../library.ts';
import { type Cell, withoutDimensions } from '../tally.ts';
import type { Queries } from './database.ts';
import { conditionOf, UNTIL } from './library-filter.ts';

/** Items grouped by all that facets are made of, in one pass. In the order of the kinds: of two names for a bike the first one counts. */
export function cellsOf(db: Queries, accountId: number, filter: LibraryFilter): Promise<Cell[]> {
  const { from, to } = filter;
  const { sql, values } = conditionOf(accountId, withoutDimensions(filter));
  const inTime = [from && 'happened_at >= @from', to && UNTIL].filter(Boolean).join(' AND ') || 'TRUE';
  return db.all<Cell>(
    `
    WITH cells AS (
      SELECT kind, year, count(*) AS "atAnyTime", count(*) FILTER (WHERE ${inTime}) AS count,
        coalesce(sum(distance) FILTER (WHERE ${inTime}), 0) AS distance,
        coalesce(sum(climbing) FILTER (WHERE ${inTime}), 0) AS climbing,
        coalesce(sum(time) FILTER (WHERE ${inTime}), 0) AS time
      FROM listed WHERE ${sql} GROUP BY kind, year)
    SELECT activity_type AS activity, gear_id AS gear, gear_name AS "gearName", visibility, country_code AS country,
      country AS "countryName", administrative_area AS area, year, "atAnyTime", count, distance, climbing, time
    FROM cells JOIN kinds ON kinds.id = kind ORDER BY kind, year`,
    { ...values, ...(from && { from }), ...(to && { to }) },
  );
}

import type { Database } from 'better-sqlite3';
import type { Facet, Facets, LibraryFilter, LibraryTotals } from '../library.ts';
import { conditionOf, UNTIL } from './library-filter.ts';

/** How many items have all of these in common, and their figures. */
interface Cell {
  activity: string;
  gear: string;
  gearName: string;
  visibility: string;
  country: string;
  countryName: string;
  area: string;
  year: string;
  /** Also outside the days that are asked for. */
  atAnyTime: number;
  count: number;
  distance: number;
  climbing: number;
  time: number;
}

type Named = Facet & { name: string };

/** The filters whose values are offered with counts: each is counted as if it alone were not set. */
const DIMENSIONS = {
  activity: (cell: Cell, { activity }: LibraryFilter) => activity === undefined || activity === cell.activity,
  gear: (cell: Cell, { gear }: LibraryFilter) => gear === undefined || gear === cell.gear,
  visibility: (cell: Cell, { visibility }: LibraryFilter) => visibility === undefined || visibility === cell.visibility,
  place: (cell: Cell, { country, area }: LibraryFilter) =>
    (country === undefined || country === cell.country) && (area === undefined || area === cell.area),
};
type Dimension = keyof typeof DIMENSIONS;

/**
 * Totals and facets of what is filtered, in one pass over the items: they are grouped once by all that facets are made of, and the
 * few cells that come out are summed up here, for each facet without its own filter.
 */
export function tallyFacets(
  db: Database,
  accountId: number,
  filter: LibraryFilter,
): { totals: LibraryTotals; facets: Facets } {
  const cells = cellsOf(db, accountId, filter);
  const missed = new Map(cells.map((cell) => [cell, missedBy(cell, filter)]));
  const but = (dimension: Dimension) =>
    cells.filter((cell) => (missed.get(cell) ?? []).every((each) => each === dimension));
  const all = cells.filter((cell) => missed.get(cell)?.length === 0);
  const places = but('place');
  return {
    totals: totalsOf(all),
    facets: {
      activities: counted(but('activity'), 'activity').map(unnamed),
      gear: counted(but('gear'), 'gear', 'gearName'),
      visibilities: counted(but('visibility'), 'visibility').map(unnamed),
      countries: counted(places, 'country', 'countryName').map((country) => ({
        ...country,
        areas: counted(
          places.filter((cell) => cell.country === country.value),
          'area',
        ).map(unnamed),
      })),
      years: counted(
        all.map((cell) => ({ ...cell, count: cell.atAnyTime })),
        'year',
      )
        .map(unnamed)
        .sort((a, b) => b.value.localeCompare(a.value)),
    },
  };
}

function cellsOf(db: Database, accountId: number, filter: LibraryFilter): Cell[] {
  const { from, to, activity, gear, visibility, country, area, ...others } = filter;
  const { sql, values } = conditionOf(accountId, others);
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

const missedBy = (cell: Cell, filter: LibraryFilter): Dimension[] =>
  (Object.keys(DIMENSIONS) as Dimension[]).filter((dimension) => !DIMENSIONS[dimension](cell, filter));

function totalsOf(cells: readonly Cell[]): LibraryTotals {
  const totals: LibraryTotals = { count: 0, distance: 0, climbing: 0, moving_time: 0 };
  for (const cell of cells) {
    totals.count += cell.count;
    totals.distance += cell.distance;
    totals.climbing += cell.climbing;
    totals.moving_time += cell.time;
  }
  return totals;
}

type Texts = 'activity' | 'gear' | 'gearName' | 'visibility' | 'country' | 'countryName' | 'area' | 'year';

/** What nobody gave a value is no choice. */
function counted(cells: readonly Cell[], by: Texts, name: Texts = by): Named[] {
  const found = new Map<string, Named>();
  for (const cell of cells) {
    if (cell[by] === '' || cell.count === 0) continue;
    const facet = found.get(cell[by]) ?? { value: cell[by], name: cell[name] || cell[by], count: 0 };
    facet.count += cell.count;
    found.set(cell[by], facet);
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}

const unnamed = ({ value, count }: Named): Facet => ({ value, count });

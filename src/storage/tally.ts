import type { Facet, Facets, LibraryFilter, LibraryTotals } from './library.ts';

/** How many items have all of these in common, and their figures. */
export interface Cell {
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

/** What those filters leave to the storage, which groups the items by them. */
export function withoutDimensions(filter: LibraryFilter): LibraryFilter {
  const { from, to, activity, gear, visibility, country, area, ...others } = filter;
  return others;
}

/** Totals and facets: the few cells that items were grouped to are summed up, for each facet without its own filter. */
export function tally(cells: readonly Cell[], filter: LibraryFilter): { totals: LibraryTotals; facets: Facets } {
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

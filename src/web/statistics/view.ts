import type { Sort } from '../../storage/library.ts';
import { BEGINNING, type Filters, type LibraryView, readView, usualOrder, viewHref } from '../library-view.ts';
import { MEASURES, type MeasureName } from './measures.ts';

/** What of the statistics is looked at: the filters of the library by the same names, a year, and what the bars show. */
export interface StatisticsView {
  /** With the rest of the address: links that change a filter keep it. */
  library: LibraryView;
  /** `2026`, `all`; undefined: whichever the library ends with. */
  year: string | undefined;
  by: MeasureName;
}

/** Anything that is not understood is left out: an address is never an error. */
export function readStatisticsView(parameters: URLSearchParams): StatisticsView {
  const { q, filters } = readView(parameters);
  const { whose: _, ...limits } = filters;
  const asked = parameters.get('year') ?? '';
  const year = asked === 'all' || (/^\d{4}$/.test(asked) && overlaps(asked, limits)) ? asked : undefined;
  const by = MEASURES.find((known) => known === parameters.get('by')) ?? 'distance';
  return viewOf({ ...BEGINNING, q, filters: limits }, year, by);
}

/** A range of days in the address that does not touch the year was set after it, and counts instead. */
const overlaps = (year: string, { from = '', to = '9' }: Filters): boolean =>
  from <= `${year}-12-31` && to >= `${year}-01-01`;

function viewOf(library: LibraryView, year: string | undefined, by: MeasureName): StatisticsView {
  const extra: [string, string][] = [
    ['year', year ?? ''],
    ['by', by === 'distance' ? '' : by],
  ];
  return { library: { ...library, at: '/statistics', extra: extra.filter(([, value]) => value !== '') }, year, by };
}

/** The same statistics of another year, or of another figure. */
export function statisticsHref(
  { library, year, by }: StatisticsView,
  changes: { year?: string | undefined; by?: MeasureName },
): string {
  const changed = { year, by, ...changes };
  return viewHref(viewOf(library, changed.year, changed.by).library);
}

/** Where in the library exactly these rides are: what is counted there is what is counted here. */
export function ridesHref({ library }: StatisticsView, limits: Filters = {}, sort: Sort = 'date'): string {
  const { filters, q } = library;
  const narrowed: Filters = { ...filters, ...limits, whose: 'mine' };
  if (limits.from && filters.from && filters.from > limits.from) narrowed.from = filters.from;
  if (limits.to && filters.to && filters.to < limits.to) narrowed.to = filters.to;
  return viewHref({ ...BEGINNING, tab: 'trips', q, filters: narrowed, sort, order: usualOrder(sort) });
}

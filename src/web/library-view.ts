import type { LibraryFilter, LibraryQuery, Order, Sort } from '../storage/library.ts';
import { METRES_PER_FOOT, METRES_PER_MILE } from './units.ts';

/** What of the library is looked at: the address of the page read, and written. */
export const TABS = ['all', 'routes', 'trips', 'pinned', 'hidden', 'deleted'] as const;
export type Tab = (typeof TABS)[number];

export interface LibraryView {
  /** The page that shows it. */
  at: '/library' | '/map' | '/statistics';
  /** On the map: how often instead of where. */
  heat: boolean;
  tab: Tab;
  q: string;
  filters: Filters;
  sort: Sort;
  order: Order;
  /** From 1. */
  page: number;
  /** What else its address says. */
  extra?: readonly [name: string, value: string][];
}

/** The filters by their names in the address, as they stand there. */
export type Filters = Partial<Record<FilterName, string>>;
export type FilterName = keyof typeof FILTERS;

/** What a view is when its address says nothing. */
export const BEGINNING: LibraryView = {
  at: '/library',
  heat: false,
  tab: 'all',
  q: '',
  filters: {},
  sort: 'date',
  order: 'desc',
  page: 1,
};

const PAGE_SIZE = 50;
/** No library is so long, and no storage counts much further. */
const LAST_PAGE = 1_000_000;
const MOST_TEXT = 200;

/** Anything that is not understood is the beginning: an address is never an error. */
export function readView(parameters: URLSearchParams, at: LibraryView['at'] = '/library'): LibraryView {
  const text = (name: string) => (parameters.get(name) ?? '').trim().slice(0, MOST_TEXT);
  const sort = SORTS.find((known) => known === text('sort')) ?? 'date';
  const order = text('order') === other(usualOrder(sort)) ? other(usualOrder(sort)) : usualOrder(sort);
  const filters: Filters = {};
  for (const name of FILTER_NAMES) if (FILTERS[name].accepts.test(text(name))) filters[name] = text(name);
  return {
    at,
    heat: at === '/map' && text('as') === 'heat',
    tab: TABS.find((known) => known === text('show')) ?? 'all',
    q: text('q'),
    filters,
    sort,
    order,
    page: Math.min(Math.max(Number.parseInt(text('page'), 10) || 1, 1), LAST_PAGE),
  };
}

/** The address of a view; only that of its page for the beginning. */
export function viewHref(view: LibraryView): string {
  const parameters = new URLSearchParams(viewParameters(view));
  if (view.page > 1) parameters.set('page', String(view.page));
  return parameters.size === 0 ? view.at : `${view.at}?${parameters}`;
}

/** Where a map finds the tiles of what a view shows. */
export function tilesHref({ tab, q, filters }: LibraryView): string {
  const parameters = new URLSearchParams(viewParameters({ ...BEGINNING, tab, q, filters }));
  return `/map/tiles/{z}/{x}/{y}.pbf?${parameters}`;
}

/** Names and values of all but the page: a form that changes one of them goes to the first one. */
export function viewParameters({
  heat,
  tab,
  q,
  filters,
  sort,
  order,
  extra = [],
}: LibraryView): [name: string, value: string][] {
  const parameters: [string, string | undefined | false][] = [
    ['as', heat && 'heat'],
    ['show', tab !== 'all' && tab],
    ['q', q],
    ...FILTER_NAMES.map((name): [string, string | undefined] => [name, filters[name]]),
    ['sort', sort !== 'date' && sort],
    ['order', order !== usualOrder(sort) && order],
    ...extra,
  ];
  return parameters.filter((each): each is [string, string] => Boolean(each[1]));
}

/** The same from its first page, with other filters; an empty text takes one away. */
export function withFilters(view: LibraryView, changes: Filters): LibraryView {
  const all = { ...view.filters, ...changes };
  const filters: Filters = {};
  for (const name of FILTER_NAMES) if (all[name]) filters[name] = all[name];
  return { ...view, filters, page: 1 };
}

/** Names begin with A, everything else with the newest or largest. */
export const usualOrder = (sort: Sort): Order => (sort === 'name' ? 'asc' : 'desc');
const other = (order: Order): Order => (order === 'asc' ? 'desc' : 'asc');

/** What to ask the library for, to show `view`. */
export function viewQuery({ tab, q, filters, sort, order, page }: LibraryView): LibraryQuery {
  const query: LibraryQuery = { ...TAB_QUERIES[tab], sort, order, page, pageSize: PAGE_SIZE };
  for (const name of FILTER_NAMES) {
    const value = filters[name];
    if (value !== undefined) Object.assign(query, FILTERS[name].ask(value));
  }
  return q === '' ? query : { ...query, q };
}

/** Pages import nothing of storage but its shapes. */
const SORTS = ['date', 'distance', 'climbing', 'time', 'name', 'updated'] as const satisfies readonly Sort[];

/** There is no 31st of February: it would be read as a day in March, and said so. */
const DAY = {
  test: (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text) && isDay(text),
};
const isDay = (text: string): boolean => {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};
const NUMBER = /^\d{1,6}(\.\d{1,3})?$/;
const TEXT = /./;

interface Filter {
  accepts: Pick<RegExp, 'test'>;
  ask: (value: string) => Partial<LibraryFilter>;
}

/** The unit is in the name, so that an address means the same to whoever opens it. */
const FILTERS = {
  from: { accepts: DAY, ask: (from) => ({ from }) },
  to: { accepts: DAY, ask: (to) => ({ to }) },
  min_km: { accepts: NUMBER, ask: (kilometres) => ({ distanceMin: Number(kilometres) * 1000 }) },
  max_km: { accepts: NUMBER, ask: (kilometres) => ({ distanceMax: Number(kilometres) * 1000 }) },
  min_mi: { accepts: NUMBER, ask: (miles) => ({ distanceMin: Number(miles) * METRES_PER_MILE }) },
  max_mi: { accepts: NUMBER, ask: (miles) => ({ distanceMax: Number(miles) * METRES_PER_MILE }) },
  min_climb: { accepts: NUMBER, ask: (metres) => ({ climbingMin: Number(metres) }) },
  max_climb: { accepts: NUMBER, ask: (metres) => ({ climbingMax: Number(metres) }) },
  min_climb_ft: { accepts: NUMBER, ask: (feet) => ({ climbingMin: Number(feet) * METRES_PER_FOOT }) },
  max_climb_ft: { accepts: NUMBER, ask: (feet) => ({ climbingMax: Number(feet) * METRES_PER_FOOT }) },
  activity: { accepts: TEXT, ask: (activity) => ({ activity }) },
  gear: { accepts: TEXT, ask: (gear) => ({ gear }) },
  country: { accepts: TEXT, ask: (country) => ({ country }) },
  area: { accepts: TEXT, ask: (area) => ({ area }) },
  visibility: { accepts: TEXT, ask: (visibility) => ({ visibility }) },
  whose: { accepts: /^mine$/, ask: () => ({ owned: true }) },
} as const satisfies Record<string, Filter>;

const FILTER_NAMES = Object.keys(FILTERS) as FilterName[];

/** The same in the words of the API: what of it is shown, without pages. */
export function viewFilters(view: LibraryView): Record<string, string> {
  const {
    types,
    state,
    distanceMin,
    distanceMax,
    climbingMin,
    climbingMax,
    page: _,
    pageSize: __,
    ...same
  } = viewQuery(view);
  const named = {
    ...same,
    type: types.length === 1 ? `${types[0]}s` : undefined,
    state: state === 'active' ? undefined : state,
    distance_min: distanceMin,
    distance_max: distanceMax,
    climbing_min: climbingMin,
    climbing_max: climbingMax,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

const BOTH = ['route', 'trip'] as const;

const TAB_QUERIES: Record<Tab, Pick<LibraryQuery, 'types' | 'state' | 'pinned'>> = {
  all: { types: BOTH, state: 'active' },
  routes: { types: ['route'], state: 'active' },
  trips: { types: ['trip'], state: 'active' },
  pinned: { types: BOTH, state: 'active', pinned: true },
  hidden: { types: BOTH, state: 'hidden' },
  deleted: { types: BOTH, state: 'deleted' },
};

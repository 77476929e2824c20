import type { LibraryQuery } from '../storage/library.ts';

/** What of the library is looked at: the address of the page read, and written. */
export const TABS = ['all', 'routes', 'trips', 'pinned', 'hidden', 'deleted'] as const;
export type Tab = (typeof TABS)[number];

export interface LibraryView {
  tab: Tab;
  q: string;
  /** From 1. */
  page: number;
}

const PAGE_SIZE = 50;

/** Anything that is not understood is the beginning: an address is never an error. */
export function readView(parameters: URLSearchParams): LibraryView {
  const tab = TABS.find((known) => known === parameters.get('show')) ?? 'all';
  const page = Number.parseInt(parameters.get('page') ?? '', 10) || 1;
  return { tab, q: (parameters.get('q') ?? '').trim(), page: Math.max(page, 1) };
}

/** What to ask the library for, to show `view`. */
export function viewQuery({ tab, q, page }: LibraryView): LibraryQuery {
  return { ...TAB_QUERIES[tab], q: q === '' ? undefined : q, page, pageSize: PAGE_SIZE };
}

/** The address of a view; `/library` for the beginning. */
export function viewHref(view: LibraryView): string {
  const parameters = new URLSearchParams();
  if (view.tab !== 'all') parameters.set('show', view.tab);
  if (view.q !== '') parameters.set('q', view.q);
  if (view.page > 1) parameters.set('page', String(view.page));
  return parameters.size === 0 ? '/library' : `/library?${parameters}`;
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

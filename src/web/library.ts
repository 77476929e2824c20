import type { LibraryItem, LibraryPage } from '../storage/library.ts';
import type { ItemState } from '../vocabulary.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import {
  climbing,
  distance,
  figure,
  itemDay,
  itemDayInMonth,
  itemName,
  itemPath,
  movingTime,
  place,
} from './item-words.ts';
import { layout } from './layout.ts';
import { activeChips, filterLine } from './library-chips.ts';
import { type LibraryView, TABS, type Tab, tilesHref, viewHref, viewParameters } from './library-view.ts';
import { isLimited, waysOut } from './library-ways-out.ts';
import { type Month, months } from './months.ts';
import { type Message, message, said, say, sayHtml } from './say.ts';
import { isCopying, isListing } from './sync-verdict.ts';
import { takeOut } from './take-out.ts';
import { thumbnail } from './thumbnail.ts';
import { count, counted, duration, inWords, type Units } from './units.ts';

export interface LibraryPageData {
  frame: RiderFrame;
  view: LibraryView;
  /** The answer to `viewQuery(view)`. */
  page: LibraryPage;
  counts: Record<ItemState, number>;
  /** Where nothing was found: what each of `waysOut(view)` would find. */
  found?: readonly number[];
}

export function libraryPage({ frame, view, page, counts, found = [] }: LibraryPageData): string {
  const { sync, queue } = frame.rider;
  const content = html`<div class="list-and-map"><div class="library"${(isListing(sync) || isCopying(sync, queue)) && html` data-arrivals="${sync.backfill.done}"`} data-library>
<div class="library-head"><h1>${say`Library`}</h1>${toMap(view)}${search(view)}</div>
${progress(frame)}
<div data-results data-list-tiles="${tilesHref(view)}">
${tabs(view, counts)}
${(page.items.length > 0 || isLimited(view)) && filterLine(view, page, frame.units)}
${totals(page, frame.units)}
${page.items.length === 0 ? empty(frame, view, page, found) : [list(view, page, frame.units), pages(view, page), takeOut(view, page.meta.total)]}
</div>
</div>
${(page.totals.count > 0 || isLimited(view)) && beside()}
</div>`;
  return layout({ frame, title: say`Library`, active: 'library', width: 'edge', content });
}

/** The same on the map; where that is beside the list already, the whole window is worth a link too. */
const toMap = (view: LibraryView): Html =>
  html`<a class="to-map" href="${viewHref({ ...view, at: '/map', page: 1 })}">${icon('map')}<span>${say`Map`}</span></a>`;

/** Drawn where there is room for it; the list has all that it has. */
const beside = (): Html =>
  html`<aside class="map beside" aria-label="${say`Map of what the list shows`}" data-beside></aside>`;

export function search(view: LibraryView): Html {
  const kept = viewParameters({ ...view, q: '' });
  return html`<form class="search" role="search" action="${view.at}" method="get">
${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<label class="hidden-words" for="q">${say`Search name, description and place`}</label>
<input id="q" type="search" name="q" value="${view.q}" placeholder="${say`Name, words, place`}" maxlength="200" autocomplete="off" spellcheck="false" aria-keyshortcuts="/">
<kbd aria-hidden="true">/</kbd><button class="plain">${icon('search')}<span class="hidden-words">${say`Search`}</span></button>
</form>`;
}

const TAB_WORDS: Record<Tab, Message> = {
  all: message('All'),
  routes: message('Routes'),
  trips: message('Trips'),
  pinned: message('Pinned'),
  hidden: message('Hidden'),
  deleted: message('Deleted'),
};

export function tabs(view: LibraryView, counts: Record<ItemState, number>): Html {
  const numbers: Partial<Record<Tab, number>> = { all: counts.active, hidden: counts.hidden, deleted: counts.deleted };
  const chip = (tab: Tab) => {
    const number = numbers[tab];
    return html`<a class="chip" href="${viewHref({ ...view, tab, page: 1 })}"${tab === view.tab && html` aria-current="true"`}>${said(TAB_WORDS[tab])}${number !== undefined && html` <span class="number">${count(number)}</span>`}</a>`;
  };
  return html`<nav class="chips" aria-label="${say`Which items`}">${TABS.map(chip)}</nav>`;
}

/** While the backfill runs: how far it is, and a place for the link to what has arrived since. */
function progress({ rider: { sync, queue } }: RiderFrame): Html | null {
  if (isListing(sync)) {
    return html`<p class="arrivals"><span class="dot" data-tone="busy"></span> <span data-arrivals-words>${say`Asking Ride With GPS what is in your library.`}</span> <a href="" data-arrivals-link hidden></a></p>`;
  }
  if (!isCopying(sync, queue)) return null;
  return html`<p class="arrivals"><span class="dot" data-tone="busy"></span> <span data-arrivals-words>${say`${count(sync.backfill.done)} of ${count(sync.backfill.total)} copied so far.`}</span> <a href="" data-arrivals-link hidden></a></p>`;
}

/** Of everything that is filtered, on whatever page. Read out by screen readers as it changes. */
export function totals(page: Pick<LibraryPage, 'totals'>, units: Units): Html {
  const { count: items, distance: metres, climbing: up, moving_time: seconds } = page.totals;
  const figures = [
    [say`Distance`, units.distance(metres)],
    [say`Climbing`, units.height(up)],
    [say`Time`, duration(seconds)],
  ] as const;
  return html`<p class="found" role="status"><span class="total">${strong(count(items), counted(items, 'item'))}</span>${
    items > 0 &&
    figures.map(
      ([name, measure]) =>
        html` <span class="total"><span class="hidden-words">${name} </span>${figure(measure)}</span>`,
    )
  }</p>`;
}

/** The number stands out, wherever a language puts it, if it does. */
function strong(number: string, words: string): Html {
  const [before, after] = words.split(number);
  return html`${before}${after !== undefined && html`<strong>${number}</strong>${after}`}`;
}

/** By months where the order is one of time. */
function list(view: LibraryView, page: LibraryPage, units: Units): Html | Html[] {
  if (view.sort === 'date') return months(page).map((each) => month(each, units));
  return html`<ul class="rows sorted">${page.items.map((item) => row(item, itemDay(item), units))}</ul>`;
}

function month({ heading, items, ridden }: Month, units: Units): Html {
  return html`<section class="month">
<h2><span>${heading}</span>${ridden && html`<span class="totals">${counted(ridden.trips, 'trip')}, ${inWords(units.distance(ridden.distance))}, ${inWords(units.height(ridden.climbing))}</span>`}</h2>
<ul class="rows">${items.map((item) => row(item, itemDayInMonth(item), units))}</ul>
</section>`;
}

function row(item: LibraryItem, day: string, units: Units): Html {
  const where = place(item);
  return html`<li class="row ${item.state}"><a href="${itemPath(item)}">
${thumbnail(item.thumbnail)}
<span class="what"><span class="name">${itemName(item)}</span><span class="where">${kind(item)}${day}${where !== '' && `, ${where}`}</span></span>
${column('distance', say`Distance`, distance(item, units))}${column('climbing', say`Climbing`, climbing(item, units))}${column('time', say`Time`, movingTime(item))}
</a></li>`;
}

function column(name: string, words: string, measure: ReturnType<typeof distance>): Html {
  return html`<span class="column ${name}"><span class="hidden-words">${words} </span>${figure(measure)}</span>`;
}

/** What is unusual about an item, with icon and word; a plain route says that it is one. */
function kind(item: LibraryItem): Html {
  const state =
    item.state === 'active'
      ? null
      : html`<span class="badge ${item.state}">${icon(item.state)}${said(TAB_WORDS[item.state])}</span>`;
  return html`${state}${item.pinned && html`<span class="badge">${icon('pin')}${say`Pinned`}</span>`}${item.type === 'route' && `${say`Route`}, `}`;
}

function pages(view: LibraryView, { meta }: LibraryPage): Html | null {
  const last = Math.ceil(meta.total / meta.page_size);
  if (last <= 1) return null;
  const link = (page: number, words: string, rel: string) =>
    page >= 1 && page <= last
      ? html`<a class="button" rel="${rel}" href="${viewHref({ ...view, page })}">${words}</a>`
      : html`<span></span>`;
  const [before, after] = view.sort === 'date' ? PAGE_WORDS[view.order] : OTHER_PAGE_WORDS;
  return html`<nav class="pages" aria-label="${say`Pages`}">${link(meta.page - 1, said(before), 'prev')}<span class="quiet">${say`Page ${meta.page} of ${count(last)}`}</span>${link(meta.page + 1, said(after), 'next')}</nav>`;
}

const [NEWER, OLDER] = [message('Newer'), message('Older')];
const PAGE_WORDS = { desc: [NEWER, OLDER], asc: [OLDER, NEWER] } as const;
const OTHER_PAGE_WORDS = [message('Previous'), message('Next')] as const;

function empty({ rider: { sync } }: RiderFrame, view: LibraryView, page: LibraryPage, found: readonly number[]): Html {
  if (page.totals.count > 0) {
    return html`<div class="empty"><p class="lead">${say`The list ends before this page.`}</p><p><a href="${viewHref({ ...view, page: 1 })}">${say`To its beginning`}</a></p></div>`;
  }
  if (isLimited(view)) return nothingFound(view, found);
  if (view.tab === 'all' && (isListing(sync) || sync.backfill.done < sync.backfill.total)) {
    return html`<div class="empty"><p class="lead">${say`Your rides are on their way.`}</p><p class="quiet">${say`The first ones appear within seconds. You may close this page meanwhile.`}</p></div>`;
  }
  return html`<div class="empty"><p class="lead">${said(EMPTY[view.tab])}</p>${view.tab === 'all' && missing()}</div>`;
}

/** Where there should be something: whether all is well, and what became of the one that is missed. */
const missing = (): Html => html`<p><a href="/sync">${say`How the copy is doing`}</a></p>${lookedFor()}`;

const lookedFor = (): Html =>
  html`<p class="quiet">${sayHtml`Looking for a ride that is not here? <a href="/why">Find out why</a>`}</p>`;

/** Says which of the filters is in the way: those that something would be found without come with how much. */
function nothingFound(view: LibraryView, found: readonly number[]): Html {
  const ways = waysOut(view)
    .map((way, at) => ({ ...way, items: found[at] ?? 0 }))
    .filter(({ items }) => items > 0);
  return html`<div class="empty"><p class="lead">${whatIsNotThere(view)}</p>
${ways.length > 0 && html`<ul class="ways">${ways.map(({ words, to, items }) => html`<li><a href="${viewHref(to)}">${words}</a> <span class="quiet">${counted(items, 'item')}</span></li>`)}</ul>`}
<p><a href="/library">${say`Show the whole library`}</a></p>
${lookedFor()}</div>`;
}

function whatIsNotThere(view: LibraryView): string {
  const among = said(AMONG[view.tab]);
  if (view.q === '') return say`Nothing ${among} matches these filters.`;
  return activeChips(view).length > 0
    ? say`Nothing ${among} has “${view.q}” in it and matches the filters.`
    : say`Nothing ${among} has “${view.q}” in it.`;
}

const AMONG: Record<Tab, Message> = {
  all: message('here'),
  routes: message('among routes'),
  trips: message('among trips'),
  pinned: message('among pinned'),
  hidden: message('among hidden'),
  deleted: message('among deleted'),
};

const EMPTY: Record<Tab, Message> = {
  all: message(
    'There are no routes or trips in your Ride With GPS library yet. The first one you save there appears here.',
  ),
  routes: message('You have no routes yet.'),
  trips: message('You have no trips yet.'),
  pinned: message('You have pinned nothing at Ride With GPS.'),
  hidden: message('Nothing is hidden. Items of other riders go here when you unpin them or may no longer see them.'),
  deleted: message('Nothing was deleted. What you delete at Ride With GPS stays readable here.'),
};

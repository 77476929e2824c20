import type { Statistics } from '../../statistics/report.ts';
import type { Facets } from '../../storage/library.ts';
import type { RiderFrame } from '../frame.ts';
import { type Html, html } from '../html.ts';
import { layout } from '../layout.ts';
import { search } from '../library.ts';
import { filterLine } from '../library-chips.ts';
import { viewHref } from '../library-view.ts';
import { isLimited } from '../library-ways-out.ts';
import { said, say, sayHtml } from '../say.ts';
import { isCopying, isListing } from '../sync-verdict.ts';
import { counted } from '../units.ts';
import { calendar } from './calendar.ts';
import { eddingtonNumber } from './eddington.ts';
import { headline } from './headline.ts';
import { MEASURE_WORDS, MEASURES } from './measures.ts';
import { monthGrid } from './month-grid.ts';
import { months, weekdays, weeks } from './periods.ts';
import { records } from './records.ts';
import { activities, gear, years } from './shares.ts';
import { ridesHref, type StatisticsView, statisticsHref } from './view.ts';

export interface StatisticsPageData {
  frame: RiderFrame;
  view: StatisticsView;
  statistics: Statistics;
  facets: Facets;
  /** Pinned trips of other riders that the filter leaves: not counted. */
  ofOthers: number;
  /** How many routes and trips the library has, whatever is filtered. */
  items: number;
}

/** What every part of the page is made from. */
export type Shown = Pick<StatisticsPageData, 'frame' | 'view' | 'statistics'>;

export function statisticsPage(data: StatisticsPageData): string {
  const { frame, view, statistics, facets, items } = data;
  const ever = statistics.years.length > 0 || statistics.totals.rides > 0;
  const content = html`<div class="statistics" data-statistics>
<div class="library-head"><h1>${say`Statistics`}</h1>${(ever || isLimited(view.library)) && search(view.library)}</div>
${ever && yearLine(data)}
${(ever || isLimited(view.library)) && filterLine(view.library, { facets }, frame.units, null)}
${copying(frame)}
${statistics.totals.rides > 0 ? figures(data) : ever ? quietYear(data) : empty(view, items)}
</div>`;
  return layout({ frame, title: say`Statistics`, active: 'statistics', content });
}

function yearLine({ view, statistics }: Shown): Html {
  const link = (year: string, words: string, chosen: boolean) =>
    html`<a class="chip" href="${statisticsHref(view, { year })}"${chosen && html` aria-current="true"`}>${words}</a>`;
  const known = statistics.years.map(({ year }) => year);
  // Asked for by its address, or the present one before its first ride.
  const shown = statistics.year;
  const all = shown === null || known.includes(shown) ? known : [shown, ...known].sort().reverse();
  return html`<nav class="chips" aria-label="${say`Which year`}">${link('all', say`All years`, shown === null)}${all.map((year) => link(year, year, year === shown))}</nav>`;
}

function copying({ rider: { sync, queue } }: RiderFrame): Html | null {
  if (!isListing(sync) && !isCopying(sync, queue)) return null;
  return html`<p class="arrivals"><span class="dot" data-tone="busy"></span> <span>${sayHtml`Your rides are still being copied: these figures grow. <a href="/sync">How far it is</a>`}</span></p>`;
}

function figures(data: StatisticsPageData): Html {
  const { view, statistics } = data;
  return html`${headline(data)}
${notCounted(data)}
<nav class="chips measures" aria-label="${say`What the bars show`}">${MEASURES.map(
    (name) =>
      html`<a class="chip" href="${statisticsHref(view, { by: name })}"${name === view.by && html` aria-current="true"`}>${said(MEASURE_WORDS[name])}</a>`,
  )}</nav>
${statistics.year === null ? [years(data), monthGrid(data)] : [calendar(data, statistics.year), months(data, statistics.year), weeks(data, statistics.year)]}
<div class="pair">${weekdays(data)}${eddingtonNumber(data)}</div>
${records(data)}
${activities(data)}
${gear(data)}
${statistics.year !== null && years(data)}
<p class="quiet small">${say`Days begin at midnight UTC, as in the filters of the library. What a ride does not say, its calories for example, counts as nothing.`}</p>`;
}

/** Why the library may have more. */
function notCounted({ ofOthers }: StatisticsPageData): Html | null {
  if (ofOthers === 0) return null;
  const trips = counted(ofOthers, 'pinned trip');
  return html`<p class="quiet small">${
    ofOthers === 1
      ? say`${trips} of other riders is not counted: you did not ride it.`
      : say`${trips} of other riders are not counted: you did not ride them.`
  }</p>`;
}

/** There are rides, but not in this year. */
function quietYear({ view, statistics }: Shown): Html {
  const rides = statistics.years.reduce((sum, year) => sum + year.rides, 0);
  const year = statistics.year ?? '';
  return html`<div class="empty"><p class="lead">${isLimited(view.library) ? say`No rides in ${year} match the filters.` : say`No rides in ${year}.`}</p>
<p>${sayHtml`<a href="${statisticsHref(view, { year: 'all' })}">All years</a> have ${counted(rides, 'ride')}.`}</p></div>`;
}

function empty(view: StatisticsView, items: number): Html {
  if (isLimited(view.library)) {
    const { q } = view.library;
    const all = { ...view.library, q: '', filters: {} };
    return html`<div class="empty"><p class="lead">${q === '' ? say`No ride matches the filters.` : say`No ride matches “${q}” and the filters.`}</p><p><a href="${viewHref(all)}">${say`Show all rides`}</a></p></div>`;
  }
  if (items === 0) {
    return html`<div class="empty"><p class="lead">${say`There is nothing to count yet.`}</p><p class="quiet">${say`As soon as a ride is in your library, it is in these figures.`}</p><p><a href="/sync">${say`How the copy is doing`}</a></p></div>`;
  }
  return html`<div class="empty"><p class="lead">${say`There are no rides of yours to count yet.`}</p>
<p class="quiet">${say`Your library has ${counted(items, 'item')}, but routes and the rides of others count as nobody’s kilometres.`}</p>
<p><a href="${ridesHref(view)}">${say`Trips in the library`}</a></p></div>`;
}

import type { LibraryItem, LibraryPage } from '../storage/library.ts';
import type { ItemState } from '../vocabulary.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { distance, figure, itemDay, itemName, itemPath } from './item-words.ts';
import { layout } from './layout.ts';
import { search, tabs, totals } from './library.ts';
import { filterLine } from './library-chips.ts';
import { type LibraryView, tilesHref, viewHref } from './library-view.ts';
import { isLimited } from './library-ways-out.ts';
import { say } from './say.ts';
import { isCopying, isListing } from './sync-verdict.ts';
import { count, counted, type Units } from './units.ts';

export interface MapPageData {
  frame: RiderFrame;
  view: LibraryView;
  /** Totals and facets of what `view` shows; whatever page. */
  page: Pick<LibraryPage, 'totals' | 'facets'>;
  counts: Record<ItemState, number>;
  /** How many of what is shown have positions. */
  tracks: number;
  /** West, south, east, north in degrees; null without a track. */
  bounds: readonly number[] | null;
}

/** All tracks on one map, from edge to edge, with the filters of the library. */
export function mapPage({ frame, view, page, counts, tracks, bounds }: MapPageData): string {
  const content = html`<div class="map-page" data-library>
<div class="map-head">
<div class="library-head"><h1>${say`Map`}</h1>${ways(view)}${search(view)}</div>
<div class="map-filters">${tabs(view, counts)}
${(page.totals.count > 0 || isLimited(view)) && filterLine(view, page, frame.units)}</div>
<div class="map-found">${totals(page, frame.units)}${page.totals.count > 0 && html`<p class="on-map quiet">${onMap(tracks, page.totals.count)}</p>`}</div>
</div>
${bounds ? tracksMap(view, tracks, bounds) : nothing(frame, view, page.totals.count)}
</div>`;
  return layout({ frame, title: say`Map`, active: 'map', width: 'edge', content });
}

/** How the same is looked at: as lines, by how often, or as the list that it is. */
function ways(view: LibraryView): Html {
  const way = (heat: boolean, words: string) =>
    html`<a class="chip" href="${viewHref({ ...view, heat })}" data-keeps-place${view.heat === heat && html` aria-current="true"`}>${words}</a>`;
  return html`<nav class="map-ways" aria-label="${say`How to look at it`}">${way(false, say`Lines`)}${way(true, say`Heat`)}<a class="as-list" href="${viewHref({ ...view, at: '/library', heat: false })}">${icon('library')}<span>${say`As a list`}</span></a></nav>`;
}

function onMap(tracks: number, items: number): string {
  const without = items - tracks;
  if (without <= 0) return tracks === 1 ? say`It is on the map.` : say`All of them are on the map.`;
  return say`${count(tracks)} on the map; ${count(without)} without positions.`;
}

function tracksMap(view: LibraryView, tracks: number, bounds: readonly number[]): Html {
  const list = html`<a href="${viewHref({ ...view, at: '/library', heat: false })}">${say`Show them as a list`}</a>`;
  return html`<div class="map tracks-map" role="group" aria-label="${say`Map of ${counted(tracks, 'track')}. The list has the same.`}" data-tracks data-tiles="${tilesHref(view)}" data-bounds="${bounds.join(',')}"${view.heat && html` data-heat`}>
<noscript><p class="no-positions"><span>${say`A map needs a browser with script and WebGL.`}</span> ${list}</p></noscript>
<p class="no-positions" data-map-failed hidden><span>${say`The map could not be drawn: it needs WebGL, which this browser does not offer at present.`}</span> ${list}</p>
${view.heat && legend()}
</div>`;
}

/** The colours are those that `tracks-style.ts` lays over each other. */
function legend(): Html {
  return html`<p class="heat-legend"><span class="scale" aria-hidden="true"><span class="once"></span><span class="few"></span><span class="often"></span><span class="most"></span></span><span>${say`The stronger the colour, the more often you passed: faint once, full from about 8 times, strongest from about 60.`}</span></p>`;
}

function nothing({ rider: { sync, queue } }: RiderFrame, view: LibraryView, items: number): Html {
  const list = html`<p><a href="${viewHref({ ...view, at: '/library', heat: false })}">${say`To the list`}</a></p>`;
  const told = (lead: string, more: Html) => html`<div class="map-nothing"><p class="lead">${lead}</p>${more}</div>`;
  if (isLimited(view)) return told(say`Nothing that these filters leave has a track.`, list);
  const none = say`There is no track to draw yet.`;
  if (items > 0) return told(none, html`<p class="quiet">${say`None of these has positions.`}</p>${list}`);
  if (view.tab !== 'all') return told(none, list);
  const lead = isListing(sync) || isCopying(sync, queue) ? say`Your rides are on their way.` : none;
  const promise = say`As soon as a route or a ride with positions is in your library, it is on this map.`;
  return told(lead, html`<p class="quiet">${promise}</p><p><a href="/sync">${say`How the copy is doing`}</a></p>`);
}

/** What lies at one place of the map, for the small list that opens there. */
export function mapItems(items: readonly LibraryItem[], units: Units): Html {
  return html`<ul class="map-items">${items.map(
    (item) =>
      html`<li><a href="${itemPath(item)}"><span class="name">${itemName(item)}</span><span class="where">${item.type === 'route' && `${say`Route`}, `}${itemDay(item)}, ${figure(distance(item, units))}</span></a></li>`,
  )}</ul>`;
}

import type { FileFormat } from '../export/index.ts';
import type { RideSummary } from '../export/summary.ts';
import type { LibraryItem } from '../storage/library.ts';
import type { StoredPhoto } from '../storage/photos.ts';
import { charts } from './charts.ts';
import { cueSheet } from './cue-sheet.ts';
import type { RiderFrame } from './frame.ts';
import { gearFact } from './gear.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { attributes } from './item-attributes.ts';
import { itemWays } from './item-ways.ts';
import {
  climbing,
  distance,
  figure,
  formatName,
  itemDay,
  itemName,
  itemPath,
  movingTime,
  place,
} from './item-words.ts';
import { laps } from './laps.ts';
import { layout } from './layout.ts';
import { photoSection } from './photos.ts';
import { pointsOfInterest } from './points-of-interest.ts';
import { rawObject } from './raw-object.ts';
import { type Message, message, said, say, sayHtml } from './say.ts';
import { sketch } from './thumbnail.ts';
import { ago } from './time.ts';
import type { Units } from './units.ts';

export interface ItemPageData {
  frame: RiderFrame;
  item: LibraryItem;
  /** The provider's object of this route or trip. The page does not read `track_points`: leave them out if that is cheaper. */
  body: Record<string, unknown>;
  /** How many earlier versions there are. */
  earlier?: number;
  /** What was copied of its photos; without it none was yet. */
  photos?: readonly StoredPhoto[];
  /** What its points amount to. Without it there are no charts and no laps. */
  summary?: RideSummary;
  /** Its page at the provider, built from the configured base URL; never a URL out of the body. */
  providerUrl?: string | undefined;
}

export function itemPage({ frame, item, body, summary, earlier = 0, photos = [], providerUrl }: ItemPageData): string {
  const content = html`<article class="item ${item.state}">
<div class="ground${summary?.placed === false && ' nowhere'}" id="ground" data-item="${itemPath(item)}">
<div class="map" data-map>${sketch(item.thumbnail) ?? html`<p class="no-positions">${say`No positions recorded`}</p>`}</div>
${head(frame, item, body)}
</div>
${charts(summary, frame.units)}
<div class="below">
${stateSentence(frame, item)}
${itemWays(item, earlier)}
${typeof body.description === 'string' && body.description.trim() !== '' && html`<p class="description">${body.description.trim()}</p>`}
${photoSection(item, body, photos)}
${summary && laps(summary.laps, frame.units)}
${cueSheet(body, frame.units)}
${pointsOfInterest(body)}
${gearFact(item, body)}
${details(body, frame.units)}
${files(frame, item, providerUrl)}
${rawObject(body, summary?.points, `/api/v1${itemPath(item)}.json`)}
</div>
</article>`;
  return layout({ frame, title: itemName(item), active: 'library', width: 'edge', content });
}

function head({ units }: RiderFrame, item: LibraryItem, body: Record<string, unknown>): Html {
  const where = place(item);
  const zone = typeof body.time_zone === 'string' ? body.time_zone : undefined;
  return html`<header class="item-head">
<p class="back"><a href="/library">${icon('back')}<span>${say`Library`}</span></a></p>
<h1>${breakable(itemName(item))}</h1>
<p class="quiet">${item.type === 'route' && `${say`Route`}, `}${itemDay(item, zone)}${where !== '' && html`<br>${where}`}</p>
${marks(item)}
<dl class="figures">${fourFigures(item, units).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`;
}

/** Names that devices make have no spaces: they break behind an underscore rather than anywhere. */
function breakable(name: string): Html[] {
  return name.split(/(?<=_)/).map((part, at) => html`${at > 0 && html`<wbr>`}${part}`);
}

function marks(item: LibraryItem): Html | null {
  const badges = [
    item.state === 'deleted' && html`<span class="badge deleted">${icon('deleted')}${say`Deleted`}</span>`,
    item.state === 'hidden' && html`<span class="badge hidden">${icon('hidden')}${say`Hidden`}</span>`,
    item.pinned && html`<span class="badge">${icon('pin')}${say`Pinned`}</span>`,
  ].filter((badge) => badge !== false);
  return badges.length > 0 ? html`<p class="badges">${badges}</p>` : null;
}

/** A trip was ridden at a speed, a route only goes up and down. */
function fourFigures(item: LibraryItem, units: Units): [name: string, value: Html][] {
  const measures: [string, Html][] = [
    [say`Distance`, figure(distance(item, units))],
    [say`Climbing`, figure(climbing(item, units))],
  ];
  if (item.type === 'route') {
    const down = item.elevation_loss === null ? null : units.height(Math.abs(item.elevation_loss));
    const steepness =
      item.distance && item.elevation_gain !== null ? units.steepness(item.elevation_gain / item.distance) : null;
    return [...measures, [say`Descending`, figure(down)], [say`Climb rate`, figure(steepness)]];
  }
  return [
    ...measures,
    [say`Moving time`, figure(movingTime(item))],
    [say`Average`, figure(item.avg_speed === null ? null : units.speed(item.avg_speed))],
  ];
}

function stateSentence({ now }: RiderFrame, item: LibraryItem): Html | null {
  if (item.state === 'deleted') {
    const sentence =
      item.deleted_at === null
        ? say`Deleted at Ride With GPS; seen here since then. This is the last version, and it stays.`
        : sayHtml`Deleted at Ride With GPS; seen here ${ago(item.deleted_at, now)}. This is the last version, and it stays.`;
    return html`<p class="notice deleted">${icon('deleted')}<span>${sentence}</span></p>`;
  }
  if (item.state === 'hidden') {
    return html`<p class="notice">${icon('hidden')}<span>${
      item.owned
        ? say`Ride With GPS does not show this item to you at present.`
        : say`This item of another rider is not pinned any more, or you may no longer see it.`
    } ${say`The last version stays here.`}</span></p>`;
  }
  return null;
}

function details(body: Record<string, unknown>, units: Units): Html {
  return html`<section class="details">
<h2>${say`Details`}</h2>
<dl class="attributes">${attributes(body, units).map(({ label, text }) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`)}</dl>
</section>`;
}

const FORMATS: readonly [extension: FileFormat, route: Message, trip: Message][] = [
  [
    'gpx',
    message('Track for other programs and devices'),
    message('Track for other programs and devices, with sensors'),
  ],
  ['fit', message('Course for a head unit, with every cue'), message('Activity for training sites')],
  ['tcx', message('Course with cues, for older devices'), message('Activity with laps, for older programs')],
  ['geojson', message('Track for maps'), message('Track for maps')],
  ['json', message('Everything, as Ride With GPS sent it'), message('Everything, as Ride With GPS sent it')],
];

function files({ now }: RiderFrame, item: LibraryItem, providerUrl: string | undefined): Html {
  return html`<section class="files">
<h2>${say`Files`}</h2>
<ul>${FORMATS.map(
    ([extension, route, trip]) =>
      html`<li><a href="/api/v1${itemPath(item)}.${extension}" download>${icon('download')}<strong>${formatName(extension)}</strong></a> <span class="quiet">${said(item.type === 'route' ? route : trip)}</span></li>`,
  )}</ul>
<p class="quiet">${sayHtml`Fetched ${ago(item.fetched_at, now)}.`}${providerUrl && html` <a href="${providerUrl}" rel="noreferrer">${say`Open at Ride With GPS`}</a>`}</p>
</section>`;
}

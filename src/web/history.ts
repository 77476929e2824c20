import type { FileFormat } from '../export/index.ts';
import type { Step } from '../history/steps.ts';
import type { Passage, Revision } from '../storage/history.ts';
import type { LibraryItem } from '../storage/library.ts';
import type { RiderFrame } from './frame.ts';
import { changeInWords, learntInWords, PASSAGES, timeOf } from './history-words.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { formatName, itemName, itemPath } from './item-words.ts';
import { layout } from './layout.ts';
import { said, say, sayHtml } from './say.ts';
import { thumbnail } from './thumbnail.ts';
import { ago } from './time.ts';
import { moment } from './times.ts';
import { count, counted } from './units.ts';

export interface HistoryPageData {
  frame: RiderFrame;
  item: LibraryItem;
  /** Those of this page, newest first, each with what it changed. */
  versions: readonly (Revision & { step: Step | undefined })[];
  /** How many there are in all. */
  total: number;
  passages: readonly Passage[];
}

/** Every version of an item, and what else became of it, newest first. */
export function historyPage({ frame, item, versions, total, passages }: HistoryPageData): string {
  const entries = [
    ...versions.map((version) => ({ at: version.fetched_at, entry: versionEntry(frame, item, version) })),
    ...passagesBetween(versions, total, passages).map((passage) => ({
      at: passage.at,
      entry: passageEntry(frame, passage),
    })),
  ].sort((one, other) => (one.at < other.at ? 1 : -1));
  const content = html`<article class="history">
${backToItem(item)}
<h1>${say`History`}</h1>
<p class="lead quiet">${lead(item, total)}</p>
${total === 0 ? html`<p class="empty">${say`There is no version of it here: only that it exists is known.`}</p>` : html`<ol class="versions">${entries.map(({ entry }) => entry)}</ol>`}
${pages(item, versions, total)}
</article>`;
  return layout({ frame, title: say`History: ${itemName(item)}`, active: 'library', content });
}

export function backToItem(item: LibraryItem): Html {
  return html`<p class="back"><a href="${itemPath(item)}">${icon('back')}<span>${itemName(item)}</span></a></p>`;
}

function lead(item: LibraryItem, total: number): string {
  if (item.state === 'deleted')
    return total === 1
      ? say`One version, and it stays here. It was deleted at Ride With GPS.`
      : say`${counted(total, 'version')}, and all stay here. It was deleted at Ride With GPS.`;
  return total === 1
    ? say`One version: it has not changed since it came here.`
    : say`${counted(total, 'version')}, each as Ride With GPS had it.`;
}

/** Of a page in the middle only what happened in its own time. */
function passagesBetween(
  versions: HistoryPageData['versions'],
  total: number,
  passages: readonly Passage[],
): readonly Passage[] {
  const [newest, oldest] = [versions[0], versions.at(-1)];
  if (!newest || !oldest) return passages;
  const until = newest.revision === total ? '9' : (newest.replaced_at ?? '9');
  const from = oldest.revision === 1 ? '' : oldest.fetched_at;
  return passages.filter(({ at }) => at >= from && at < until);
}

function versionEntry(frame: RiderFrame, item: LibraryItem, version: HistoryPageData['versions'][number]): Html {
  const { revision, step, replaced_at } = version;
  const address = `${itemPath(item)}/history/${revision}`;
  const sameLine = step?.change?.sameLine === true && step.thumbnail.length > 1;
  return html`<li class="version">
<a class="version-line" href="${address}" tabindex="-1" aria-hidden="true">${thumbnail(step?.thumbnail ?? [])}</a>
<div class="version-words">
<h2><a href="${address}">${say`Version ${count(revision)}`}</a>${replaced_at === null && html` <span class="present">${item.state === 'deleted' ? say`The last` : say`Present`}</span>`}</h2>
<p class="version-change">${changeInWords(step?.change ?? null, frame.units)}.${sameLine && html` <span class="quiet">${say`The line is the same.`}</span>`}</p>
<p class="quiet">${edited(version)} ${replaced_at === null && item.state === 'deleted' ? came(version, frame.now) : cameAndStood(version, frame.now)}</p>
</div>
${downloads(item, revision)}
</li>`;
}

/** When it was edited at the provider. */
export function edited({ updated_at }: Revision): string {
  return updated_at === '' ? say`When it was edited is not known.` : say`Edited ${moment(new Date(updated_at))}.`;
}

/** How we learnt of it and when it came, of one that stood until its item was deleted. */
function came({ learnt, fetched_at }: Revision, now: Date): Html {
  return sayHtml`${learntInWords(learnt, fetched_at)}; fetched ${ago(fetched_at, now)}.`;
}

/** How we learnt of it, when it came and for how long it was the present one. */
export function cameAndStood(version: Revision, now: Date): Html {
  const { learnt, fetched_at, replaced_at } = version;
  const [how, fetched, time] = [learntInWords(learnt, fetched_at), ago(fetched_at, now), timeOf(version, now)];
  return replaced_at === null
    ? sayHtml`${how}; fetched ${fetched}, has stood for ${time}.`
    : sayHtml`${how}; fetched ${fetched}, stood for ${time}.`;
}

function passageEntry({ now }: RiderFrame, { at, what, learnt }: Passage): Html {
  return html`<li class="passage ${what}">${icon(what === 'back' ? 'done' : what)}<p><strong>${said(PASSAGES[what])}</strong>, <span class="quiet">${sayHtml`seen here ${ago(at, now)}. ${learntInWords(learnt, at)}.`}</span></p></li>`;
}

const FORMATS: readonly FileFormat[] = ['gpx', 'fit', 'tcx', 'geojson', 'json'];

/** Every file of one version, folded. */
function downloads(item: LibraryItem, revision: number): Html {
  return html`<details class="version-files"><summary>${sayHtml`Download<span class="hidden-words"> version ${count(revision)}</span>`}</summary>${versionFiles(item, revision)}</details>`;
}

/** Every file of one version. */
export function versionFiles(item: LibraryItem, revision: number): Html {
  const words = (format: FileFormat) =>
    sayHtml`${formatName(format)}<span class="hidden-words"> of version ${count(revision)}</span>`;
  const file = (format: FileFormat) =>
    html`<li><a href="/api/v1${itemPath(item)}/revisions/${revision}.${format}" download>${icon('download')}${words(format)}</a></li>`;
  return html`<ul class="formats">${FORMATS.map(file)}</ul>`;
}

function pages(item: LibraryItem, versions: HistoryPageData['versions'], total: number): Html | null {
  const [newest, oldest] = [versions[0], versions.at(-1)];
  if (!newest || !oldest || (newest.revision === total && oldest.revision === 1)) return null;
  const address = `${itemPath(item)}/history`;
  return html`<nav class="pages" aria-label="${say`Pages`}">${newest.revision < total ? html`<a class="button" href="${address}">${say`Newest`}</a>` : html`<span></span>`}<span class="quiet">${say`Versions ${count(oldest.revision)} to ${count(newest.revision)} of ${count(total)}`}</span>${oldest.revision > 1 ? html`<a class="button" href="${address}?before=${oldest.revision}" rel="next">${say`Older`}</a>` : html`<span></span>`}</nav>`;
}

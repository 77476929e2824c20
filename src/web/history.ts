import type { FileFormat } from '../export/index.ts';
import type { Step } from '../history/steps.ts';
import type { Passage, Revision } from '../storage/history.ts';
import type { LibraryItem } from '../storage/library.ts';
import type { RiderFrame } from './frame.ts';
import { changeInWords, learntInWords, PASSAGES, stoodInWords } from './history-words.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { itemName, itemPath } from './item-words.ts';
import { layout } from './layout.ts';
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
<h1>History</h1>
<p class="lead quiet">${lead(item, total)}</p>
${total === 0 ? html`<p class="empty">There is no version of it here: only that it exists is known.</p>` : html`<ol class="versions">${entries.map(({ entry }) => entry)}</ol>`}
${pages(item, versions, total)}
</article>`;
  return layout({ frame, title: `History: ${itemName(item)}`, active: 'library', content });
}

export function backToItem(item: LibraryItem): Html {
  return html`<p class="back"><a href="${itemPath(item)}">${icon('back')}<span>${itemName(item)}</span></a></p>`;
}

function lead(item: LibraryItem, total: number): string {
  const versions = total === 1 ? 'One version' : counted(total, 'version');
  if (item.state === 'deleted')
    return `${versions}, and ${total === 1 ? 'it stays' : 'all stay'} here. It was deleted at Ride With GPS.`;
  return total === 1
    ? 'One version: it has not changed since it came here.'
    : `${versions}, each as Ride With GPS had it.`;
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
<h2><a href="${address}">Version ${count(revision)}</a>${replaced_at === null && html` <span class="present">${item.state === 'deleted' ? 'The last' : 'Present'}</span>`}</h2>
<p class="version-change">${changeInWords(step?.change ?? null, frame.units)}.${sameLine && html` <span class="quiet">The line is the same.</span>`}</p>
<p class="quiet">${edited(version)}. ${learntInWords(version.learnt, version.fetched_at)}; fetched ${ago(version.fetched_at, frame.now)}${(replaced_at !== null || item.state !== 'deleted') && `, ${stoodInWords(version, frame.now)}`}.</p>
</div>
${downloads(item, revision)}
</li>`;
}

function edited({ updated_at }: Revision): string {
  return updated_at === '' ? 'When it was edited is not known' : `Edited ${moment(new Date(updated_at))}`;
}

function passageEntry({ now }: RiderFrame, { at, what, learnt }: Passage): Html {
  return html`<li class="passage ${what}">${icon(what === 'back' ? 'done' : what)}<p><strong>${PASSAGES[what]}</strong>, <span class="quiet">seen here ${ago(at, now)}. ${learntInWords(learnt, at)}.</span></p></li>`;
}

const FORMATS: readonly FileFormat[] = ['gpx', 'fit', 'tcx', 'geojson', 'json'];

/** Every file of one version, folded. */
function downloads(item: LibraryItem, revision: number): Html {
  return html`<details class="version-files"><summary>Download<span class="hidden-words"> version ${count(revision)}</span></summary>${versionFiles(item, revision)}</details>`;
}

/** Every file of one version. */
export function versionFiles(item: LibraryItem, revision: number): Html {
  const file = (format: FileFormat) =>
    html`<li><a href="/api/v1${itemPath(item)}/revisions/${revision}.${format}" download>${icon('download')}${format === 'geojson' ? 'GeoJSON' : format.toUpperCase()}<span class="hidden-words"> of version ${count(revision)}</span></a></li>`;
  return html`<ul class="formats">${FORMATS.map(file)}</ul>`;
}

function pages(item: LibraryItem, versions: HistoryPageData['versions'], total: number): Html | null {
  const [newest, oldest] = [versions[0], versions.at(-1)];
  if (!newest || !oldest || (newest.revision === total && oldest.revision === 1)) return null;
  const address = `${itemPath(item)}/history`;
  return html`<nav class="pages" aria-label="Pages">${newest.revision < total ? html`<a class="button" href="${address}">Newest</a>` : html`<span></span>`}<span class="quiet">Versions ${count(oldest.revision)} to ${count(newest.revision)} of ${count(total)}</span>${oldest.revision > 1 ? html`<a class="button" href="${address}?before=${oldest.revision}" rel="next">Older</a>` : html`<span></span>`}</nav>`;
}

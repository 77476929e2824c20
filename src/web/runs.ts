import type { RunItem, ToldRun, ToldRuns } from '../storage/runs.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { itemName, itemPath } from './item-words.ts';
import { layout } from './layout.ts';
import { type Message, message, said, say } from './say.ts';
import { ago } from './time.ts';
import { count, counted, span } from './units.ts';

/** So many on the sync page; the others have a page of their own. */
export const RUNS_SHOWN = 8;
const ITEMS_SHOWN = 5;

/** On the sync page: what the newest checks found. */
export function runs({ now }: RiderFrame, { items, meta }: ToldRuns): Html | null {
  if (items.length === 0) return null;
  return html`<section data-live-part="runs"><h2>${say`Checks`}</h2>
${table(items, now)}
${meta.total > items.length && html`<p class="more"><a href="/sync/runs">${say`All ${count(meta.total)} of the last 90 days`}</a></p>`}
</section>`;
}

/** All of them, page by page. */
export function runsPage(frame: RiderFrame, { items, meta }: ToldRuns): string {
  const pages = Math.max(1, Math.ceil(meta.total / meta.page_size));
  const to = (page: number, word: string) => html`<a class="button" href="/sync/runs?page=${page}">${word}</a>`;
  const content = html`<div class="sync"><p><a href="/sync">${say`Sync`}</a></p><h1>${say`Checks`}</h1>
<p class="lead quiet">${say`Every reconciliation and audit of the last 90 days, and what it found.`}</p>
${items.length === 0 ? html`<p>${say`There is nothing here yet.`}</p>` : table(items, frame.now)}
${pages > 1 && html`<nav class="buttons" aria-label="${say`Pages`}">${meta.page > 1 && to(meta.page - 1, say`Newer`)}${meta.page < pages && to(meta.page + 1, say`Older`)}</nav>`}
</div>`;
  return layout({ frame, title: say`Checks`, active: 'sync', content });
}

function table(items: readonly ToldRun[], now: Date): Html {
  return html`<table class="runs"><caption class="hidden-words">${say`Checks, newest first`}</caption>
<thead><tr><th scope="col">${say`Check`}</th><th scope="col">${say`What it found`}</th></tr></thead>
<tbody>${items.map((run) => row(run, now))}</tbody></table>`;
}

function row(run: ToldRun, now: Date): Html {
  return html`<tr><th scope="row">${said(KINDS[run.kind])} <span class="quiet">${ago(run.ended_at, now)}${run.times === 1 && `, ${said(STARTED[run.started_by])}`}</span></th>
<td><div class="outcome">${needsALook(run) && html`<span class="look">${icon('attention')}</span>`}<div><p>${outcome(run)}</p>${list(run)}</div></div></td></tr>`;
}

const KINDS: Record<ToldRun['kind'], Message> = {
  reconciliation: message('Reconciliation'),
  audit: message('Audit'),
  backfill: message('First listing'),
};

const STARTED: Record<ToldRun['started_by'], Message> = {
  schedule: message('on schedule'),
  webhook: message('after a webhook'),
  start: message('at the start'),
  connecting: message('after connecting'),
  person: message('by hand'),
};

function needsALook({ failed, kind, found, unannounced }: ToldRun): boolean {
  return failed !== null || (kind === 'audit' && found > 0) || (unannounced ?? 0) > 0;
}

function outcome(run: ToldRun): string {
  const { failed, times, found } = run;
  const [often, within] = [counted(times, 'time'), span((Date.parse(run.ended_at) - Date.parse(run.began_at)) / 1000)];
  if (failed !== null)
    return `${times === 1 ? say`Did not succeed.` : say`Did not succeed ${often} within ${within}.`} ${failed}`;
  if (run.kind === 'backfill') return counted(found, 'item to copy.', 'items to copy.');
  if (run.kind === 'audit') return compared(run);
  if (found > 0) return changes(run);
  return times === 1 ? say`Nothing missed.` : say`Checked ${often} within ${within}, nothing missed.`;
}

function changes({ found, unannounced }: ToldRun): string {
  const all = counted(found, 'change');
  if (unannounced === null) return say`${all} to fetch.`;
  if (unannounced === 0) return say`${all} to fetch, announced by webhook too.`;
  return unannounced === found
    ? say`${all} to fetch, announced by no webhook.`
    : say`${all} to fetch, ${count(unannounced)} of them announced by no webhook.`;
}

function compared({ compared: all, found, differences }: ToldRun): string {
  const looked = count(all ?? 0);
  if (found === 0 || !differences) return say`${looked} compared, 0 differences.`;
  const { missing_here, missing_there, older_here, pins_differ } = differences;
  const parts = [
    missing_here > 0 && say`${count(missing_here)} missing here`,
    older_here > 0 && say`${count(older_here)} older here`,
    missing_there > 0 && say`${count(missing_there)} gone at Ride With GPS`,
    pins_differ && say`the pinned ones differ`,
  ].filter((part) => typeof part === 'string');
  return say`${looked} compared, ${counted(found, 'difference')}: ${parts.join(', ')}. Fetched again.`;
}

function list({ items, found }: ToldRun): Html | null {
  const rides = items.filter(({ type }) => type === 'route' || type === 'trip');
  if (rides.length === 0) return null;
  const shown = rides.slice(0, ITEMS_SHOWN);
  const more = Math.max(found, rides.length) - shown.length;
  return html`<ul class="quiet">${shown.map(item)}${more > 0 && html`<li>${say`and ${count(more)} more`}</li>`}</ul>`;
}

function item({ type, id, name, why }: ToldRun['items'][number]): Html {
  const kind = type === 'route' ? 'route' : 'trip';
  const word = WHY[why];
  // What is not here has no page.
  const subject =
    name === null
      ? kind === 'route'
        ? say`route ${id}`
        : say`trip ${id}`
      : html`<a href="${itemPath({ type: kind, id })}">${itemName({ type: kind, name })}</a>`;
  return html`<li>${subject}${word && `, ${said(word)}`}</li>`;
}

const WHY: Record<RunItem['why'], Message | null> = {
  changed: null,
  deleted: message('deleted'),
  'missing-here': message('was missing here'),
  'missing-there': message('was not listed any more'),
  'older-here': message('was older here'),
};

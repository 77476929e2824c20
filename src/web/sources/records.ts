import type { RecordCount, RecordItem, RecordPage } from '../../storage/records.ts';
import type { DeletionsReport } from '../../storage/sync.ts';
import { ITEM_STATES, type ItemState, SOURCE_TITLES, type SourceName } from '../../vocabulary.ts';
import type { RiderFrame } from '../frame.ts';
import { heldDeletions, keptDeletions } from '../held-deletions.ts';
import { type Html, html } from '../html.ts';
import { icon } from '../icons.ts';
import { humanised } from '../item-words.ts';
import { layout } from '../layout.ts';
import { say } from '../say.ts';
import { ago } from '../time.ts';
import { count } from '../units.ts';
import { type RecordsView, recordHref, recordsHref, sourcePath } from './addresses.ts';

export interface RecordsPageData {
  frame: RiderFrame;
  source: SourceName;
  /** More than one: each row says whose it is. */
  accounts: readonly { account: string; name: string }[];
  view: RecordsView;
  page: RecordPage;
  /** Of the accounts where the brake holds or the owner keeps something. */
  deletions: readonly { account: string; report: DeletionsReport }[];
}

/** The records of one source: search, what they are chosen by, and a table. All of it is in the address. */
export function recordsPage(data: RecordsPageData): string {
  const { frame, source, accounts, view, page, deletions } = data;
  const title = SOURCE_TITLES[source];
  const content = html`<p class="back"><a href="/sources">${icon('back')}<span>${say`Sources`}</span></a></p>
<h1>${title}</h1>
${deletions.map((each) => heldOf(frame, source, each))}
<form class="record-search" role="search" action="/sources/${source}"><label for="q" class="hidden-words">${say`Search the records of ${title}`}</label>
<div class="field"><input id="q" type="search" name="q" value="${view.q ?? ''}" maxlength="200" placeholder="${say`A name, a number, a word`}"><button>${say`Search`}</button></div>
${view.type && html`<input type="hidden" name="type" value="${view.type}">`}${view.state && view.state !== 'active' && html`<input type="hidden" name="state" value="${view.state}">`}</form>
${chips(source, view, page.counts)}
${page.items.length === 0 ? empty(source, view, page, accounts.length) : table(data)}
${pages(source, view, page.meta)}`;
  return layout({ frame, title, active: 'sources', content });
}

/** Gone there without a word, so many that a person is asked; and what that person said to keep. */
function heldOf(
  frame: RiderFrame,
  source: SourceName,
  { account, report }: RecordsPageData['deletions'][number],
): Html {
  const of = {
    title: SOURCE_TITLES[source],
    action: `${sourcePath(source)}/accounts/${encodeURIComponent(account)}/deletions`,
    path: (item: { type: string; id: string }) => recordHref(source, { ...item, account }),
  };
  return html`${heldDeletions(frame, report, of)}${keptDeletions(frame, report, of)}`;
}

/** Each type, and each state, with what one would see who chose it. */
function chips(source: SourceName, view: RecordsView, counts: readonly RecordCount[]): Html {
  const state = view.state ?? 'active';
  const sum = (of: (each: RecordCount) => boolean) => counts.filter(of).reduce((total, { count: n }) => total + n, 0);
  const types = [...new Set(counts.map(({ type }) => type))];
  const chip = (to: Partial<RecordsView>, words: string, n: number, current: boolean) =>
    html`<a class="chip" href="${recordsHref(source, { ...view, ...to, page: 1 })}"${current && html` aria-current="true"`}><span>${words}</span> <span class="number">${count(n)}</span></a>`;
  return html`<nav class="chips record-chips" aria-label="${say`Type`}">
${chip(
  { type: undefined },
  say`All`,
  sum((each) => each.state === state),
  view.type === undefined,
)}
${types.map((type) =>
  chip(
    { type },
    humanised(type),
    sum((each) => each.type === type && each.state === state),
    view.type === type,
  ),
)}
</nav>
<nav class="chips record-chips" aria-label="${say`State`}">${ITEM_STATES.map((each) =>
    chip(
      { state: each },
      STATES[each](),
      sum(({ state: of, type }) => of === each && (view.type ?? type) === type),
      each === state,
    ),
  )}</nav>`;
}

export const STATES: Record<ItemState, () => string> = {
  active: () => say`Present`,
  hidden: () => say`Hidden`,
  deleted: () => say`Deleted`,
};

function table({ frame, source, accounts, page }: RecordsPageData): Html {
  const several = accounts.length > 1;
  return html`<div class="record-table" role="region" tabindex="0" aria-label="${say`Records`}"><table><caption class="hidden-words">${say`Records, the latest first`}</caption>
<thead><tr><th scope="col">${say`Record`}</th><th scope="col" class="wide">${say`Type`}</th>${several && html`<th scope="col" class="wide">${say`Account`}</th>`}<th scope="col">${say`Changed`}</th></tr></thead>
<tbody>${page.items.map((item) => row(frame.now, source, item, several ? nameOf(accounts, item) : null))}</tbody></table></div>`;
}

const nameOf = (accounts: RecordsPageData['accounts'], { account }: RecordItem): string =>
  accounts.find((each) => each.account === account)?.name || account;

function row(now: Date, source: SourceName, item: RecordItem, account: string | null): Html {
  const { type, state, title, summary, deleted_at, updated_at, fetched_at } = item;
  return html`<tr data-state="${state}"><th scope="row"><a href="${recordHref(source, item)}">${recordName(item)}</a>${state !== 'active' && html` <span class="badge">${STATES[state]()}</span>`}${summary !== '' && summary !== title && html`<span class="beneath">${summary}</span>`}<span class="beneath narrow">${humanised(type)}${account !== null && `, ${account}`}</span></th>
<td class="wide">${humanised(type)}</td>${account !== null && html`<td class="wide">${account}</td>`}<td class="when">${ago(deleted_at ?? updated_at ?? fetched_at, now)}</td></tr>`;
}

export const recordName = ({ title, type, id }: Pick<RecordItem, 'title' | 'type' | 'id'>): string =>
  title.trim() === '' ? `${humanised(type)} ${id}` : title;

function empty(source: SourceName, view: RecordsView, { counts }: RecordPage, accounts: number): Html {
  const title = SOURCE_TITLES[source];
  const narrowed = Boolean(view.q || view.type) || (view.state ?? 'active') !== 'active';
  if (narrowed)
    return html`<div class="empty"><p>${say`Nothing here is like that.`}</p><p><a class="button" href="${recordsHref(source, { page: 1 })}">${say`Show everything from ${title}`}</a></p></div>`;
  if (accounts === 0)
    return html`<div class="empty"><p>${say`No account of ${title} is connected, so nothing was copied yet.`}</p><p><a class="button" href="/sources">${say`How to connect one`}</a></p></div>`;
  return html`<div class="empty"><p>${counts.length > 0 ? say`Everything that came from ${title} was deleted there.` : say`Nothing has come from ${title} yet. What it has appears here as soon as it is copied, or with its first webhook.`}</p><p><a class="button" href="/sources">${say`How it is doing`}</a></p></div>`;
}

function pages(source: SourceName, view: RecordsView, { total, page_size }: RecordPage['meta']): Html | null {
  const last = Math.max(1, Math.ceil(total / page_size));
  if (last === 1 && view.page === 1) return null;
  const to = (page: number, word: string, rel: string) =>
    html`<a class="button" href="${recordsHref(source, { ...view, page })}" rel="${rel}">${word}</a>`;
  return html`<nav class="pages" aria-label="${say`Pages`}">${view.page > 1 ? to(view.page - 1, say`Newer`, 'prev') : html`<span></span>`}<span class="quiet">${say`Page ${count(view.page)} of ${count(last)}`}</span>${view.page < last ? to(view.page + 1, say`Older`, 'next') : html`<span></span>`}</nav>`;
}

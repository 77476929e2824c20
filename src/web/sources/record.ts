import type { ValueChange, ValueStep } from '../../history/values.ts';
import type { Revision } from '../../storage/history.ts';
import type { RecordItem } from '../../storage/records.ts';
import { SOURCE_TITLES, type SourceName } from '../../vocabulary.ts';
import type { RiderFrame } from '../frame.ts';
import { learntInWords } from '../history-words.ts';
import { type Html, html } from '../html.ts';
import { icon } from '../icons.ts';
import { humanised } from '../item-words.ts';
import { layout } from '../layout.ts';
import { say, sayHtml } from '../say.ts';
import { ago } from '../time.ts';
import { count } from '../units.ts';
import { whyLine } from '../why.ts';
import type { Why } from '../why-verdict.ts';
import { recordHref, recordPath, sourcePath } from './addresses.ts';
import { nested } from './nested.ts';
import { recordName, STATES } from './records.ts';

export interface RecordPageData {
  frame: RiderFrame;
  source: SourceName;
  account: { account: string; name: string };
  /** For somebody who is connected, and for this one by itself. */
  canAsk: boolean;
  type: string;
  id: string;
  /** Undefined: it is not here, and the line of events says why. */
  record: RecordItem | undefined;
  /** As it came; undefined where it is too large for a page. */
  body: string | undefined;
  /** Newest first, each with what it changed. */
  versions: readonly (Revision & { change: ValueStep['change'] })[];
  /** How many there are in all. */
  total: number;
  why: Why;
}

/** One record of any source: what it says, how it came here, and what it was before. */
export function recordPage(data: RecordPageData): string {
  const { frame, source, type, id, record } = data;
  const name = record ? recordName(record) : `${humanised(type)} ${id}`;
  const content = html`<article class="record">
<p class="back"><a href="${sourcePath(source)}">${icon('back')}<span>${SOURCE_TITLES[source]}</span></a></p>
<h1>${name}</h1>
${record ? head(frame.now, data, record) : html`<p class="lead quiet">${say`There is no copy of it here.`}</p>`}
<div class="record-parts">
<div>${record && says(data)}${record && versions(data)}</div>
<section class="why record-why"><h2 class="hidden-words">${say`How it came here`}</h2>${whyLine(frame, data.why)}${again(data)}</section>
</div>
</article>`;
  return layout({ frame, title: name, active: 'sources', content });
}

function head(now: Date, { account }: RecordPageData, record: RecordItem): Html {
  const { summary, title, state, type, id, updated_at, fetched_at, deleted_at } = record;
  return html`${summary !== '' && summary !== title && html`<p class="lead">${summary}</p>`}
<dl class="record-facts">
<div><dt>${say`State`}</dt><dd>${state === 'deleted' && icon('deleted')}${STATES[state]()}${deleted_at !== null && html` <span class="quiet">${sayHtml`seen here ${ago(deleted_at, now)}`}</span>`}</dd></div>
<div><dt>${say`Type and number`}</dt><dd>${humanised(type)} <code>${id}</code></dd></div>
<div><dt>${say`Account`}</dt><dd>${account.name || account.account}</dd></div>
${updated_at !== null && html`<div><dt>${say`Changed there`}</dt><dd>${ago(updated_at, now)}</dd></div>`}
<div><dt>${say`Fetched`}</dt><dd>${ago(fetched_at, now)}</dd></div>
</dl>`;
}

function says({ source, type, id, account, body }: RecordPageData): Html {
  const file = `/api/v1/sources/${source}/records/${encodeURIComponent(type)}/${encodeURIComponent(id)}?account=${encodeURIComponent(account.account)}`;
  if (body === undefined)
    return html`<section><h2>${say`What it says`}</h2><p>${sayHtml`It is too large for a page: <a href="${file}">the whole of it as JSON</a>.`}</p></section>`;
  const value: unknown = JSON.parse(body);
  return html`<section><h2>${say`What it says`}</h2>${nested(value)}</section>
<section class="raw"><h2>${say`Raw object`}</h2>
<p>${sayHtml`As ${SOURCE_TITLES[source]} sent it: <a href="${file}">the whole of it as JSON</a>.`}</p>
<details><summary>${say`Show it here`}</summary><pre tabindex="0" role="region" aria-label="${say`Raw object`}">${JSON.stringify(value, null, 2)}</pre></details></section>`;
}

function versions({ frame, source, type, id, account, versions: all, total }: RecordPageData): Html | null {
  if (total < 2) return null;
  const api = `/api/v1/sources/${source}/records/${encodeURIComponent(type)}/${encodeURIComponent(id)}/revisions`;
  return html`<section><h2>${say`Versions`}</h2>
<ol class="record-versions" reversed>${all.map(
    ({ revision, change, learnt, fetched_at, replaced_at }) =>
      html`<li><h3><a href="${api}/${revision}?account=${encodeURIComponent(account.account)}">${say`Version ${count(revision)}`}</a>${replaced_at === null && html` <span class="present">${say`Present`}</span>`} <span class="quiet">${ago(fetched_at, frame.now)}</span></h3>
<p class="quiet">${learntInWords(learnt, fetched_at)}.</p>${changed(revision, change)}</li>`,
  )}</ol>
${total > all.length && html`<p class="quiet">${say`And ${count(total - all.length)} earlier ones, in the API.`}</p>`}</section>`;
}

function changed(revision: number, change: ValueStep['change']): Html {
  if (revision === 1) return html`<p>${say`The first version that came here.`}</p>`;
  if (!change) return html`<p>${say`It is too large to be compared.`}</p>`;
  if (change.values.length === 0) return html`<p>${say`The same values, written otherwise.`}</p>`;
  return html`<ul class="value-changes">${change.values.map(valueChange)}</ul>${change.more > 0 && html`<p class="quiet">${say`And ${count(change.more)} more values.`}</p>`}`;
}

function valueChange({ path, before, after }: ValueChange): Html {
  const name = path.map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : humanised(part) || part)).join(', ');
  const was = before === null ? null : html`<del>${before || '–'}</del>`;
  const is = after === null ? null : html`<ins>${after || '–'}</ins>`;
  return html`<li><strong>${name}</strong> ${was}${was && is && html` <span aria-hidden="true">→</span><span class="hidden-words">${say`became`}</span> `}${is}${before === null && html` <span class="quiet">${say`new`}</span>`}${after === null && html` <span class="quiet">${say`gone`}</span>`}</li>`;
}

function again({ source, type, id, account, canAsk, record, why }: RecordPageData): Html | null {
  if (!canAsk) return null;
  const title = SOURCE_TITLES[source];
  const asks = recordHref(source, { type, id, account: account.account }).replace(recordPath(source, { type, id }), '');
  return html`<form class="again" method="post" action="${recordPath(source, { type, id })}/refetch${asks}"><button${!record && html` class="primary"`}>${why.events.length === 0 ? say`Ask for it now` : say`Fetch it again`}</button><span class="quiet">${say`Asks ${title} for this one, as a webhook would.`}</span></form>
${why.verdict.tone === 'attention' && html`<p><a href="/sync">${say`What was set aside`}</a></p>`}`;
}

import type { DeletionsReport, Held } from '../storage/sync.ts';
import { RIDERS, SOURCE_TITLES } from '../vocabulary.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { itemPath } from './item-words.ts';
import { ago } from './time.ts';
import { rideDay } from './times.ts';
import { count, counted, inWords } from './units.ts';

/** So many are seen at once, so many more can be unfolded; the rest is a number. */
const AT_ONCE = 10;
const SHOWN = 500;

/** Whose items they are, where one is shown, and where the answers go. */
interface Answered {
  title: string;
  action: string;
  path: (item: { type: string; id: string }) => string;
}

const RIDES: Answered = { title: SOURCE_TITLES[RIDERS], action: '/sync/deletions', path: itemPath };

/** What the brake holds: what it would delete, why it stopped, and the two answers. */
export function heldDeletions(frame: RiderFrame, { items, meta }: DeletionsReport, of: Answered = RIDES): Html | null {
  if (items.length === 0) return null;
  return html`<section class="needs-you">
<h2>${counted(meta.total, 'deletion')} held</h2>
<p>${meta.reason}</p>
${list(items, frame, 'gone', of)}
<ul class="answers"><li><strong>Keep them</strong> if you did not delete them: they stay as they are, and you are asked again only if they come back and go once more.${meta.deleted > 0 && ` The ${count(meta.deleted)} that count as deleted are asked for again.`}</li>
<li><strong>I deleted them</strong> moves them to Deleted, where they stay readable.</li></ul>
<div class="buttons">
${answer(`${of.action}/refuse`, meta.through, html`<button class="primary">Keep them</button>`)}
${answer(`${of.action}/confirm`, meta.through, html`<button class="danger">I deleted them</button>`)}
</div>
</section>`;
}

/** What the owner decided to keep: it differs from the provider for a reason, and the decision can be taken back. */
export function keptDeletions(
  frame: RiderFrame,
  { kept: { items, meta } }: DeletionsReport,
  of: Answered = RIDES,
): Html | null {
  if (items.length === 0) return null;
  return html`<section class="kept">
<h2>Kept by you</h2>
<p>${of.title} does not have ${counted(meta.total, 'item')} any more, and you said to keep ${meta.total === 1 ? 'it' : 'them'}.</p>
<details><summary>Show ${meta.total === 1 ? 'it' : 'them'}</summary>
${list(items, frame, 'kept', of)}
<div class="buttons">${answer(`${of.action}/kept/confirm`, meta.through, html`<button class="danger">I deleted ${meta.total === 1 ? 'it' : 'them'} after all</button>`)}</div>
</details>
</section>`;
}

function list(items: readonly Held[], frame: RiderFrame, word: string, of: Answered): Html {
  const rows = (some: readonly Held[]) =>
    html`<ul class="ledger">${some.map((item) => row(item, frame, word, of))}</ul>`;
  const folded = items.slice(AT_ONCE, SHOWN);
  const rest = items.length - AT_ONCE - folded.length;
  return html`${rows(items.slice(0, AT_ONCE))}
${
  folded.length > 0 &&
  html`<details><summary>${count(items.length - AT_ONCE)} more</summary>${rows(folded)}
${rest > 0 && html`<p class="quiet more">And ${count(rest)} more. <code>slipstream deletions list</code> lists them.</p>`}</details>`
}`;
}

function row(item: Held, { now, units }: RiderFrame, word: string, { path }: Answered): Html {
  const facts = [
    item.type,
    item.happened_at !== '' && rideDay(item.happened_at),
    item.distance !== null && inWords(units.distance(item.distance)),
  ].filter((fact) => typeof fact === 'string');
  return html`<li><a href="${path(item)}">${item.name.trim() || `Unnamed ${item.type}`}</a> <span class="quiet">${facts.join(', ')}, ${word} ${ago(item.since, now)}</span></li>`;
}

/** It says what it is about: what was held after this page was made is not. */
function answer(action: string, through: string | null, button: Html): Html {
  return html`<form method="post" action="${action}"><input type="hidden" name="through" value="${through}">${button}</form>`;
}

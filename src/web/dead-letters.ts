import type { DeadLetter } from '../storage/sync.ts';
import { RIDERS, SOURCE_TITLES } from '../vocabulary.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { recordHref } from './sources/addresses.ts';
import { ago } from './time.ts';
import { counted } from './units.ts';

/** The answer of `GET /api/v1/dead-letters`. */
export interface DeadLetters {
  items: readonly DeadLetter[];
  meta: { total: number; dropped: number };
}

/** More would be a long page about one cause. Replaying and dismissing all is about those too. */
const SHOWN = 50;

/** What needs a person: each with the sentence that explains it, what is known of it, and buttons to try it again or let it be. */
export function deadLetters({ now }: RiderFrame, { items, meta }: DeadLetters): Html | null {
  if (items.length === 0) return null;
  const shown = items.slice(0, SHOWN);
  const more = meta.total - shown.length;
  return html`<section class="needs-you">
<h2>Set aside</h2>
<p>These could not be taken in. Nothing that was copied before is touched by them.</p>
<ul class="ledger">${shown.map((letter) => entry(letter, now))}</ul>
${more > 0 && html`<p class="quiet more">And ${counted(more, 'older one')}. <code>slipstream dead-letters</code> lists them.</p>`}
${meta.dropped > 0 && html`<p class="quiet">${counted(meta.dropped, 'entry', 'entries')} about what could not be read made room for later ones. Reconciliation finds what they announced.</p>`}
${
  meta.total > 1 &&
  html`<div class="buttons">
<form method="post" action="/dead-letters/replay"><button>Replay all</button></form>
<details class="second-thought"><summary>Dismiss all</summary><p>${counted(meta.total, 'entry', 'entries')} and what is known of them will be gone. What they were about is set aside again if a later change or audit comes upon it and fails too.</p>
<form method="post" action="/dead-letters/dismiss"><button class="danger">Dismiss all ${meta.total}</button></form></details>
</div>`
}
</section>`;
}

function entry(letter: DeadLetter, now: Date): Html {
  const name = html`<span class="hidden-words"> ${plainSubject(letter)}</span>`;
  return html`<li><div><p>${letter.sentence}</p><p class="quiet">${subject(letter)} ${ago(letter.created_at, now)}, <code>${letter.code}</code></p>
${letter.evidence !== '' && html`<details><summary>${EVIDENCE[letter.kind]}</summary><pre tabindex="0">${letter.evidence}</pre></details>`}</div>
<div class="buttons">
<form method="post" action="/dead-letters/${letter.id}/replay"><button>Replay${name}</button></form>
<form method="post" action="/dead-letters/${letter.id}/dismiss"><button class="plain" title="${CONSEQUENCE[letter.kind]}">Dismiss${name}</button></form>
</div></li>`;
}

const EVIDENCE: Record<DeadLetter['kind'], string> = {
  task: 'What was answered',
  delivery: 'What was delivered',
  notification: 'What it said',
};

const CONSEQUENCE: Record<DeadLetter['kind'], string> = {
  task: 'Takes it off this list. It is tried again when it changes, or when an audit finds the difference.',
  delivery: 'Takes it off this list. What it announced is found by the next reconciliation.',
  notification: 'Takes it off this list. What it announced is found by the next reconciliation.',
};

function subject(letter: DeadLetter): Html {
  const { source, type, item_id, account } = letter;
  if (source !== RIDERS && isRecord(letter) && type !== null && item_id !== null && account !== null)
    return html`<a href="${recordHref(source, { type, id: item_id, account })}">${plainSubject(letter)}</a>,`;
  if ((type === 'route' || type === 'trip') && item_id !== null)
    return html`<a href="/${type}s/${encodeURIComponent(item_id)}">${plainSubject(letter)}</a>,`;
  return html`${plainSubject(letter)},`;
}

/** Said of other sources with their name: there may be several. */
function plainSubject(letter: DeadLetter): string {
  const { source, kind, type, item_id } = letter;
  if (source !== RIDERS) {
    const title = SOURCE_TITLES[source];
    return isRecord(letter) ? `${title}, ${type} ${item_id}` : `${title}, a ${kind}`;
  }
  if (type === 'route' || type === 'trip') return item_id === null ? `A ${type}` : `${type} ${item_id}`;
  return `A ${kind}`;
}

const isRecord = ({ type, item_id }: DeadLetter): boolean =>
  type !== null && item_id !== null && !['pinned', 'account', 'changes'].includes(type);

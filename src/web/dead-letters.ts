import type { DeadLetter } from '../storage/sync.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { ago } from './time.ts';

/** What needs a person: each with the sentence that explains it and a button to try it again. */
export function deadLetters({ now }: RiderFrame, letters: readonly DeadLetter[]): Html | null {
  if (letters.length === 0) return null;
  return html`<section class="needs-you">
<h2>Set aside</h2>
<ul class="ledger">${letters.map(
    (
      letter,
    ) => html`<li><div><p>${letter.sentence}</p><p class="quiet">${subject(letter)} ${ago(letter.created_at, now)}, <code>${letter.code}</code></p></div>
<form method="post" action="/dead-letters/${letter.id}/replay"><button>Try again</button></form></li>`,
  )}</ul>
</section>`;
}

function subject({ kind, type, item_id }: DeadLetter): Html {
  if (type === 'route' || type === 'trip') {
    return item_id === null
      ? html`A ${type},`
      : html`<a href="/${type}s/${encodeURIComponent(item_id)}">${type} ${item_id}</a>,`;
  }
  return html`A ${kind},`;
}

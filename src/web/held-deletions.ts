import type { RideType } from '../storage/library.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { itemName, itemPath } from './item-words.ts';
import { ago } from './time.ts';
import { counted } from './units.ts';

/** A deletion that the brake holds until a person has been asked. */
export interface HeldDeletion {
  type: RideType;
  id: string;
  name: string;
  /** ISO 8601 or epoch milliseconds: when the provider first said that it is gone. */
  heldAt: string | number;
}

export function heldDeletions({ now }: RiderFrame, held: readonly HeldDeletion[]): Html | null {
  if (held.length === 0) return null;
  return html`<section class="needs-you">
<h2>${counted(held.length, 'deletion')} held</h2>
<p>Ride With GPS says that these are gone, and nobody announced it. If you deleted them, say so; until then they stay as they are.</p>
<ul class="ledger">${held.map(
    (item) =>
      html`<li><a href="${itemPath(item)}">${itemName(item)}</a> <span class="quiet">${item.type}, gone ${ago(item.heldAt, now)}</span></li>`,
  )}</ul>
<div class="buttons">
<form method="post" action="/sync/deletions/refuse"><button class="primary">Keep them</button></form>
<form method="post" action="/sync/deletions/confirm"><button class="danger">I deleted them</button></form>
</div>
</section>`;
}

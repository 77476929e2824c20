import type { LibraryItem } from '../storage/library.ts';
import { type Html, html } from './html.ts';
import { say } from './say.ts';

/** What was ridden: its make and model lead to everything else that was ridden on it. */
export function gearFact(item: LibraryItem, body: Record<string, unknown>): Html | null {
  const gear = typeof body.gear === 'object' && body.gear !== null ? (body.gear as Record<string, unknown>) : {};
  const { make, model, description, exclude_from_totals } = gear;
  const called = [text(make), text(model)].filter((part) => part !== '').join(' ');
  const name = called || text(description) || item.gear_name;
  if (name === '' && item.gear_id === '') return null;
  const more = called !== '' && text(description) !== called ? text(description) : '';
  return html`<section class="gear">
<h2>${say`Gear`}</h2>
<p><strong>${name || say`Without a name`}</strong>${more !== '' && html` <span class="quiet">${more}</span>`}</p>
${exclude_from_totals === true && html`<p class="quiet">${say`Not in the totals at Ride With GPS.`}</p>`}
${item.gear_id !== '' && html`<p><a href="/library?gear=${encodeURIComponent(item.gear_id)}">${say`All rides on it`}</a></p>`}
</section>`;
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

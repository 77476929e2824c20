import type { Sandbox } from '../http/parts.ts';
import type { Item, Point } from '../model.ts';
import { isPlaced } from '../rides/distance.ts';
import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import { day, editor, kilometres } from './parts.ts';

/** One item as a page: its line, its figures, and what can be done with it. The target of `html_url`. */
export function itemPage(item: Item, parts: Sandbox): string {
  const rider = parts.world.rider(item.userId);
  const measures = parts.tracks.measures(item, 'owner');
  const facts = [
    item.region?.locality,
    day(item.departedAt ?? item.createdAt),
    `${kilometres(measures.distance) ?? '–'} km`,
    `${Math.round(measures.elevation_gain)} m up`,
  ];
  return layout(
    item.name,
    html`<main style="max-width:720px;margin:0 auto">
<p class="quiet"><a href="/sandbox?rider=${rider.id}&amp;type=${item.type}">${rider.name}’s library</a></p>
<h1>${item.name}</h1>
<p class="quiet">${facts.filter((part) => part !== undefined).join(' · ')}</p>
${line(parts.tracks.course(item, 'owner').points)}
${editor(item, { rider, type: item.type }, parts)}
</main>`,
  );
}

function line(points: readonly Point[]): Html | false {
  const placed = points.filter(isPlaced);
  const middle = placed[0];
  if (!middle) return false;
  const squeeze = Math.cos((middle.y * Math.PI) / 180);
  const every = Math.ceil(placed.length / 800);
  const places = placed
    .filter((_, index) => index % every === 0)
    .map(({ x, y }) => [(x - middle.x) * squeeze, middle.y - y] as const);
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const scale = 1_000 / Math.max(right - left, bottom - top, 1e-6);
  const drawn = places.map(([x, y]) => `${Math.round((x - left) * scale)},${Math.round((y - top) * scale)}`);
  const box = `-40 -40 ${Math.round((right - left) * scale) + 80} ${Math.round((bottom - top) * scale) + 80}`;
  return html`<svg class="line" viewBox="${box}" role="img" aria-label="The line of the track"><polyline points="${drawn.join(' ')}"/></svg>`;
}

import type { Lines } from '../history/compare.ts';
import { type Html, html } from './html.ts';

const WIDE = 720;
const HIGH = 400;
const MARGIN = 24;

/** Two lines in one picture: the one that is meant solid, the other one beneath it, quiet and dashed. Null where there is no line at all. */
export function lineDrawing({ line, other }: Lines, words: string): Html | null {
  const [one, two] = [line.map(flat), other.map(flat)];
  const fit = fitting([...one, ...two]);
  if (!fit) return null;
  const path = (places: readonly Flat[]) => `M${places.map((place) => fit(place)).join('L')}`;
  return html`<svg class="two-lines" viewBox="0 0 ${WIDE} ${HIGH}" role="img" aria-label="${words}">
${two.length > 1 && html`<path class="other-line" d="${path(two)}"/>`}
${one.length > 1 && html`<path class="casing" d="${path(one)}"/><path class="track" d="${path(one)}"/>`}
</svg>`;
}

type Flat = [x: number, y: number];

/** Web Mercator, as the map has it. */
function flat([lng, lat]: Lines['line'][number]): Flat {
  const clamped = Math.min(Math.max(lat, -85), 85);
  return [lng, -(180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (clamped * Math.PI) / 360))];
}

function fitting(places: readonly Flat[]): ((place: Flat) => string) | null {
  if (places.length < 2) return null;
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of places) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  const scale = Math.min(
    (WIDE - 2 * MARGIN) / Math.max(right - left, 1e-6),
    (HIGH - 2 * MARGIN) / Math.max(bottom - top, 1e-6),
  );
  const [dx, dy] = [(WIDE - (right - left) * scale) / 2, (HIGH - (bottom - top) * scale) / 2];
  return ([x, y]) => `${round((x - left) * scale + dx)} ${round((y - top) * scale + dy)}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

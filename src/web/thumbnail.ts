import { type Html, html } from './html.ts';

/** The line of a track as a drawing. `points` lie in a box of 48 × 48, as `LibraryItem.thumbnail` has them. */
export function thumbnail(points: readonly (readonly [number, number])[]): Html {
  if (points.length < 2)
    return html`<svg class="thumbnail" viewBox="0 0 48 48" width="48" height="48" aria-hidden="true"><path class="no-track" d="M14 24h20"/></svg>`;
  return html`<svg class="thumbnail" viewBox="-2 -2 52 52" width="48" height="48" aria-hidden="true"><path class="track${isPlace(points) && ' place'}" d="${path(points)}"/></svg>`;
}

/** Nothing of it is anywhere else. */
function isPlace([first, ...others]: readonly (readonly [number, number])[]): boolean {
  return others.every(([x, y]) => x === first?.[0] && y === first[1]);
}

/** The same line large: the map's place while the map loads, and instead of it without script. */
export function sketch(points: readonly (readonly [number, number])[]): Html | null {
  if (points.length < 2) return null;
  return html`<svg class="sketch" viewBox="-8 -8 64 64" preserveAspectRatio="xMidYMid meet" aria-hidden="true"><path class="casing" d="${path(points)}"/><path class="track" d="${path(points)}"/></svg>`;
}

function path(points: readonly (readonly [number, number])[]): string {
  return `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join('L')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

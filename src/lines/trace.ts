import type { Outline } from '../storage/lines.ts';
import { cutIntoCells } from './cells.ts';
import { pack } from './pack.ts';
import { simplify } from './simplify.ts';
import { DEEPEST, finestZoom, project, STEPS, unitOf, WORLD } from './world.ts';

/** How far a line may be from the truth: half a pixel of the nearest zoom of its step, and a metre or two at the last, which is enlarged. */
const TOLERANCE = 4;
const LAST_TOLERANCE = 3;

/**
 * What the map needs of a track, from its positions in degrees: where it lies, and its line for each step in cells.
 *
 * @returns null where there is no position.
 */
export function outlineOf(positions: readonly (readonly [lng: number, lat: number])[]): Outline | null {
  let [xs, ys] = placed(positions);
  if (xs.length === 0) return null;
  const [west, east] = range(xs);
  const [north, south] = range(ys);
  // Told from the first copy of the world, so that the east of a line over the antimeridian is beyond the edge.
  const copy = Math.floor(west / WORLD) * WORLD;
  const outline: Outline = { west: west - copy, east: east - copy, north, south, cells: [] };
  for (let step = STEPS - 1; step >= 0; step -= 1) {
    [xs, ys] = simplify(xs, ys, (finestZoom(step) === DEEPEST ? LAST_TOLERANCE : TOLERANCE) * unitOf(step));
    for (const [cell, pieces] of cutIntoCells(xs, ys, step)) outline.cells.push({ step, cell, line: pack(pieces) });
  }
  return outline;
}

/** In units of the world, on the same side of the antimeridian as the one before, and none twice in a row. */
function placed(positions: readonly (readonly [lng: number, lat: number])[]): [xs: number[], ys: number[]] {
  const [xs, ys]: [number[], number[]] = [[], []];
  let [beforeX, beforeY] = [Number.NaN, Number.NaN];
  for (const [lng, lat] of positions) {
    const [rawX, rawY] = project(lng, lat);
    const x = Math.round(xs.length === 0 ? rawX : rawX + WORLD * Math.round((beforeX - rawX) / WORLD));
    const y = Math.min(Math.max(Math.round(rawY), 0), WORLD - 1);
    if (x === beforeX && y === beforeY) continue;
    xs.push(x);
    ys.push(y);
    [beforeX, beforeY] = [x, y];
  }
  return [xs, ys];
}

function range(values: readonly number[]): [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

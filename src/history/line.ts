import type { Point } from '../export/ride.ts';
import { distanceBetween } from '../export/timeline.ts';
import { positionOf } from '../export/values.ts';

/** Longitude and latitude, degrees. Longitudes go on past 180° where a line crosses the antimeridian. */
export type Place = [lng: number, lat: number];

/** A receiver wanders this far beside the same road, metres. */
const BESIDE = 25;
/** Of each line at most: what makes a line of a million kilometres take no longer than any other. */
const MOST_STEPS = 150_000;
const METRES_PER_DEGREE = 111_195;

export interface LineChange {
  /** Metres, measured along the points. */
  before: number;
  after: number;
  /** Metres of the later line that are not beside the earlier one, and the other way round. */
  added: number;
  removed: number;
}

/** The places of a track, one after the other. */
export function placesOf(points: readonly Point[]): Place[] {
  const places: Place[] = [];
  let previous: number | undefined;
  for (const point of points) {
    const found = positionOf(point);
    if (!found) continue;
    const lng = previous === undefined ? found.lon : found.lon + 360 * Math.round((previous - found.lon) / 360);
    previous = lng;
    places.push([lng, found.lat]);
  }
  return places;
}

/** The later of two lines, moved by whole worlds to where the earlier one is. */
export function besideEachOther(line: Place[], other: readonly Place[]): Place[] {
  const [[here] = [0], [there] = [0]] = [line[0], other[0]];
  const worlds = 360 * Math.round((there - here) / 360);
  return worlds === 0 ? line : line.map(([lng, lat]) => [lng + worlds, lat]);
}

/** How much of the line is another one: both are walked in small steps, over the squares of a grid that the other one touches. */
export function lineChange(before: readonly Place[], after: readonly Place[]): LineChange {
  const lengths = [lengthOf(before), lengthOf(after)] as const;
  const square = Math.max(BESIDE, (2 * Math.max(...lengths)) / MOST_STEPS);
  const grid = gridOf(square, (before[0] ?? after[0])?.[1] ?? 0);
  const [was, is] = [squaresOf(before, grid), squaresOf(after, grid)];
  return {
    before: lengths[0],
    after: lengths[1],
    added: lengths[1] * shareOutside(is, was),
    removed: lengths[0] * shareOutside(was, is),
  };
}

function lengthOf(places: readonly Place[]): number {
  let metres = 0;
  for (let at = 1; at < places.length; at += 1) {
    const [a, b] = [places[at - 1], places[at]];
    if (a && b) metres += distanceBetween({ x: a[0], y: a[1] }, { x: b[0], y: b[1] });
  }
  return metres;
}

interface Grid {
  column: (lng: number) => number;
  row: (lat: number) => number;
}

/** Flat, in the latitude where the line begins: good enough to tell a road from the next one. */
function gridOf(square: number, lat: number): Grid {
  const squeeze = Math.max(0.05, Math.cos((lat * Math.PI) / 180));
  return {
    column: (lng) => (lng * squeeze * METRES_PER_DEGREE) / square,
    row: (y) => (y * METRES_PER_DEGREE) / square,
  };
}

/** The squares in the order in which the line comes through them, a step of half a square each. */
function squaresOf(places: readonly Place[], { column, row }: Grid): number[] {
  const squares: number[] = [];
  const first = places[0];
  if (first) squares.push(nameOf(Math.floor(column(first[0])), Math.floor(row(first[1]))));
  for (let at = 1; at < places.length && squares.length < 2 * MOST_STEPS; at += 1) {
    const [a, b] = [places[at - 1], places[at]];
    if (!a || !b) continue;
    const [x, y] = [column(a[0]), row(a[1])];
    const [dx, dy] = [column(b[0]) - x, row(b[1]) - y];
    // Close together as a recording has them, most points need one step; a road of a kilometre many.
    const steps = Math.min(2 * MOST_STEPS, Math.max(1, Math.ceil(2 * Math.hypot(dx, dy))));
    for (let step = 1; step <= steps; step += 1) {
      const square = nameOf(Math.floor(x + (dx * step) / steps), Math.floor(y + (dy * step) / steps));
      if (square !== squares.at(-1)) squares.push(square);
    }
  }
  return squares;
}

/** One number for a column and a row; a world has fewer than two million squares of 25 m round it. */
const WIDTH = 2 ** 23;
const nameOf = (column: number, row: number): number => column * WIDTH + row;

/** Of the squares that a line comes through, how many lie farther than the next one from the other line. From 0 to 1. */
function shareOutside(squares: readonly number[], others: readonly number[]): number {
  if (squares.length === 0) return 0;
  const taken = new Set(others);
  const beside = (square: number): boolean => {
    for (let column = -1; column <= 1; column += 1) {
      for (let row = -1; row <= 1; row += 1) if (taken.has(square + column * WIDTH + row)) return true;
    }
    return false;
  };
  let outside = 0;
  for (const square of squares) if (!beside(square)) outside += 1;
  return outside / squares.length;
}

/** At most so many places of a line, for drawing: what lies closer together than a share of the whole is left out. */
export function thinned(places: readonly Place[], most: number): Place[] {
  const last = places.at(-1);
  if (!last || places.length <= most) return [...places];
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [lng, lat] of places) {
    [west, east] = [Math.min(west, lng), Math.max(east, lng)];
    [south, north] = [Math.min(south, lat), Math.max(north, lat)];
  }
  // A line that goes round and round has more of them than its size tells.
  for (let apart = Math.max(east - west, north - south) / most; ; apart *= 2) {
    const kept: Place[] = [];
    for (const place of places) {
      const before = kept.at(-1);
      if (!before || Math.abs(place[0] - before[0]) + Math.abs(place[1] - before[1]) >= apart) kept.push(place);
    }
    if (kept.length < most || apart === 0) return [...kept.slice(0, most - 1), last];
  }
}

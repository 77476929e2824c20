import type { Point } from './ride.ts';
import { isTime, positionOf } from './values.ts';

/** Distances and times for points that lack them: TCX and FIT place a point by both. */

/** 20 km/h: for times that nobody rode. */
export const PLANNED_SPEED = 20 / 3.6;

const EARTH_RADIUS = 6_371_008.8;

/** Metres from the start, never falling; measured on the ground where the point does not say. */
export function distancesOf(points: readonly Point[]): (number | undefined)[] {
  let reached = 0;
  let before: Point | undefined;
  return points.map((point) => {
    const placed = positionOf(point) !== undefined;
    if (point.d !== undefined) reached = Math.max(reached, point.d);
    else if (placed && before) reached += distanceBetween(before, point);
    if (placed) before = point;
    return placed || point.d !== undefined ? reached : undefined;
  });
}

/** Epoch seconds. What has none lies evenly between its neighbours; without any, the ride begins at `start` and goes at a plausible speed. */
export function timesOf(points: readonly Point[], distances: readonly (number | undefined)[], start: number): number[] {
  const known = points.flatMap(({ t }, at) => (isTime(t) ? [{ t, at }] : []));
  if (known.length === 0) return plannedTimes(distances, start);
  let next = 0;
  return points.map(({ t }, at) => {
    if (isTime(t)) return t;
    while ((known[next]?.at ?? points.length) < at) next += 1;
    const [before, after] = [known[next - 1], known[next]];
    if (!before || !after) return (before ?? after)?.t ?? start;
    return before.t + ((after.t - before.t) * (at - before.at)) / (after.at - before.at);
  });
}

function plannedTimes(distances: readonly (number | undefined)[], start: number): number[] {
  let time = start;
  return distances.map((distance, at) => {
    time = distance === undefined ? time + Math.min(at, 1) : Math.max(time, start + distance / PLANNED_SPEED);
    return time;
  });
}

/** On a sphere: good to half a per cent. */
export function distanceBetween(a: Pick<Point, 'x' | 'y'>, b: Pick<Point, 'x' | 'y'>): number {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = [a.x, a.y, b.x, b.y].map((degrees) => ((degrees ?? 0) * Math.PI) / 180);
  const half = Math.sin((y2 - y1) / 2) ** 2 + Math.cos(y1) * Math.cos(y2) * Math.sin((x2 - x1) / 2) ** 2;
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(half)));
}

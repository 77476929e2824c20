import type { Point } from '../model.ts';

const EARTH = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Metres over the ground between two places (great circle, mean Earth radius); right across the antimeridian too. */
export function distanceBetween(a: { x: number; y: number }, b: { x: number; y: number }): number {
  const up = Math.sin(radians(b.y - a.y) / 2);
  const across = Math.sin(radians(b.x - a.x) / 2);
  const half = up * up + Math.cos(radians(a.y)) * Math.cos(radians(b.y)) * across * across;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(half)));
}

export type Placed = Point & { x: number; y: number };
export const isPlaced = (point: Point): point is Placed => point.x !== undefined && point.y !== undefined;

/** Writes `d` on every point that has a place, from the places themselves; a point without one keeps what it has. */
export function withDistances(points: readonly Point[]): Point[] {
  let total = 0;
  let last: Placed | undefined;
  return points.map((given) => {
    const point = { ...given };
    if (!isPlaced(point)) return point;
    if (last) total += distanceBetween(last, point);
    last = point;
    point.d = Math.round(total * 10) / 10;
    return point;
  });
}

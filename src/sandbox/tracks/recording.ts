import type { ItemType, Point } from '../model.ts';
import { isPlaced, withDistances } from '../rides/distance.ts';

/** What a file holds, whatever its format. */
export interface Recording {
  /** Empty where the file says none. */
  name: string;
  /** Whether the file is a plan even if its points carry times, as courses do. */
  planned: boolean;
  points: Point[];
  activityType?: string;
  device?: string;
}

/** A file that gives no track, with the reason in words for its owner. */
export class Unreadable extends Error {}

/** Longest pause over which a speed is worked out, in seconds. */
const PAUSE = 30;

/**
 * A recording as an item has it: a trip where it has times, else a route.
 * @throws Unreadable where there is nothing to draw and nothing that was measured.
 */
export function asItem({ points, planned }: Recording): { type: ItemType; points: Point[] } {
  if (points.length === 0) throw new Unreadable('It has no track points.');
  const places = points.filter(isPlaced).length;
  const timed = points.filter((point) => point.t !== undefined).length;
  if (places === 0 && !points.some(isMeasured)) throw new Unreadable('None of its points has a position.');
  if (places < 2 && timed < 2) throw new Unreadable('It has a single point, which makes no track.');
  if (planned || timed === 0) return { type: 'route', points: withDistances(points.filter(isPlaced).map(untimed)) };
  // Where a device wrote distances and no place, they are all there is; otherwise places are right and the rest has a hole.
  const measured =
    places > 0 ? withDistances(points.map((point) => (isPlaced(point) ? point : withoutDistance(point)))) : points;
  return { type: 'trip', points: withSpeeds(measured) };
}

const isMeasured = (point: Point): boolean => [point.h, point.c, point.p, point.d].some((value) => value !== undefined);

function untimed({ x, y, e, S }: Point): Point {
  return {
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y }),
    ...(e !== undefined && { e }),
    ...(S !== undefined && { S }),
  };
}

function withoutDistance({ d, ...rest }: Point): Point {
  return rest;
}

/** Fills in speeds (km/h) where a file has none, from distance and time. */
function withSpeeds(points: Point[]): Point[] {
  if (points.some((point) => point.s !== undefined)) return points;
  let last: { t: number; d: number } | undefined;
  return points.map((point) => {
    const { t, d } = point;
    if (t === undefined || d === undefined) return point;
    const seconds = last ? t - last.t : 0;
    const speed = last && seconds > 0 && seconds <= PAUSE ? ((d - last.d) / seconds) * 3.6 : 0;
    last = { t, d };
    return { ...point, s: Math.round(speed * 10) / 10 };
  });
}

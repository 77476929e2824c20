import type { Track } from '../../export/track.ts';
import { movingSeconds } from '../stretch.ts';

export type AxisName = 'distance' | 'elapsed' | 'moving';

/** What all charts are drawn along: the points that have a place on it, in its order. */
export interface Axis {
  name: AxisName;
  /** Metres or seconds from the start, never falling. */
  x: number[];
  /** Which point of the track each is. */
  point: number[];
  end: number;
}

/** Null where the track has nothing that grows along it. */
export function axisOf(track: Track, name: AxisName): Axis | null {
  const axis: Axis = { name, x: [], point: [], end: 0 };
  let last = Number.NEGATIVE_INFINITY;
  columnOf(track, name).forEach((value, point) => {
    // Where a recording jumps back, the axis cannot.
    if (value === null || value < last) return;
    last = value;
    axis.x.push(value);
    axis.point.push(point);
  });
  axis.end = last;
  return axis.x.length > 1 && last > (axis.x[0] ?? 0) ? axis : null;
}

function columnOf(track: Track, name: AxisName): (number | null)[] {
  if (name === 'distance') return track.d;
  const times = track.t ?? [];
  if (name === 'moving') return movingSeconds(track);
  const start = times.find((time) => time !== null) ?? 0;
  return times.map((time) => (time === null ? null : time - start));
}

/** The place of a point, or of the next one that has one; null behind the last. */
export function xOf({ x, point }: Axis, index: number): number | null {
  return x[lowerBound(point, index)] ?? null;
}

/** The point that is nearest to a place on the axis. */
export function pointAt({ x, point }: Axis, place: number): number {
  const after = Math.min(lowerBound(x, place), x.length - 1);
  const before = Math.max(0, after - 1);
  const nearer = place - (x[before] ?? 0) < (x[after] ?? 0) - place ? before : after;
  return point[nearer] ?? 0;
}

/** The last point up to a place: what is true of the way from a point on is true there. */
export function pointBefore({ x, point }: Axis, place: number): number {
  const after = lowerBound(x, place);
  return point[x[after] === place ? after : Math.max(0, after - 1)] ?? 0;
}

/** Between the two values around a place. */
export function valueAt({ x, point }: Axis, column: readonly (number | null)[], place: number): number | null {
  const after = Math.min(lowerBound(x, place), x.length - 1);
  const before = Math.max(0, after - 1);
  const [x0 = 0, x1 = 0] = [x[before], x[after]];
  const [low, high] = [column[point[before] ?? 0] ?? null, column[point[after] ?? 0] ?? null];
  if (low === null || high === null) return null;
  return x1 === x0 ? high : low + ((high - low) * (place - x0)) / (x1 - x0);
}

/** The first place in ascending `values` that is not below `wanted`. */
export function lowerBound(values: readonly number[], wanted: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { Point } from './ride.ts';
import { isTime, positionOf } from './values.ts';

/** Seconds without a point after which a recording was interrupted, and how often the usual pause between points that must be. */
const LEAST_GAP = 60;
const TIMES_USUAL = 10;

/** The stretches of a track that hang together: a line across a hole would be made up. Points without a position are left out. */
export function segmentsOf(points: readonly Point[]): Point[][] {
  const gap = Math.max(LEAST_GAP, TIMES_USUAL * usualPause(points));
  const segments: Point[][] = [];
  let time: number | undefined;
  let whole = false;
  for (const point of points) {
    const placed = positionOf(point) !== undefined;
    if (placed) {
      const interrupted = isTime(time) && isTime(point.t) && point.t - time > gap;
      if (whole && !interrupted) segments.at(-1)?.push(point);
      else segments.push([point]);
      time = point.t ?? time;
    }
    whole = placed;
  }
  return segments;
}

/** The median: a break for lunch does not move it. */
function usualPause(points: readonly Point[]): number {
  const times = points.flatMap(({ t }) => (isTime(t) ? [t] : []));
  const pauses = Float64Array.from(times.slice(1), (time, at) => time - (times[at] ?? time)).sort();
  return pauses[pauses.length >> 1] ?? 0;
}

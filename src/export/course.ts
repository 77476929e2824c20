import type { Cue, Point, Ride } from './ride.ts';
import { distanceBetween, distancesOf, PLANNED_SPEED, timesOf } from './timeline.ts';
import { positionOf, SOME_DAY, secondsIn } from './values.ts';

/** A route as a head unit rides it: each point has a place, a distance and a time. */
export interface Course {
  /** Epoch seconds. */
  start: number;
  /** Seconds at a plausible speed. */
  duration: number;
  distance: number;
  points: CoursePoint[];
  /** In the order in which they come. */
  turns: Turn[];
}

export interface CoursePoint extends Point {
  x: number;
  y: number;
  d: number;
  t: number;
}

export interface Turn {
  cue: Cue;
  d: number;
  /** That of a point of the track: some readers drop a turn whose time is no point's. */
  t: number;
}

export function courseOf(ride: Ride): Course {
  const start = secondsIn(ride.object.created_at) ?? secondsIn(ride.object.updated_at) ?? SOME_DAY;
  const points = coursePoints(ride.points, start);
  const last = points.at(-1);
  return {
    start,
    duration: (last?.t ?? start) - start,
    distance: last?.d ?? 0,
    points,
    turns: turnsOf(ride.cues, points, start),
  };
}

function coursePoints(all: readonly Point[], start: number): CoursePoint[] {
  const placed = all.filter((point) => positionOf(point) !== undefined);
  const distances = distancesOf(placed);
  // A route has no times of its own; one that was made from a trip may, and nobody wants to be chased by them.
  const times = timesOf(
    placed.map(({ t: _, ...point }) => point),
    distances,
    start,
  );
  return placed.map((point, at) => ({
    ...point,
    x: point.x ?? 0,
    y: point.y ?? 0,
    d: distances[at] ?? 0,
    t: times[at] ?? start,
  }));
}

function turnsOf(cues: readonly Cue[], points: readonly CoursePoint[], start: number): Turn[] {
  let from = 0;
  const placed = cues.filter((cue) => positionOf(cue) !== undefined);
  const turns = placed.map((cue): Turn => {
    const at = cue.d === null ? nearestInPlace(cue, points, from) : nearestInDistance(cue.d, points);
    const point = points[at];
    if (point) from = at;
    const d = Math.max(0, cue.d ?? point?.d ?? 0);
    return { cue, d, t: point?.t ?? start + d / PLANNED_SPEED };
  });
  return turns.sort((a, b) => a.t - b.t || a.d - b.d);
}

/** A track may pass a place twice: only what comes after the turn before counts. */
function nearestInPlace(cue: Cue, points: readonly CoursePoint[], from: number): number {
  let [best, least] = [from, Number.POSITIVE_INFINITY];
  for (let at = from; at < points.length; at += 1) {
    const away = distanceBetween(cue, points[at] ?? cue);
    if (away < least) [best, least] = [at, away];
  }
  return best;
}

function nearestInDistance(d: number, points: readonly CoursePoint[]): number {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.d ?? 0) < d) low = middle + 1;
    else high = middle;
  }
  const [before, here] = [points[low - 1], points[low]];
  return before && here && d - before.d < here.d - d ? low - 1 : low;
}

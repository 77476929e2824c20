import type { Point, Ride } from './ride.ts';
import { distancesOf, timesOf } from './timeline.ts';
import { SOME_DAY, secondsIn } from './values.ts';

/** A trip as a device records it. */
export interface Activity extends Stretch {
  /** At least one. */
  laps: Lap[];
  /** What the provider says of the whole, where it does. */
  movingTime: number | undefined;
  calories: number | undefined;
  climbed: number | undefined;
  descended: number | undefined;
}

export interface Lap extends Stretch {
  points: TimedPoint[];
  calories: number | undefined;
}

export interface TimedPoint extends Point {
  t: number;
}

/** Figures of a lap or of all. */
export interface Stretch {
  /** Epoch seconds. */
  start: number;
  /** Seconds, stops included. */
  duration: number;
  /** Metres. */
  distance: number;
  /** Metres a second. */
  maxSpeed: number | undefined;
  heart: Range;
  cadence: Range;
  power: Range;
}

export interface Range {
  average: number | undefined;
  most: number | undefined;
}

export function activityOf(ride: Ride): Activity {
  const { object } = ride;
  const departed = secondsIn(object.departed_at) ?? secondsIn(object.created_at) ?? SOME_DAY;
  const points = timedPoints(ride.points, departed);
  const start = points[0]?.t ?? departed;
  const ridden = (points.at(-1)?.t ?? start) - start;
  const duration = Math.max(0, points.length > 1 ? ridden : (numberIn(object.duration) ?? 0));
  const distance = points.findLast(({ d }) => d !== undefined)?.d ?? numberIn(object.distance) ?? 0;
  const calories = numberIn(object.calories);
  const all: Stretch = { start, duration, distance, ...figures(points) };
  return {
    ...all,
    laps: lapsOf(points, all, calories),
    movingTime: numberIn(object.moving_time),
    calories,
    climbed: numberIn(object.elevation_gain),
    // Both signs are met.
    descended: absolute(numberIn(object.elevation_loss)),
  };
}

function timedPoints(all: readonly Point[], start: number): TimedPoint[] {
  const distances = distancesOf(all);
  const times = timesOf(all, distances, start);
  return all.map(({ d: _, ...point }, at) => {
    const d = distances[at];
    return { ...point, ...(d !== undefined && { d }), t: times[at] ?? start };
  });
}

function lapsOf(points: TimedPoint[], all: Stretch, calories: number | undefined): Lap[] {
  const starts = [0, ...points.flatMap(({ lap }, at) => (lap && at > 0 ? [at] : []))];
  const endOfAll = all.start + all.duration;
  let burnt = 0;
  return starts.map((from, at) => {
    const own = points.slice(from, starts[at + 1]);
    const next = points[starts[at + 1] ?? points.length];
    const start = own[0]?.t ?? all.start;
    const end = next?.t ?? endOfAll;
    // By time, so that the laps add up to the whole.
    const share = all.duration > 0 ? (end - all.start) / all.duration : 1;
    const through = calories === undefined ? undefined : Math.round(calories * Math.min(1, Math.max(0, share)));
    const lap = {
      points: own,
      start,
      duration: Math.max(0, end - start),
      distance: Math.max(0, (next ? distanceAt(points, starts[at + 1] ?? 0) : all.distance) - distanceAt(points, from)),
      calories: through === undefined ? undefined : Math.max(0, through - burnt),
      ...figures(own),
    };
    burnt = through ?? 0;
    return lap;
  });
}

/** Where the ride was at a point: the last distance that was known up to it. */
function distanceAt(points: readonly TimedPoint[], index: number): number {
  for (let at = index; at >= 0; at -= 1) {
    const d = points[at]?.d;
    // The first point of a ride may well say some metres already: its lap begins at nought.
    if (d !== undefined) return at === 0 ? 0 : d;
  }
  return 0;
}

function figures(points: readonly TimedPoint[]): Omit<Stretch, 'start' | 'duration' | 'distance'> {
  const fastest = rangeOf(points, 's').most;
  return {
    maxSpeed: fastest === undefined ? undefined : fastest / 3.6,
    heart: rangeOf(points, 'h'),
    cadence: rangeOf(points, 'c'),
    power: rangeOf(points, 'p'),
  };
}

function rangeOf(points: readonly TimedPoint[], name: 's' | 'h' | 'c' | 'p'): Range {
  let [sum, count, most] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const { [name]: value } of points) {
    if (value === undefined) continue;
    sum += value;
    count += 1;
    most = Math.max(most, value);
  }
  return count === 0 ? { average: undefined, most: undefined } : { average: sum / count, most };
}

const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
const absolute = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.abs(value));

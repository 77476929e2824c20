import type { Point } from '../model.ts';
import { distanceBetween, isPlaced, type Placed } from './distance.ts';
import { surfaceName, unpavedPercent } from './surface.ts';

/** Everything the provider says about an item that follows from its points alone, in the provider's own keys. */
export type Measures = ReturnType<typeof measure>;

/** Changes of height below this many metres are the barometer's noise, not climbing. */
const HEIGHT_NOISE = 2;
/** Two points further apart in time than this are a pause, in seconds. */
const PAUSE = 30;
const round1 = (value: number) => Math.round(value * 10) / 10;

export function measure(points: readonly Point[]) {
  const placed = points.filter(isPlaced);
  const distance = points.findLast((point) => point.d !== undefined)?.d ?? null;
  const climbing = climbed(points);
  const unpaved = unpavedPercent(points);
  return {
    distance,
    ...climbing,
    ...ends(placed),
    ...box(placed),
    track_type: trackType(placed),
    terrain: terrain(distance, climbing.elevation_gain),
    difficulty: difficulty(distance, climbing.elevation_gain),
    unpaved_pct: unpaved,
    surface: surfaceName(unpaved),
    is_stationary: placed.length === 0,
    ...pace(points, distance),
    ...range(points, 'c', 'cad'),
    ...range(points, 'h', 'hr'),
    ...range(points, 'p', 'watts'),
  };
}

function climbed(points: readonly Point[]): { elevation_gain: number; elevation_loss: number } {
  let [gain, loss] = [0, 0];
  let level: number | undefined;
  for (const { e } of points) {
    if (e === undefined) continue;
    level ??= e;
    if (Math.abs(e - level) < HEIGHT_NOISE) continue;
    if (e > level) gain += e - level;
    else loss += level - e;
    level = e;
  }
  return { elevation_gain: round1(gain), elevation_loss: round1(loss) };
}

function ends(placed: readonly Placed[]) {
  const [first, last] = [placed[0], placed.at(-1)];
  return {
    first_lat: first?.y ?? null,
    first_lng: first?.x ?? null,
    last_lat: last?.y ?? null,
    last_lng: last?.x ?? null,
  };
}

/** The smallest box; across the antimeridian its west edge is the larger number. */
function box(placed: readonly Placed[]) {
  if (placed.length === 0) return { sw_lat: null, sw_lng: null, ne_lat: null, ne_lng: null };
  const [south, north] = span(placed.map((point) => point.y));
  const [west, east] = span(placed.map((point) => point.x));
  if (east - west <= 180) return { sw_lat: south, sw_lng: west, ne_lat: north, ne_lng: east };
  const [from, to] = span(placed.map((point) => (point.x < 0 ? point.x + 360 : point.x)));
  return { sw_lat: south, sw_lng: from, ne_lat: north, ne_lng: to > 180 ? to - 360 : to };
}

function span(values: readonly number[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function trackType(placed: readonly Placed[]): 'loop' | 'out_and_back' | 'point_to_point' | 'unknown' {
  const [first, last] = [placed[0], placed.at(-1)];
  const length = last?.d ?? 0;
  if (!first || !last || length === 0) return 'unknown';
  if (distanceBetween(first, last) > Math.max(300, length * 0.03)) return 'point_to_point';
  return apartOnTheWayBack(placed, length) < 60 ? 'out_and_back' : 'loop';
}

/** Mean metres between the way out and the way back, at the same distance from the middle. */
function apartOnTheWayBack(placed: readonly Placed[], length: number): number {
  const samples = 24;
  let sum = 0;
  for (let index = 1; index <= samples; index++) {
    const out = at(placed, (length / 2) * (index / (samples + 1)));
    const back = at(placed, length - (length / 2) * (index / (samples + 1)));
    if (out && back) sum += distanceBetween(out, back);
  }
  return sum / samples;
}

function at(placed: readonly Placed[], distance: number): Placed | undefined {
  let [low, high] = [0, placed.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle]?.d ?? 0) < distance) low = middle + 1;
    else high = middle;
  }
  return placed[low];
}

function terrain(distance: number | null, gain: number): string {
  const perKilometre = gain / Math.max((distance ?? 0) / 1_000, 0.1);
  if (perKilometre < 8) return 'flat';
  return perKilometre < 15 ? 'rolling' : 'climbing';
}

function difficulty(distance: number | null, gain: number): string {
  const effort = (distance ?? 0) / 1_000 + gain / 25;
  if (effort < 20) return 'casual';
  if (effort < 50) return 'easy';
  if (effort < 110) return 'moderate';
  return effort < 260 ? 'hard' : 'multi_day';
}

/** Times in seconds, speeds in km/h. Null where no two points carry a time. A pause counts for the duration alone. */
function pace(points: readonly Point[], distance: number | null) {
  const timed = points.filter((point): point is Point & { t: number } => point.t !== undefined);
  const [first, last] = [timed[0], timed.at(-1)];
  if (!first || !last || timed.length < 2) {
    return { duration: null, moving_time: null, avg_speed: null, max_speed: null };
  }
  let [moving, covered, fastest] = [0, 0, 0];
  for (const [index, point] of timed.entries()) {
    const before = timed[index - 1];
    fastest = Math.max(fastest, point.s ?? 0);
    if (!before) continue;
    const seconds = point.t - before.t;
    const metres = (point.d ?? 0) - (before.d ?? 0);
    const still = point.s === undefined ? point.d !== undefined && metres < 0.5 * seconds : point.s < 1.8;
    if (seconds <= 0 || seconds > PAUSE || still) continue;
    moving += seconds;
    covered += metres;
  }
  return {
    duration: Math.round(last.t - first.t),
    moving_time: Math.round(moving),
    avg_speed: moving > 0 && distance !== null ? round1((covered / moving) * 3.6) : null,
    max_speed: fastest > 0 ? fastest : null,
  };
}

function range<Name extends string>(points: readonly Point[], key: 'c' | 'h' | 'p', name: Name) {
  let [sum, count, low, high] = [0, 0, Number.POSITIVE_INFINITY, 0];
  for (const point of points) {
    const value = point[key];
    // Nobody turns the pedals at zero: a rest says nothing of how somebody pedals.
    if (value === undefined || (key === 'c' && value === 0)) continue;
    sum += value;
    count += 1;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const known = count > 0;
  return {
    [`avg_${name}`]: known ? Math.round(sum / count) : null,
    [`min_${name}`]: known ? low : null,
    [`max_${name}`]: known ? high : null,
  } as Record<`${'avg' | 'min' | 'max'}_${Name}`, number | null>;
}

import type { Region } from '../model.ts';
import { createNoise, createRandom, type Random, seedOf } from '../random.ts';

export type Shape = 'loop' | 'out_and_back' | 'point_to_point';

export interface Plan {
  seed: number;
  shape: Shape;
  /** Metres. */
  length: number;
  region: Region;
}

/** A road as evenly spaced vertices, in metres east and north of the region's centre. */
export interface Road {
  region: Region;
  east: Float64Array;
  north: Float64Array;
  elevation: Float64Array;
  /** Metres between two vertices. */
  step: number;
  length: number;
}

type Place = readonly [east: number, north: number];
const STEP = 12;
const METRES_PER_DEGREE = 111_195;

/** Lays a road that bends, climbs and comes back (or does not), the same for the same plan. */
export function layRoad(plan: Plan): Road {
  const random = createRandom(seedOf(plan.seed, 'road'));
  const corners = plan.shape === 'loop' ? loop(random, plan.length) : across(random, outward(plan));
  const bent = scaleTo(soften(soften(bend(random, corners))), outward(plan));
  const there = resample(bent);
  const places = plan.shape === 'out_and_back' ? there.concat(there.slice(0, -1).reverse()) : there;
  const east = Float64Array.from(places, (place) => place[0]);
  const north = Float64Array.from(places, (place) => place[1]);
  const length = (places.length - 1) * STEP;
  return { region: plan.region, east, north, elevation: climb(plan.region, east, north), step: STEP, length };
}

/** Degrees with six decimals (about 10 cm), as the provider writes them. */
export function toDegrees(region: Region, east: number, north: number): { x: number; y: number } {
  const lng = region.lng + east / (METRES_PER_DEGREE * Math.cos((region.lat * Math.PI) / 180));
  return { x: Math.round(lng * 1e6) / 1e6, y: Math.round((region.lat + north / METRES_PER_DEGREE) * 1e6) / 1e6 };
}

const outward = (plan: Plan) => (plan.shape === 'out_and_back' ? plan.length / 2 : plan.length);

/** Corners of an uneven polygon that begins and ends at the door. */
function loop(random: Random, length: number): Place[] {
  const radius = length / 8;
  const away = random.between(0, 2 * Math.PI);
  const sides = random.integer(6, 11);
  const door: Place = [random.between(-300, 300), random.between(-300, 300)];
  const corners: Place[] = [door];
  for (let side = 1; side < sides; side++) {
    const angle = away + Math.PI + ((side + random.between(-0.3, 0.3)) / sides) * 2 * Math.PI;
    const reach = radius * random.between(0.65, 1.3);
    corners.push([
      door[0] + radius * Math.cos(away) + reach * Math.cos(angle),
      door[1] + radius * Math.sin(away) + reach * Math.sin(angle),
    ]);
  }
  return [...corners, door];
}

/** A way that keeps its direction, more or less. */
function across(random: Random, length: number): Place[] {
  const legs = random.integer(4, 8);
  const heading = random.between(0, 2 * Math.PI);
  let at: Place = [random.between(-300, 300), random.between(-300, 300)];
  const places: Place[] = [at];
  for (let leg = 0; leg < legs; leg++) {
    const turn = heading + random.between(-0.9, 0.9);
    at = [at[0] + (length / legs) * Math.cos(turn), at[1] + (length / legs) * Math.sin(turn)];
    places.push(at);
  }
  return places;
}

/** Puts a bend into every long stretch, and bends into those, down to the size of a road's curve. */
function bend(random: Random, corners: readonly Place[]): Place[] {
  const places: Place[] = [];
  const between = (a: Place, b: Place, twist: number): void => {
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (length < 160) {
      places.push(b);
      return;
    }
    const shift = random.between(-twist, twist);
    const middle: Place = [(a[0] + b[0]) / 2 - (b[1] - a[1]) * shift, (a[1] + b[1]) / 2 + (b[0] - a[0]) * shift];
    between(a, middle, twist);
    between(middle, b, twist);
  };
  for (const [index, corner] of corners.entries()) {
    const before = corners[index - 1];
    // A valley road runs straight, a climb winds.
    if (before) between(before, corner, random.between(0.06, 0.27));
    else places.push(corner);
  }
  return places;
}

/** Cuts every corner at a quarter, keeping both ends: a car could drive it afterwards. */
function soften(places: readonly Place[]): Place[] {
  const [first, last] = [places[0], places.at(-1)];
  if (!first || !last) return [];
  const cut: Place[] = [first];
  for (const [index, b] of places.entries()) {
    const a = places[index - 1];
    if (!a) continue;
    cut.push([a[0] * 0.75 + b[0] * 0.25, a[1] * 0.75 + b[1] * 0.25]);
    cut.push([a[0] * 0.25 + b[0] * 0.75, a[1] * 0.25 + b[1] * 0.75]);
  }
  cut.push(last);
  return cut;
}

/** Bends lengthen a road: shrink it around its start until the planned length fits. */
function scaleTo(places: Place[], length: number): Place[] {
  let actual = 0;
  for (const [index, place] of places.entries()) {
    const before = places[index - 1];
    if (before) actual += Math.hypot(place[0] - before[0], place[1] - before[1]);
  }
  const [east, north] = places[0] ?? [0, 0];
  const factor = length / Math.max(actual, 1);
  return places.map((place) => [east + (place[0] - east) * factor, north + (place[1] - north) * factor]);
}

function resample(places: readonly Place[]): Place[] {
  const even: Place[] = [];
  let ahead = 0;
  for (const [index, b] of places.entries()) {
    const a = places[index - 1];
    if (!a) continue;
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    for (; ahead < length; ahead += STEP) {
      even.push([a[0] + ((b[0] - a[0]) * ahead) / length, a[1] + ((b[1] - a[1]) * ahead) / length]);
    }
    ahead -= length;
  }
  const last = places.at(-1);
  if (last) even.push(last);
  return even;
}

/** Elevation comes from the ground, so two rides over one place are equally high there. */
function climb(region: Region, east: Float64Array, north: Float64Array): Float64Array {
  const ground = createNoise(seedOf(region.locality, 'ground'));
  const height = (x: number, y: number) =>
    330 * ground.over(x / 9_000, y / 9_000) +
    105 * ground.over(x / 3_100 + 40, y / 3_100) +
    16 * ground.over(x / 900, y / 900 + 40);
  const raw = east.map((x, index) => region.base + region.relief * height(x, north[index] ?? 0));
  return evened(raw, 9);
}

/** Roads are cut into a slope: a running mean over `reach` vertices on either side takes the steepest ramps away. */
function evened(raw: Float64Array, reach: number): Float64Array {
  const sums = new Float64Array(raw.length + 1);
  for (const [index, value] of raw.entries()) sums[index + 1] = (sums[index] ?? 0) + value;
  return raw.map((_, index) => {
    const from = Math.max(0, index - reach);
    const to = Math.min(raw.length, index + reach + 1);
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
}

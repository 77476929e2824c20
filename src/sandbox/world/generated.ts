import type { Course, Point, Track } from '../model.ts';
import { createRandom, seedOf } from '../random.ts';
import { cuesOf } from '../rides/cues.ts';
import { withDistances } from '../rides/distance.ts';
import { ride } from '../rides/ride.ts';
import { layRoad, type Plan, toDegrees } from '../rides/road.ts';
import { paved } from '../rides/surface.ts';
import { thinned, trainerRide, withLaps } from '../rides/variants.ts';
import { REGIONS } from './regions.ts';

/** Where items have a given number of points, so many distinct tracks are shared among all of them. */
const SHARED = 8;
/** Metres between two vertices of a planned route, as the provider's have it. */
const SPACING = 14;

/** Of what all shared tracks are in. */
export const SHARED_REGION = REGIONS[0];

export function routeTrack(plan: Plan, points: number | undefined): Track {
  if (points === undefined) return { key: `route ${plan.seed} ${plan.length}`, make: () => routeCourse(plan) };
  const seed = plan.seed % SHARED;
  const shared: Plan = { seed, shape: 'loop', length: Math.max(2_000, points * SPACING), region: SHARED_REGION };
  return { key: `route ${seed} of ${points}`, make: () => routeCourse(shared, points) };
}

/** @param start - epoch seconds. A shared track keeps its own times, so they differ from the item's `departed_at`. */
export function tripTrack(plan: Plan, seed: number, start: number, points: number | undefined): Track {
  if (points === undefined)
    return { key: `trip ${seed}`, make: () => ({ points: ridden(plan, seed, start), cues: [] }) };
  const which = seed % SHARED;
  const shared: Plan = { seed: which, shape: 'loop', length: Math.max(2_000, points * 8), region: SHARED_REGION };
  const began = 1_700_000_000 + which * 86_400;
  return {
    key: `trip ${which} of ${points}`,
    make: () => ({ points: ridden(shared, which, began, points), cues: [] }),
  };
}

export function trainerTrack(seed: number, start: number): Track {
  return { key: `trainer ${seed}`, make: () => ({ points: trainerRide(seed, start), cues: [] }) };
}

/** A planned line: places, heights and surfaces, no times. */
function routeCourse(plan: Plan, points?: number): Course {
  const road = layRoad(plan);
  const line = Array.from(road.east, (east, index) => ({
    ...toDegrees(road.region, east, road.north[index] ?? 0),
    e: Math.round((road.elevation[index] ?? 0) * 10) / 10,
  }));
  const wanted = points ?? Math.min(line.length, Math.ceil(road.length / SPACING));
  const measured = paved(withDistances(thinned(line, wanted)), plan.seed, (plan.seed % 100) / 250);
  return { points: measured, cues: cuesOf(measured, plan.seed) };
}

/** Not every ride has every sensor or laps; shared tracks have them all, because their size is what they are for. */
function ridden(plan: Plan, seed: number, start: number, points?: number): Point[] {
  const random = createRandom(seedOf(seed, 'sensors'));
  const all = points !== undefined;
  const sensors = {
    heart: all || random.chance(0.85),
    cadence: all || random.chance(0.8),
    power: all || random.chance(0.6),
    temperature: all || random.chance(0.9),
  };
  const whole = ride(layRoad(plan), { seed, start, threshold: random.between(175, 235), sensors });
  const measured = withDistances(points === undefined ? whole : thinned(whole, points));
  return !all && random.chance(0.5) ? withLaps(measured, 10_000) : measured;
}

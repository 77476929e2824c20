import { type Gear, iso, type Rider } from '../model.ts';
import { seedOf } from '../random.ts';
import { REGIONS } from './regions.ts';

const DAY = 86_400_000;

/** What a rider shall have when the sandbox starts. */
export interface RiderPlan {
  id: number;
  name: string;
  routes: number;
  trips: number;
  /** Points of every item. Absent: as many as the ride is long; given: a handful of tracks is shared by all items. */
  points?: number;
}

const BIKES = [
  ['Korrigan', 'Allroad 2', 'Steel, 40 mm tyres', false],
  ['Veloce', 'Rapide SL', null, false],
  ['Turbo', 'Home trainer', 'Indoors', true],
] as const;

/** A rider who joined two to three years ago, lives in one of the regions, and has three bikes. */
export function createRider(plan: RiderPlan, index: number, seed: number, now: number): Rider {
  const home = REGIONS[index % REGIONS.length] ?? REGIONS[0];
  const createdAt = now - (900 + (seedOf(seed, plan.id) % 400)) * DAY;
  const gear: Gear[] = BIKES.map(([make, model, description, apart], at) => ({
    id: plan.id * 10 + at + 1,
    make,
    model,
    description,
    exclude_from_totals: apart,
    created_at: iso(createdAt + at * 40 * DAY),
  }));
  const points = plan.points === undefined ? {} : { points: plan.points };
  return { id: plan.id, name: plan.name, email: `rider${plan.id}@sandbox.example`, createdAt, home, gear, ...points };
}

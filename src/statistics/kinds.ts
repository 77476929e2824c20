import type { Ridden, RiddenKind } from '../storage/statistics.ts';
import { dayOf } from './days.ts';
import { addRide, type Figures, nothing } from './figures.ts';

/** Of one activity, as the provider names it; empty: not known. */
export type ActivityFigures = Figures & { activity: string };

/** Of one bike: the provider's id and name, both empty where it is not known, and the day of its last ride. */
export type GearFigures = Figures & { gear: string; name: string; last: string };

type Kinds = ReadonlyMap<number, RiddenKind>;

/** The longest distance first. */
export function byActivity(rides: readonly Ridden[], kinds: Kinds): ActivityFigures[] {
  const found = new Map<string, ActivityFigures>();
  for (const ride of rides) {
    const activity = kinds.get(ride.kind)?.activity ?? '';
    const sum = found.get(activity) ?? { activity, ...nothing() };
    addRide(sum, ride);
    found.set(activity, sum);
  }
  return [...found.values()].sort(byDistance);
}

/** The longest distance first. A bike that was renamed is one bike, called as on its latest ride. @param rides - the latest first. */
export function byGear(rides: readonly Ridden[], kinds: Kinds): GearFigures[] {
  const found = new Map<string, GearFigures>();
  for (const ride of rides) {
    const { gear = '', gearName = '' } = kinds.get(ride.kind) ?? {};
    const sum = found.get(gear) ?? { gear, name: gear && gearName, last: dayOf(ride.at), ...nothing() };
    addRide(sum, ride);
    found.set(gear, sum);
  }
  return [...found.values()].sort(byDistance);
}

const byDistance = (a: Figures, b: Figures): number => b.distance - a.distance || b.rides - a.rides;

import type { Ridden, RiddenName } from '../storage/statistics.ts';
import { dayOf } from './days.ts';

/** A sprint to the baker is no record. */
export const FASTEST_OVER_METRES = 20_000;
/** Nobody rides so for long: a clock was wrong, or the bike lay on a car. */
const TOO_FAST_KMH = 100;

/** What a single ride is best in: the largest of these figures. */
const RECORDS = {
  /** Metres. */
  longest: ({ distance }: Ridden) => distance,
  /** Metres. */
  most_climbing: ({ climbing }: Ridden) => climbing,
  /** Metres above the sea. */
  highest: ({ highest }: Ridden) => highest,
  /** Kilometres per hour while moving, over at least `FASTEST_OVER_METRES`. */
  fastest: averageSpeed,
  /** Seconds. */
  most_time: ({ time }: Ridden) => time,
  /** Kilocalories. */
  most_calories: ({ calories }: Ridden) => calories,
} as const;

export type RecordName = keyof typeof RECORDS;

/** One ride that no other one is better than; of equal ones the first that was ridden. */
export interface RideRecord {
  record: RecordName;
  value: number;
  /** The provider's. */
  id: string;
  name: string;
  /** In UTC; empty where it has none. */
  day: string;
}

export type Holder = Pick<RideRecord, 'record' | 'value' | 'day'> & { ride: number };

/** @param rides - the latest first. */
export function recordsOf(rides: readonly Ridden[]): Holder[] {
  const best = new Map<RecordName, Holder>();
  for (const ride of rides) {
    for (const record of NAMES) {
      const value = RECORDS[record](ride);
      if (value === null || value < (best.get(record)?.value ?? Number.MIN_VALUE)) continue;
      best.set(record, { record, value, day: dayOf(ride.at), ride: ride.ride });
    }
  }
  return NAMES.flatMap((record) => best.get(record) ?? []);
}

const NAMES = Object.keys(RECORDS) as RecordName[];

/** A ride that was erased in the meantime holds none. */
export function withNames(holders: readonly Holder[], names: readonly RiddenName[]): RideRecord[] {
  return holders.flatMap(({ ride, ...record }) => {
    const name = names.find((each) => each.ride === ride);
    return name ? [{ ...record, id: name.id, name: name.name }] : [];
  });
}

function averageSpeed({ distance, time }: Ridden): number | null {
  if (distance === null || distance < FASTEST_OVER_METRES || !time) return null;
  const speed = (distance / time) * 3.6;
  return speed > TOO_FAST_KMH ? null : speed;
}

import type { Ridden } from '../storage/statistics.ts';
import type { Span } from './days.ts';

/** What rides come to. What is not known of one counts as nothing. */
export interface Figures {
  rides: number;
  /** Metres. */
  distance: number;
  /** Metres. */
  climbing: number;
  /** Seconds, moving; with stops where nothing else is known. */
  time: number;
  /** Kilocalories. */
  calories: number;
}

/** Figures of all days from one to another. */
export type Stretch = Span & Figures;

export const nothing = (): Figures => ({ rides: 0, distance: 0, climbing: 0, time: 0, calories: 0 });

/** Adds to `sum` itself: there are twenty thousand. */
export function addRide(sum: Figures, { distance, climbing, time, calories }: Ridden): void {
  sum.rides += 1;
  sum.distance += distance ?? 0;
  sum.climbing += climbing ?? 0;
  sum.time += time ?? 0;
  sum.calories += calories ?? 0;
}

function add(sum: Figures, more: Figures): void {
  sum.rides += more.rides;
  sum.distance += more.distance;
  sum.climbing += more.climbing;
  sum.time += more.time;
  sum.calories += more.calories;
}

export function total(all: Iterable<Figures>): Figures {
  const sum = nothing();
  for (const each of all) add(sum, each);
  return sum;
}

/** The figures of some days by what `keyOf` says of each. */
export function sumBy<Key>(days: ReadonlyMap<string, Figures>, keyOf: (day: string) => Key): Map<Key, Figures> {
  const sums = new Map<Key, Figures>();
  for (const [day, figures] of days) {
    const key = keyOf(day);
    const sum = sums.get(key);
    if (sum) add(sum, figures);
    else sums.set(key, { ...figures });
  }
  return sums;
}

import { withNames } from '../../src/statistics/records.ts';
import { reportOf, type Statistics } from '../../src/statistics/report.ts';
import type { Ridden, RiddenKind } from '../../src/storage/statistics.ts';

/** Rides for the statistics page, and the figures that the program makes of them. */

export function ridden(changes: Partial<Ridden> = {}): Ridden {
  return {
    ride: 1,
    at: '2026-07-04T04:12:00.000Z',
    distance: 64_210,
    climbing: 1_284,
    time: 10_820,
    calories: 2_104,
    highest: 1_611,
    kind: 1,
    ...changes,
  };
}

/** Three years, up to the day before the pages are looked at; one of the rides has no date. */
export function rideList(): Ridden[] {
  const rides = Array.from({ length: 330 }, (_, at) => {
    const distance = 8_000 + ((at * 7_919) % 90_000);
    const day = new Date(Date.parse('2026-07-04T06:00:00Z') - Math.floor(at * 2.6) * 86_400_000).toISOString();
    return ridden({
      ride: at + 1,
      at: at === 329 ? '' : day,
      distance: at % 50 === 7 ? null : distance,
      climbing: distance / (45 + (at % 30)),
      time: distance / 6.2,
      calories: at % 3 === 0 ? null : distance / 30,
      highest: 300 + ((at * 31) % 1_300),
      kind: 1 + (at % 4),
    });
  });
  return rides.sort((a, b) => b.at.localeCompare(a.at));
}

const KINDS = new Map<number, RiddenKind>([
  [1, { activity: 'cycling:road', gear: '3', gearName: 'Basso Palta' }],
  [2, { activity: 'cycling:gravel', gear: '4', gearName: 'The old steel one with the mudguards, for winter' }],
  [3, { activity: 'cycling:road', gear: '5', gearName: '' }],
  [4, { activity: '', gear: '', gearName: '' }],
]);

export function statistics(rides: Ridden[], year?: string, kinds: Map<number, RiddenKind> = KINDS): Statistics {
  const { holders, ...report } = reportOf({ rides, kinds }, { year, today: '2026-07-05' });
  const names = holders.map(({ ride }) => ({ ride, id: String(1000 + ride), name: ride % 4 ? `Ride ${ride}` : '' }));
  return { ...report, records: withNames(holders, names) };
}

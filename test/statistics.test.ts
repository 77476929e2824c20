import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eddington, METRES_PER_MILE } from '../src/statistics/eddington.ts';
import { reportOf } from '../src/statistics/report.ts';
import { streakOfDays, streakOfWeeks } from '../src/statistics/streaks.ts';
import { ridden, rideList, statistics } from './web/ridden.ts';

/** Some of them to the metre. */
const daysBy = (unit: number) =>
  fc.array(
    fc.oneof(
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: 1, max: 40 }).map((units) => units * unit),
    ),
    {
      maxLength: 80,
    },
  );

test.each([1000, METRES_PER_MILE])(
  'the Eddington number of units of %d m is what counting one by one finds',
  (unit) => {
    fc.assert(
      fc.property(daysBy(unit), (distances) => {
        const daysOf = (units: number) => distances.filter((distance) => distance >= units * unit).length;
        let number = 0;
        for (let units = 1; units <= 100; units += 1) if (daysOf(units) >= units) number = units;
        const next = number + 1;
        expect(eddington(distances, unit)).toEqual({
          number,
          next: { number: next, days: daysOf(next), missing: next - daysOf(next) },
        });
      }),
    );
  },
);

test('a day of two rides counts once for Eddington, with both of them', () => {
  const { eddington: numbers } = statistics([ridden({ distance: 1_500 }), ridden({ distance: 1_500 })]);
  expect(numbers.km.ever).toEqual({ number: 1, next: { number: 2, days: 1, missing: 1 } });
  expect(numbers.miles.ever.number).toBe(1);
});

test('streaks are what counting from every day finds', () => {
  const start = Date.parse('2023-12-20');
  const dayAt = (number: number) => new Date(start + number * 86_400_000).toISOString().slice(0, 10);
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 90 }), { maxLength: 50 }), (numbers) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      const has = new Set(sorted);
      const lengthFrom = (number: number): number => (has.has(number) ? 1 + lengthFrom(number + 1) : 0);
      const best = Math.max(0, ...sorted.map(lengthFrom));
      const streak = streakOfDays(sorted.map(dayAt));
      expect(streak?.length ?? 0).toBe(best);
      if (streak) {
        const first = sorted.find((number) => lengthFrom(number) === best) ?? 0;
        expect(streak).toEqual({ from: dayAt(first), to: dayAt(first + best - 1), length: best });
      }
    }),
  );
});

test('a week is ridden from its first ridden day to its last, Sunday and Monday are two weeks', () => {
  // 2024-12-29 was a Sunday.
  expect(streakOfWeeks(['2024-12-29', '2024-12-30', '2025-01-05'])).toEqual({
    from: '2024-12-29',
    to: '2025-01-05',
    length: 2,
  });
  expect(streakOfWeeks(['2025-01-05', '2025-01-13'])).toMatchObject({ length: 1, to: '2025-01-05' });
  expect(streakOfWeeks([])).toBe(null);
});

test('a leap year has a calendar of its own: all its weeks, and a comparison that ends in February', () => {
  // 2012 began on a Sunday and has 366 days.
  const { weeks, months } = statistics([ridden({ at: '2012-12-31T00:00:00Z' })], '2012');
  expect(weeks).toHaveLength(54);
  expect([weeks[0], weeks[53]]).toMatchObject([
    { from: '2012-01-01', to: '2012-01-01' },
    { from: '2012-12-31', to: '2012-12-31', rides: 1 },
  ]);
  expect(months[1]?.to).toBe('2012-02-29');
  const rides = [ridden({ at: '2024-02-29T12:00:00Z' }), ridden({ at: '2023-02-28T12:00:00Z' })];
  expect(reportOf({ rides, kinds: new Map() }, { today: '2024-02-29' }).before).toMatchObject({
    until: '2023-02-28',
    figures: { rides: 1 },
    so_far: { rides: 1 },
  });
});

test('what has a date that no calendar has counts as a ride without one', () => {
  const report = statistics([...rideList(), ridden({ at: '+275760-09-13T00:00:00.000Z' })], 'all');
  expect(report.undated.rides).toBe(2);
  expect(report.totals.rides).toBe(331);
  expect(report.years.map(({ year }) => year)).toEqual(['2026', '2025', '2024']);
});

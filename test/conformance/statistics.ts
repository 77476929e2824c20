import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applySnapshot } from '../../src/mirror.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import { describeRide } from '../../src/sources/ridewithgps/describe.ts';
import type { Snapshot } from '../../src/sources/source.ts';
import type { Figures } from '../../src/statistics/figures.ts';
import { type StatisticsAnswer, statisticsOf } from '../../src/statistics/index.ts';
import type { Account, AccountWriter } from '../../src/storage/accounts.ts';
import type { ItemWriter } from '../../src/storage/items.ts';
import type { Library, LibraryFilter } from '../../src/storage/library.ts';
import type { RiddenReader } from '../../src/storage/statistics.ts';
import type { Claim } from '../../src/vocabulary.ts';

export interface StatisticsUnderTest {
  accountWriter: AccountWriter;
  itemWriter: ItemWriter;
  library: Library;
  statistics: RiddenReader;
  close(): Promise<void>;
}

const NOW = Date.parse('2026-06-15T12:00:00Z');
const TODAY = '2026-06-15';

/** What was ridden, over one storage: its figures add up, with each other and with those of the library. */
export function statisticsSuite(
  name: string,
  open: () => Promise<StatisticsUnderTest>,
  forget: () => Promise<void>,
): void {
  describe(`the statistics in ${name}`, () => {
    let mirror: StatisticsUnderTest;
    let rider: Account;
    let seq: number;
    beforeEach(async () => {
      seq = 0;
      mirror = await open();
      rider = await connect('1');
    });
    afterEach(async () => {
      await mirror.close();
      await forget();
    });

    const connect = (account: string): Promise<Account> =>
      mirror.accountWriter.connect({
        source: 'ridewithgps',
        account,
        name: `Rider ${account}`,
        client: 'key',
        tokenKind: 'bearer',
        sealedToken: Buffer.from('sealed'),
        connectedAt: NOW,
      });

    function apply(of: { type: string; id: string }, snapshot: Snapshot, to: Account) {
      seq += 1;
      const claim: Claim = {
        ...{ task: 1, seq, attempts: 1, origin: 'webhook', action: 'updated', announcesDeletion: true },
        key: { source: 'ridewithgps', account: to.user_id, ...of },
        ...{ firstLearntAt: NOW, lastLearntAt: NOW, claimedAt: NOW, notifications: 1, webhook: null },
      };
      return applySnapshot(mirror.itemWriter, to, claim, snapshot, () => NOW);
    }

    function keep(ride: Record<string, unknown> & { id: number }, type = 'trip', to = rider) {
      const whole = { user_id: Number(to.user_id), name: `Ride ${ride.id}`, ...ride };
      const raw = Buffer.from(JSON.stringify({ [type]: whole }));
      const describing = () => describeRide(whole, { account: to.user_id });
      const id = { type, id: String(ride.id) };
      return apply(id, { kind: 'present', raw, beganAt: NOW, describe: describing }, to);
    }

    const pin = (...ids: string[]) =>
      apply({ type: 'pinned', id: 'pinned' }, { kind: 'pins', pins: ids.map((id) => ({ type: 'trip', id })) }, rider);

    const read = (filter: Partial<LibraryFilter> = {}, year?: string, of = rider): Promise<StatisticsAnswer> =>
      statisticsOf(mirror, { accountId: of.id, filter, year, today: TODAY });

    const totals = async (filter: Partial<LibraryFilter>) => {
      const whole: LibraryFilter = { ...filter, types: ['trip'], state: 'active', owned: true };
      return (await mirror.library.list(rider.id, { ...whole, page: 1, pageSize: 1 })).totals;
    };

    /** Of five years, a few of them odd: without a date, a distance, a bike; in time to come; deleted; of somebody else. */
    async function fill(): Promise<void> {
      const random = createRandom(7);
      const maybe = <T>(value: T) => (random.chance(0.85) ? value : null);
      await pin('901', '902');
      for (let id = 1; id <= 160; id += 1) {
        const at = new Date(
          Date.parse('2022-01-01T00:00:00Z') + random.integer(0, 1700 * 24) * 3_600_000,
        ).toISOString();
        const bike = random.integer(1, 4);
        const gear = random.chance(0.8) ? { id: bike, make: `Bike ${bike}`, model: id > 80 ? 'renamed' : '' } : null;
        const distance = maybe(random.integer(1, 150_000));
        await keep({
          id,
          name: random.pick(['Evening loop', 'Vršič', 'Commute']),
          departed_at: id % 40 === 0 ? null : at,
          ...(id % 40 !== 0 && { updated_at: at }),
          distance,
          elevation_gain: maybe(random.integer(0, 3_000)),
          moving_time: maybe(random.integer(60, 20_000)),
          calories: maybe(random.integer(10, 4_000)),
          activity_type: random.pick(['cycling:road', 'cycling:gravel', '']),
          visibility: random.pick(['public', 'private']),
          country_code: random.pick(['SI', 'IT', '']),
          gear,
        });
      }
      await keep({ id: 500, distance: 99_000, updated_at: '2026-02-01T00:00:00Z' }, 'route');
      for (const id of [901, 902])
        await keep({ id, user_id: 2, distance: 300_000, departed_at: '2026-02-02T00:00:00Z' });
      for (const id of ['3', '4']) await apply({ type: 'trip', id }, { kind: 'gone' }, rider);
    }

    const day = fc
      .date({ min: new Date('2021-12-01'), max: new Date('2026-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    const VALUES: Record<string, fc.Arbitrary<string | number>> = {
      q: fc.constantFrom('loop', 'vrsic', 'nothing'),
      from: day,
      to: day,
      distanceMin: fc.integer({ min: 0, max: 60_000 }),
      distanceMax: fc.integer({ min: 60_000, max: 150_000 }),
      climbingMin: fc.integer({ min: 0, max: 1_000 }),
      climbingMax: fc.integer({ min: 1_000, max: 3_000 }),
      activity: fc.constantFrom('cycling:road', 'cycling:gravel'),
      gear: fc.constantFrom('1', '2', '9'),
      visibility: fc.constantFrom('public', 'private'),
      country: fc.constantFrom('SI', 'IT'),
    };
    /** Three at most: with more of them nothing is left to count. */
    const filters: fc.Arbitrary<Partial<LibraryFilter>> = fc
      .array(fc.oneof(...Object.entries(VALUES).map(([key, value]) => fc.tuple(fc.constant(key), value))), {
        maxLength: 3,
      })
      .map((entries) => Object.fromEntries(entries));

    test('add up to the totals of the library, whatever is filtered', async () => {
      await fill();
      expect((await read({}, 'all')).statistics).toMatchObject({ totals: { rides: 158 }, undated: { rides: 4 } });
      let found = 0;
      const years = fc.constantFrom('all', '2023', '2024', '2026', '2031', undefined);
      await fc.assert(
        fc.asyncProperty(filters, years, async (filter, asked) => {
          const { statistics, facets } = await read(filter, asked);
          const { year } = statistics;
          const inYear = year === null ? filter : narrowed(filter, `${year}-01-01`, `${year}-12-31`);
          const { count, distance, climbing, moving_time } = await totals(inYear);
          found += count;
          const { calories } = statistics.totals;
          expect(statistics.totals).toEqual({ rides: count, distance, climbing, time: moving_time, calories });
          const { undated } = statistics;
          for (const parts of [
            [...statistics.months, undated],
            [...statistics.weeks, undated],
            [...statistics.weekdays, undated],
            statistics.activities,
            statistics.gear,
            year === null ? [...statistics.years, undated] : statistics.days,
          ])
            expect(sum(parts)).toEqual(statistics.totals);
          for (const { gear, rides } of statistics.gear.filter((each) => each.gear !== ''))
            expect((await totals({ ...inYear, gear })).count).toBe(rides);
          for (const { value, count: items } of facets.activities)
            expect((await totals({ ...inYear, activity: value })).count).toBe(items);
          for (const month of statistics.months.filter(({ rides }) => rides > 0).slice(0, 3))
            expect((await totals(narrowed(filter, month.from, month.to))).distance).toBe(month.distance);
          for (const week of statistics.weeks.filter(({ rides }) => rides > 0).slice(0, 3))
            expect((await totals(narrowed(filter, week.from, week.to))).climbing).toBe(week.climbing);
        }),
        { numRuns: 80, seed: 4 },
      );
      expect(found).toBeGreaterThan(1_000);
    });

    test('count what the rider rode: no routes, nothing deleted, no pinned rides of others, nobody else’s', async () => {
      const other = await connect('2');
      await pin('9');
      await keep({ id: 1, departed_at: '2026-01-01T10:00:00Z', distance: 1_000, calories: 30 });
      await keep({ id: 2, departed_at: '2026-01-01T11:00:00Z', distance: 2_000 });
      await keep({ id: 3, updated_at: '2026-01-01T11:00:00Z', distance: 4_000 }, 'route');
      await keep({ id: 9, user_id: 2, departed_at: '2026-01-01T11:00:00Z', distance: 8_000 });
      await keep({ id: 4, departed_at: '2026-01-01T11:00:00Z', distance: 16_000 });
      await apply({ type: 'trip', id: '4' }, { kind: 'gone' }, rider);
      await keep({ id: 5, departed_at: '2026-01-01T11:00:00Z', distance: 32_000 }, 'trip', other);
      const { statistics, ofOthers } = await read();
      expect(statistics.totals).toEqual({ rides: 2, distance: 3_000, climbing: 0, time: 0, calories: 30 });
      expect(ofOthers).toBe(1);
      expect((await read({}, undefined, other)).statistics.totals).toMatchObject({ rides: 1, distance: 32_000 });
      await mirror.accountWriter.erase({ source: 'ridewithgps', account: '1' });
      expect((await read()).statistics).toMatchObject({ years: [], totals: { rides: 0 }, records: [] });
    });

    test('name the best rides, with the highest point of their tracks', async () => {
      const at = (date: string) => ({ departed_at: `${date}T08:00:00Z` });
      const track = (...elevations: unknown[]) => ({ track_points: elevations.map((e, d) => ({ x: 0, y: 0, d, e })) });
      await keep({ id: 1, ...at('2026-01-01'), distance: 50_000, moving_time: 7_200, ...track(3, 1_611, 12, null) });
      await keep({ id: 2, ...at('2026-01-02'), distance: 19_999, moving_time: 1_000, elevation_gain: 900 });
      await keep({ id: 3, ...at('2026-01-03'), distance: 20_000, moving_time: 2_000, ...track('2000', -4) });
      await keep({ id: 4, ...at('2026-01-04'), distance: 50_000, moving_time: 10, calories: 1 });
      const { records } = (await read()).statistics;
      expect(records.map(({ record, id, value, day: on }) => [record, id, value, on])).toEqual([
        ['longest', '1', 50_000, '2026-01-01'],
        ['most_climbing', '2', 900, '2026-01-02'],
        ['highest', '1', 1_611, '2026-01-01'],
        ['fastest', '3', 36, '2026-01-03'],
        ['most_time', '1', 7_200, '2026-01-01'],
        ['most_calories', '4', 1, '2026-01-04'],
      ]);
      expect(records[0]?.name).toBe('Ride 1');
    });

    test('show the year that one is in, or the last before it, and compare up to the same day', async () => {
      const ride = (id: number, date: string, distance: number) =>
        keep({ id, departed_at: `${date}T23:59:59Z`, distance });
      await ride(1, '2030-01-01', 1);
      expect((await read()).statistics.year).toBe('2030');
      await ride(2, '2024-02-29', 10);
      expect((await read()).statistics.year).toBe('2024');
      await ride(3, '2025-06-15', 100);
      await ride(4, '2025-06-16', 1_000);
      await ride(5, '2026-03-01', 10_000);
      const { statistics } = await read();
      expect(statistics).toMatchObject({
        year: '2026',
        before: { year: '2025', until: '2025-06-15', figures: { distance: 100 }, so_far: { distance: 10_000 } },
      });
      expect(statistics.months[5]).toMatchObject({
        from: '2026-06-01',
        to: '2026-06-30',
        rides: 0,
        before: { distance: 1_100 },
      });
      expect((await read({}, '2025')).statistics.before).toMatchObject({
        until: '2024-12-31',
        figures: { distance: 10 },
      });
      expect((await read({}, '2024')).statistics).toMatchObject({ before: null, months: { 1: { to: '2024-02-29' } } });
      expect((await read({}, '2027')).statistics).toMatchObject({
        year: '2027',
        totals: { rides: 0 },
        years: { length: 4 },
      });
    });
  });
}

function narrowed(filter: Partial<LibraryFilter>, from: string, to: string): Partial<LibraryFilter> {
  return {
    ...filter,
    from: filter.from && filter.from > from ? filter.from : from,
    to: filter.to && filter.to < to ? filter.to : to,
  };
}

function sum(parts: readonly Figures[]): Figures {
  const all: Figures = { rides: 0, distance: 0, climbing: 0, time: 0, calories: 0 };
  for (const part of parts) for (const name of Object.keys(all) as (keyof Figures)[]) all[name] += part[name];
  return all;
}

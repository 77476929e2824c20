import { applySnapshot } from '../../src/mirror.ts';
import { createRandom, type Random } from '../../src/sandbox/random.ts';
import type { Snapshot } from '../../src/sources/source.ts';
import type { Account } from '../../src/storage/accounts.ts';
import type { Description } from '../../src/storage/items.ts';
import { type LibraryQuery, ORDERS, type RideColumns, SORTS } from '../../src/storage/library.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { ITEM_STATES } from '../../src/vocabulary.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');

type Words = [string, ...string[]];
/** Whatever languages, and whatever a search could take for an operator. Without NUL: text of PostgreSQL has none. */
const WORDS = (
  "Vršič vrsica Über uberto Ångström Crème brûlée naïve Größe L’Aquila don't İzmir ΟΔΥΣΣΕΥΣ οδυσσευς Дорога 富士山 서울 ﬁn x² 🚲 " +
  'ride Ride rides km 42 4.2 a A ab NOT OR "OR" * % _ \\ (x) x:y x&y x|y !x <-> tab\tnew'
).split(' ') as [string, ...string[]];
const PLACES: [[string, string, string], ...[string, string, string][]] = [
  ['Kranjska Gora', 'Upper Carniola', 'SI'],
  ['Ljubljana', 'Central Slovenia', 'SI'],
  ['Villach', 'Carinthia', 'AT'],
  ['Genève', 'Genève', 'CH'],
  ['', '', ''],
  ['Nowhere', '', 'zz'],
];
const ACTIVITIES: Words = ['cycling:road', 'cycling:gravel', 'running', ''];
const VISIBILITIES: Words = ['public', 'private', 'friends_only'];
const GEAR: Words = ['', '1', '2', '3'];
const TYPES: Words = ['trip', 'route'];
const DAY = 86_400_000;

/** The same library, for whichever storage: as odd as what providers send, and with all that can become of an item. */
export async function writeMadeUpLibrary(mirror: MirrorWriter, account: Account, items: number): Promise<void> {
  const random = createRandom(6);
  let seq = 0;

  async function apply(type: string, id: string, snapshot: Snapshot): Promise<void> {
    seq += 1;
    const now = NOON + seq;
    const key = { source: account.source, account: account.user_id, type, id };
    const learnt = { firstLearntAt: now, lastLearntAt: now, claimedAt: now, notifications: 1, webhook: null };
    const claim = {
      task: 1,
      key,
      seq,
      attempts: 1,
      origin: 'webhook' as const,
      action: 'updated',
      announcesDeletion: true,
    };
    await applySnapshot(mirror.itemWriter, account, { ...claim, ...learnt }, snapshot, () => now);
  }
  const keep = (type: string, id: string) => {
    const description = describe(random);
    const raw = Buffer.from(`${id} ${seq}`);
    return apply(type, id, { kind: 'present', raw, beganAt: NOON + seq, describe: () => description });
  };

  const ids = Array.from({ length: items }, (_, at) => String(at + 1));
  const typeOf = (id: string) => TYPES[Number(id) % 2] ?? 'trip';
  for (const id of ids) await keep(typeOf(id), id);
  const pinned = ids.filter(() => random.chance(0.2)).map((id) => ({ type: typeOf(id), id }));
  await apply('pinned', 'pinned', { kind: 'pins', pins: pinned });
  for (const id of ids) {
    if (random.chance(0.2)) await apply(typeOf(id), id, { kind: random.chance(0.7) ? 'gone' : 'forbidden' });
    if (random.chance(0.2)) await keep(typeOf(id), id);
  }
}

const text = (random: Random, most: number): string =>
  Array.from({ length: random.integer(0, most) }, () => random.pick(WORDS)).join(' ');

/** Quarters, whose sums are the same in any order. */
const figure = (random: Random, most: number): number | null =>
  random.chance(0.85) ? random.integer(0, most * 4) / 4 : null;

function describe(random: Random): Description {
  const at = random.chance(0.9)
    ? new Date(Date.parse('2022-01-01') + random.integer(0, 200) * 7 * DAY).toISOString()
    : '';
  const [locality, administrative_area, country_code] = random.pick(PLACES);
  const gear_id = random.pick(GEAR);
  const ride: RideColumns = {
    ...{
      description: text(random, 12),
      visibility: random.pick(VISIBILITIES),
      locality,
      administrative_area,
      country_code,
    },
    ...{
      activity_type: random.pick(ACTIVITIES),
      gear_id,
      gear_name: gear_id && random.pick(['', 'Bike', 'Other bike']),
    },
    ...{ distance: figure(random, 100), elevation_gain: figure(random, 100), elevation_loss: figure(random, 100) },
    ...{ duration: figure(random, 100), moving_time: figure(random, 100), avg_speed: figure(random, 40) },
    ...{ calories: figure(random, 900), highest: figure(random, 2_000), departed_at: at || null, created_at: null },
    thumbnail: random.chance(0.5) ? [[random.integer(0, 48), 1]] : [],
  };
  const west = random.integer(0, 60_000_000);
  const line = Buffer.from([random.integer(0, 255), 1]);
  const cells = [
    { step: 0, cell: 0, line },
    { step: 1, cell: random.integer(0, 3), line },
  ];
  const outline = random.chance(0.7) ? { west, east: west + 10, south: west, north: west - 9, cells } : null;
  const version = new Date(Date.parse('2026-01-01') + random.integer(0, 300) * DAY).toISOString();
  const title = text(random, 3);
  return { version, owned: random.chance(0.8), title, happenedAt: at, ride, record: null, photos: [], outline };
}

/** What somebody may ask of it, most of it with an answer. */
export function madeUpQuery(seed: number): LibraryQuery {
  const random = createRandom(seed);
  const maybe = <T>(probability: number, value: () => T) => (random.chance(probability) ? value() : undefined);
  const day = () => new Date(Date.parse('2022-01-01') + random.integer(0, 210) * 7 * DAY).toISOString().slice(0, 10);
  const begun = () => {
    const word = random.pick(WORDS);
    return random.chance(0.5) ? word : word.slice(0, random.integer(1, 4)).toLowerCase();
  };
  const [, area, country] = random.pick(PLACES);
  return {
    types: random.pick([['trip', 'route'], ['trip', 'route'], ['trip'], ['route'], []]),
    q: maybe(0.4, () => Array.from({ length: random.integer(0, 2) }, begun).join(' ')),
    state: maybe(0.25, () => random.pick(ITEM_STATES)),
    pinned: maybe(0.15, () => random.chance(0.5)),
    owned: maybe(0.25, () => random.chance(0.5)),
    since: maybe(0.1, () => `${day().replace('2022', '2026')}T00:00:00.000Z`),
    from: maybe(0.15, day),
    to: maybe(0.15, day),
    distanceMin: maybe(0.15, () => random.integer(0, 60)),
    distanceMax: maybe(0.15, () => random.integer(40, 100)),
    climbingMin: maybe(0.1, () => random.integer(0, 60)),
    climbingMax: maybe(0.1, () => random.integer(40, 100)),
    activity: maybe(0.1, () => random.pick(ACTIVITIES)),
    gear: maybe(0.1, () => random.pick(GEAR)),
    visibility: maybe(0.1, () => random.pick(VISIBILITIES)),
    country: maybe(0.15, () => country),
    area: maybe(0.1, () => area),
    sort: maybe(0.8, () => random.pick(SORTS)),
    order: maybe(0.5, () => random.pick(ORDERS)),
    page: random.chance(0.8) ? 1 : random.integer(2, 4),
    pageSize: random.pick([1, 10, 50, 500]),
  };
}

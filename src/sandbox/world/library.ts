import type { Item, ItemType, Region, Rider } from '../model.ts';
import { createRandom, type Random, seedOf } from '../random.ts';
import type { Plan, Shape } from '../rides/road.ts';
import { routeTrack, SHARED_REGION, trainerTrack, tripTrack } from './generated.ts';
import { description, routeName, tripName } from './names.ts';
import { REGIONS } from './regions.ts';

const DAY = 86_400_000;
/** Metres a second below which no generated ride falls on the whole: an item is uploaded after its ride has ended. */
const SLOWEST = 3.4;

/** An item as it is planned: the world gives it its id. */
export type Draft = Omit<Item, 'id' | 'userId'>;

/** A way somebody rides again and again. */
interface Favourite {
  plan: Plan;
  name: string;
  region: Region;
}

/** Two years of routes and trips, oldest first; the same seed and time give the same library. */
export function planLibrary(
  rider: Rider,
  count: { routes: number; trips: number },
  seed: number,
  now: number,
): Draft[] {
  const random = createRandom(seedOf(seed, 'library', rider.id));
  const favourites = Array.from({ length: count.routes }, (_, index) =>
    planWay(random, rider, seedOf(seed, rider.id, 'road', index)),
  );
  const routes = favourites.map((favourite) => draftRoute(random, favourite, rider, now));
  const trips = Array.from({ length: count.trips }, (_, index) => {
    // Evenly through two years: the newest ride was this week, and even the longest of it ended before today.
    const age = 2 + Math.floor(((count.trips - 1 - index) * 725) / Math.max(count.trips, 1)) + random.integer(0, 1);
    const tripSeed = seedOf(seed, rider.id, 'trip', index);
    const known = random.chance(0.6) ? favourites[random.integer(0, favourites.length - 1)] : undefined;
    const way = known ?? planWay(random, rider, tripSeed);
    return draftTrip(random, rider, {
      way,
      seed: tripSeed,
      departedAt: departure(random, rider, Math.floor(now / DAY) - age),
    });
  });
  return [...routes, ...trips].sort((a, b) => a.createdAt - b.createdAt);
}

/** A new item of this minute, for a change made by hand. A trip has just ended. */
export function planToday(rider: Rider, type: ItemType, seed: number, now: number): Draft {
  const random = createRandom(seed);
  const way = planWay(random, rider, seed);
  const departedAt = Math.floor((now - secondsFor(way.plan) * 1_000) / 1_000) * 1_000;
  const draft =
    type === 'route' ? draftRoute(random, way, rider, now) : draftTrip(random, rider, { way, seed, departedAt });
  return { ...draft, createdAt: now, updatedAt: now, visibility: 'public' };
}

function planWay(random: Random, rider: Rider, seed: number): Favourite {
  const shape = random.pick<Shape>(['loop', 'loop', 'loop', 'out_and_back', 'point_to_point']);
  const kilometres = Math.min(210, 16 + 42 * random.next() + 120 * random.next() ** 4);
  const elsewhere = random.chance(0.12) ? random.pick(REGIONS) : rider.home;
  const region = rider.points === undefined ? elsewhere : SHARED_REGION;
  const plan = { seed, shape, length: kilometres * 1_000, region };
  return { plan, name: routeName(random, shape, kilometres), region };
}

/** Epoch milliseconds. Solar time is near enough to local time for a believable hour. */
function departure(random: Random, { home }: Rider, day: number): number {
  const hour = random.pick([6, 7, 8, 9, 9, 10, 13, 15, 17, 18]);
  return day * DAY + (hour * 60 - Math.round(home.lng * 4) + random.integer(0, 59)) * 60_000;
}

/** An upper bound, stops and café included. */
const secondsFor = (plan: Plan): number => Math.ceil(plan.length / SLOWEST + 2_000);

function draftRoute(random: Random, { plan, name, region }: Favourite, { points }: Rider, now: number): Draft {
  const createdAt = Math.floor((now - random.between(2, 730) * DAY) / 1_000) * 1_000;
  const edited = random.chance(0.3) ? random.integer(60, 86_400) * 1_000 : 0;
  return {
    type: 'route',
    name,
    region,
    createdAt,
    updatedAt: createdAt + edited,
    departedAt: null,
    track: routeTrack(plan, points),
    visibility: random.pick(['public', 'public', 'private', 'friends_only']),
    privacyCode: random.word(16),
    attributes: {
      description: description(random),
      archived: random.chance(0.08),
      activity_types: [random.pick(['cycling:road', 'cycling:gravel', 'cycling:generic'])],
    },
  };
}

interface TripPlan {
  way: Favourite;
  seed: number;
  /** Epoch milliseconds. */
  departedAt: number;
}

function draftTrip(random: Random, rider: Rider, { way, seed, departedAt }: TripPlan): Draft {
  const { plan, region, name } = way;
  const indoors = rider.points === undefined && random.chance(0.06);
  const start = departedAt / 1_000;
  const track = indoors ? trainerTrack(seed, start) : tripTrack(plan, seed, start, rider.points);
  const createdAt = departedAt + ((indoors ? 3_700 : secondsFor(plan)) + random.integer(40, 400)) * 1_000;
  const gear = indoors ? rider.gear[2] : rider.gear[random.integer(0, 1)];
  const hour = (((departedAt / 3_600_000 + region.lng / 15) % 24) + 24) % 24;
  return {
    type: 'trip',
    region,
    createdAt,
    // The device's upload is followed by an update about a minute later.
    updatedAt: createdAt + random.integer(30, 90) * 1_000,
    departedAt,
    track,
    name: indoors ? 'Indoor ride' : tripName(random, hour, random.chance(0.4) ? name : undefined),
    visibility: random.pick(['public', 'public', 'public', 'private', 'friends_only']),
    privacyCode: random.word(16),
    attributes: {
      description: description(random),
      activity_type: indoors ? 'cycling:indoor' : 'cycling:road',
      fit_sport: 2,
      fit_sub_sport: indoors ? 6 : 7,
      device: random.pick(['Roadmate 530', 'Roadmate 530', 'Pathfinder 2', 'Phone']),
      gear: gear ?? null,
    },
  };
}

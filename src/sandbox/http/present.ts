import { type Item, type ItemType, iso, type Rider } from '../model.ts';
import { pinnedCollectionId } from '../notification.ts';
import { createRandom, seedOf } from '../random.ts';
import type { Segment, Tracks, View } from '../world/tracks.ts';
import type { World } from '../world/world.ts';

/** Keys that lists leave out beside `track_points`. */
const DETAILS: Record<ItemType, readonly string[]> = { route: ['activity_types'], trip: ['gear'] };

export interface PresentParts {
  world: World;
  tracks: Tracks;
  origin: () => string;
}

export type Presenter = ReturnType<typeof createPresenter>;

/** Writes riders and items as the provider does. */
export function createPresenter({ world, tracks, origin }: PresentParts) {
  const viewOf = (item: Item, viewer: Rider | undefined): View => (viewer?.id === item.userId ? 'owner' : 'others');

  /** An entry of a list: everything but the track and what hangs on it. */
  function summary(item: Item, viewer: Rider): Record<string, unknown> {
    const all = attributes(item, viewer);
    return Object.fromEntries(Object.entries(all).filter(([key]) => !DETAILS[item.type].includes(key)));
  }

  function attributes(item: Item, viewer: Rider | undefined): Record<string, unknown> {
    const view = viewOf(item, viewer);
    const { is_stationary, unpaved_pct, surface, duration, moving_time, ...measures } = tracks.measures(item, view);
    const { gear, archived, ...given } = item.attributes;
    const link = `${origin()}/${item.type}s/${item.id}`;
    const { avg_speed, max_speed, avg_cad, min_cad, max_cad, avg_hr, min_hr, max_hr, ...rest } = measures;
    const { avg_watts, min_watts, max_watts, ...shape } = rest;
    const both = {
      id: item.id,
      user_id: item.userId,
      url: `${origin()}/api/v1/${item.type}s/${item.id}.json`,
      html_url: link,
      name: item.name,
      description: null,
      visibility: item.visibility,
      locality: item.region?.locality ?? null,
      administrative_area: item.region?.administrativeArea ?? null,
      country_code: item.region?.countryCode ?? null,
      ...shape,
      created_at: iso(item.createdAt),
      updated_at: iso(item.updatedAt),
    };
    if (item.type === 'route') {
      return {
        ...both,
        unpaved_pct,
        surface,
        archived: view === 'owner' ? (archived ?? false) : null,
        photos: photos(item),
        ...given,
      };
    }
    return {
      ...both,
      web_url: link,
      departed_at: item.departedAt === null ? null : iso(item.departedAt),
      time_zone: item.region?.timeZone ?? null,
      activity_type: null,
      fit_sport: null,
      fit_sub_sport: null,
      is_stationary,
      stationary: is_stationary,
      duration,
      moving_time,
      ...{ avg_speed, max_speed, avg_cad, min_cad, max_cad, avg_hr, min_hr, max_hr, avg_watts, min_watts, max_watts },
      // One joule at the pedal is about one food calorie in thousandths, because the body wastes three quarters.
      calories: avg_watts !== null && moving_time !== null ? Math.round((avg_watts * moving_time) / 1_000) : null,
      device: null,
      photos: photos(item),
      ...given,
      gear: view === 'owner' ? (gear ?? null) : null,
    };
  }

  /** The whole object, its points last, ready to be joined. */
  function whole(item: Item, viewer: Rider | undefined): Segment[] {
    const view = viewOf(item, viewer);
    const head: Record<string, unknown> = { ...attributes(item, viewer), collections: [] };
    if (item.type === 'route') {
      head.course_points = tracks.course(item, view).cues;
      head.points_of_interest = pointsOfInterest(item, view);
    }
    const start = `${JSON.stringify(head).slice(0, -1)},"track_points":`;
    return [{ bytes: Buffer.from(start) }, tracks.text(item, view), { bytes: Buffer.from('}') }];
  }

  function pointsOfInterest(item: Item, view: View): object[] {
    const random = createRandom(seedOf(item.privacyCode, 'places'));
    const { points } = tracks.course(item, view);
    return Array.from({ length: random.integer(0, 3) }, (_, index) => {
      const [type, typeId, typeName, name] = random.pick(PLACES);
      const at = points[random.integer(0, Math.max(points.length - 1, 0))];
      const id = item.id * 10 + index;
      const url = `${origin()}/api/v1/points_of_interest/${id}.json`;
      return {
        id,
        user_id: item.userId,
        type,
        type_id: typeId,
        type_name: typeName,
        name,
        description: null,
        url,
        lat: at?.y ?? 0,
        lng: at?.x ?? 0,
        tag_names: [],
      };
    });
  }

  function photos(item: Item): object[] {
    const random = createRandom(seedOf(item.privacyCode, 'photos'));
    if (random.chance(0.65)) return [];
    return Array.from({ length: random.integer(1, 3) }, (_, index) => {
      const id = (item.type === 'trip' ? 2_000_000 : 1_000_000) + item.id * 10 + index;
      const caption = random.chance(0.5)
        ? random.pick(['The view from the top', 'Lunch', 'Wrong turn, worth it'])
        : null;
      return {
        id,
        url: `${origin()}/photos/${id}/large.png`,
        highlighted: index === 0,
        caption,
        created_at: iso(item.createdAt),
      };
    });
  }

  return {
    summary,
    whole,
    /** The object as a client would read it, for comparing. */
    object(item: Item, viewer: Rider | undefined = world.rider(item.userId)): Record<string, unknown> {
      return JSON.parse(Buffer.concat(whole(item, viewer).map((segment) => segment.bytes)).toString());
    },
    user: (rider: Rider) => ({
      id: rider.id,
      name: rider.name,
      email: rider.email,
      created_at: iso(rider.createdAt),
      updated_at: iso(rider.createdAt),
    }),
    collection(rider: Rider) {
      const id = pinnedCollectionId(rider.id);
      const times = world.pinned(rider.id).map((item) => world.pinnedAt(rider.id, item) ?? 0);
      return {
        id,
        user_id: rider.id,
        url: `${origin()}/api/v1/collections/${id}.json`,
        html_url: `${origin()}/collections/${id}`,
        visibility: 'private',
        name: 'Pinned',
        description: null,
        cover: null,
        created_at: iso(rider.createdAt),
        updated_at: iso(Math.max(rider.createdAt, ...times)),
      };
    },
    /** Whether somebody may see an item: its owner, anybody where it is public, and who has its code. */
    maySee: (item: Item, viewer: Rider | undefined, code: string | null): boolean =>
      item.visibility === 'public' || item.userId === viewer?.id || code === item.privacyCode,
  };
}

type PlaceKind = readonly [type: string, typeId: number, typeName: string, name: string];

/** The numbers are the sandbox's own. */
const PLACES: readonly [PlaceKind, ...PlaceKind[]] = [
  ['water', 37, 'Water', 'Fountain by the chapel'],
  ['coffee', 7, 'Coffee', 'Café Mühle'],
  ['food', 12, 'Food', 'Bakery, closed on Mondays'],
  ['viewpoint', 34, 'Viewpoint', 'Bench with a view'],
];

import type { ItemState } from '../vocabulary.ts';
import type { Bodies, Revisions } from './history.ts';

/** The two kinds of item that Ride With GPS has. */
export type RideType = 'route' | 'trip';

/** What the mirror keeps of a route or trip beside its body. Metres, seconds, kilometres per hour, ISO 8601. */
export interface RideColumns {
  description: string;
  visibility: string;
  locality: string;
  administrative_area: string;
  country_code: string;
  /** Trips only, as the provider names it (`cycling:road`, …); empty when unknown. */
  activity_type: string;
  /** The provider's id of the bike, and what it is called; empty when it is not known. Trips only. */
  gear_id: string;
  gear_name: string;
  /** Null where the provider has none. */
  distance: number | null;
  elevation_gain: number | null;
  elevation_loss: number | null;
  /** Stops included; trips only. */
  duration: number | null;
  /** Trips only. */
  moving_time: number | null;
  /** Trips only. */
  avg_speed: number | null;
  /** Kilocalories; trips only. */
  calories: number | null;
  /** Metres above the sea: the highest point of the track. */
  highest: number | null;
  /** Trips only. */
  departed_at: string | null;
  created_at: string | null;
  /** A few dozen `[x, y]` pairs of the track in a box of 48 × 48, y downwards; empty when it has no positions. */
  thumbnail: [number, number][];
}

/** One row of the library: what lists, search and the head of an item's page need, without its body. */
export interface LibraryItem extends RideColumns {
  id: string;
  type: RideType;
  name: string;
  /** The provider's: moves with each edit. */
  updated_at: string;
  owned: boolean;
  pinned: boolean;
  state: ItemState;
  /** Our clock: when its deletion was confirmed. */
  deleted_at: string | null;
  /** Our clock: the last fetch that answered. */
  fetched_at: string;
}

/** Which items. What is not given does not limit; a range has both its ends in it, and nobody whose figure is unknown. */
export interface LibraryFilter {
  types: readonly RideType[];
  /** Words of name, description and place, each at least begun; without case and diacritics. */
  q?: string | undefined;
  /** Without it: active. */
  state?: ItemState | undefined;
  pinned?: boolean | undefined;
  /** Ridden or planned by the account itself, or by somebody else whose item it has pinned. */
  owned?: boolean | undefined;
  /** ISO 8601: only what the provider changed at or after it. */
  since?: string | undefined;
  /** Days in UTC, `2026-07-04`. */
  from?: string | undefined;
  to?: string | undefined;
  /** Metres. */
  distanceMin?: number | undefined;
  distanceMax?: number | undefined;
  /** Metres. */
  climbingMin?: number | undefined;
  climbingMax?: number | undefined;
  activity?: string | undefined;
  /** The provider's id. */
  gear?: string | undefined;
  visibility?: string | undefined;
  /** Its code, `SI`. */
  country?: string | undefined;
  /** An administrative area, `Upper Carniola`. */
  area?: string | undefined;
}

/** `date`: departure of a trip, last edit of a route; `updated`: the last edit of both. */
export const SORTS = ['date', 'distance', 'climbing', 'time', 'name', 'updated'] as const;
export type Sort = (typeof SORTS)[number];
export const ORDERS = ['asc', 'desc'] as const;
export type Order = (typeof ORDERS)[number];

export interface LibraryQuery extends LibraryFilter {
  /** Without it: by date. What has no such figure comes last either way. */
  sort?: Sort | undefined;
  /** Without it: names from A on, everything else from the newest or largest. */
  order?: Order | undefined;
  /** From 1. */
  page: number;
  pageSize: number;
}

/** Of everything that is filtered, on whatever page. Metres and seconds; stops are in it where the moving time is not known. */
export interface LibraryTotals {
  count: number;
  distance: number;
  climbing: number;
  moving_time: number;
}

/** One value of a filter, and how many items one would see who chose it instead of what is chosen of that filter now. */
export interface Facet {
  value: string;
  count: number;
}

export interface Facets {
  /** The most frequent first. */
  activities: Facet[];
  gear: (Facet & { name: string })[];
  visibilities: Facet[];
  /** `value` is the country's code. */
  countries: (Facet & { name: string; areas: Facet[] })[];
  /** The latest first. */
  years: Facet[];
}

export interface LibraryPage {
  items: LibraryItem[];
  meta: { total: number; page: number; page_size: number };
  totals: LibraryTotals;
  facets: Facets;
}

/** Reads of the mirror for pages and the API. `accountId` is the mirror's own row id: every read is limited to one account. */
export interface Library extends Revisions, Bodies {
  list(accountId: number, query: LibraryQuery): Promise<LibraryPage>;
  /** How many items a filter leaves. */
  tally(accountId: number, filter: LibraryFilter): Promise<number>;
  find(accountId: number, type: RideType, id: string): Promise<LibraryItem | undefined>;
  count(accountId: number): Promise<Record<ItemState, number>>;
}

import type { ItemState } from '../vocabulary.ts';

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

export interface LibraryQuery {
  types: readonly RideType[];
  /** Words to find in name, description and place. */
  q?: string | undefined;
  state?: ItemState | undefined;
  pinned?: boolean | undefined;
  /** ISO 8601: only what the provider changed at or after it. */
  since?: string | undefined;
  /** From 1. */
  page: number;
  pageSize: number;
}

export interface LibraryPage {
  items: LibraryItem[];
  meta: { total: number; page: number; page_size: number };
}

/** Reads of the mirror for pages and the API. `accountId` is the mirror's own row id: every read is limited to one account. */
export interface Library {
  /** Newest first, by departure for trips and by the provider's `updated_at` for routes. */
  list(accountId: number, query: LibraryQuery): Promise<LibraryPage>;
  find(accountId: number, type: RideType, id: string): Promise<LibraryItem | undefined>;
  /** The provider's whole answer, byte for byte as JSON text; undefined where there is no such item. */
  body(accountId: number, type: RideType, id: string): Promise<Buffer | undefined>;
  count(accountId: number): Promise<Record<ItemState, number>>;
}

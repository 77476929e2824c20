import type { ItemState } from '../vocabulary.ts';

/** The two kinds of item that Ride With GPS has. */
export type RideType = 'route' | 'trip';

/** One row of the library: what lists, search and the head of an item's page need, without its body. */
export interface LibraryItem {
  id: string;
  type: RideType;
  name: string;
  description: string;
  visibility: string;
  locality: string;
  administrative_area: string;
  country_code: string;
  /** Trips only, as the provider names it (`cycling:road`, …); empty when unknown. */
  activity_type: string;
  /** Metres; null where the provider has none. */
  distance: number | null;
  /** Metres. */
  elevation_gain: number | null;
  /** Metres. */
  elevation_loss: number | null;
  /** Seconds, stops included; trips only. */
  duration: number | null;
  /** Seconds; trips only. */
  moving_time: number | null;
  /** Kilometres per hour; trips only. */
  avg_speed: number | null;
  /** ISO 8601; trips only. */
  departed_at: string | null;
  /** ISO 8601, the provider's. */
  created_at: string | null;
  /** ISO 8601, the provider's: moves with each edit. */
  updated_at: string;
  owned: boolean;
  pinned: boolean;
  state: ItemState;
  /** ISO 8601, our clock: when its deletion was confirmed. */
  deleted_at: string | null;
  /** ISO 8601, our clock: the last fetch that answered. */
  fetched_at: string;
  /** A few dozen `[x, y]` pairs of the track in a box of 48 × 48, y downwards; empty when it has no positions. */
  thumbnail: [number, number][];
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

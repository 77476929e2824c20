/** The words of the provider: what a rider has, before it becomes JSON. Times are epoch milliseconds unless said otherwise. */

export type ItemType = 'route' | 'trip';
export type Visibility = 'public' | 'friends_only' | 'private';
export type Action = 'created' | 'updated' | 'deleted' | 'added' | 'removed';

/** One track point in the provider's own short keys. Recordings have holes, so every key may be absent. */
export interface Point {
  /** Longitude, degrees. */
  x?: number;
  /** Latitude, degrees. */
  y?: number;
  /** Metres from the start. */
  d?: number;
  /** Elevation, metres. */
  e?: number;
  /** Epoch seconds, sometimes with a fraction. */
  t?: number;
  /** Speed, km/h. */
  s?: number;
  /** Heart rate, beats a minute. */
  h?: number;
  /** Cadence, turns a minute. */
  c?: number;
  /** Power, watts. */
  p?: number;
  /** Temperature, degrees Celsius. */
  T?: number;
  /** Surface and highway numbers (routes). */
  S?: number;
  R?: number;
  lap?: boolean;
}

/** A turn instruction of a route: `i` is the index of its track point, `t` its type, `n` its text. */
export interface Cue {
  x: number;
  y: number;
  d: number;
  i: number;
  t: string;
  n: string;
}

export interface Gear {
  id: number;
  make: string | null;
  model: string | null;
  description: string | null;
  exclude_from_totals: boolean;
  created_at: string;
}

/** Where somebody lives and rides. */
export interface Region {
  locality: string;
  administrativeArea: string;
  countryCode: string;
  timeZone: string;
  lat: number;
  lng: number;
  /** Metres above the sea in the valley. */
  base: number;
  /** How mountainous: 1 gives hills of about 400 m. */
  relief: number;
}

export interface Rider {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly createdAt: number;
  readonly home: Region;
  readonly gear: readonly Gear[];
  /** Points of every generated item; absent: as many as the ride is long. */
  readonly points?: number;
}

/** What a track gives: its points and, for a route, its cues. */
export interface Course {
  points: Point[];
  cues: Cue[];
}

/** A track that is made when somebody asks for it. Items with the same key share one track. */
export interface Track {
  readonly key: string;
  make(): Course;
}

/** Any attribute of the provider's object; keys the sandbox does not know are kept as they come. */
export type Attributes = Record<string, unknown>;

export interface Item {
  readonly type: ItemType;
  readonly id: number;
  /** The owner. */
  readonly userId: number;
  name: string;
  visibility: Visibility;
  readonly createdAt: number;
  updatedAt: number;
  readonly privacyCode: string;
  /** When the ride began; null for a route. */
  departedAt: number | null;
  /** Null where nobody looked it up, as for imported files. */
  region: Region | null;
  track: Track;
  /** Attributes that win over the computed ones. */
  attributes: Attributes;
}

export const keyOf = (item: { type: ItemType; id: number }): string => `${item.type}/${item.id}`;

/** The provider writes times to the second: two changes within one second carry the same `updated_at`. */
export const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

import type { LibraryFilter } from './library.ts';

/** One ride of those that are counted. What is not known of it is null, and counts as nothing. */
export interface Ridden {
  /** The mirror's own row id. */
  ride: number;
  /** ISO 8601 in UTC, as lists are sorted by it; empty where nothing has a date. */
  at: string;
  /** Metres. */
  distance: number | null;
  /** Metres. */
  climbing: number | null;
  /** Seconds, moving; with stops where nothing else is known. */
  time: number | null;
  /** Kilocalories. */
  calories: number | null;
  /** Metres above the sea. */
  highest: number | null;
  /** Which of `kinds`. */
  kind: number;
}

/** What rides have in common; empty where it is not known. */
export interface RiddenKind {
  activity: string;
  /** The provider's id of the bike. */
  gear: string;
  gearName: string;
}

/** Everything that a filter leaves, of one instant, the latest first. */
export interface RiddenLibrary {
  rides: Ridden[];
  kinds: Map<number, RiddenKind>;
}

/** What a ride is called, and where its page is. */
export interface RiddenName {
  ride: number;
  /** The provider's. */
  id: string;
  name: string;
}

/** What statistics are made of: the narrow rows alone. What is summed, and how, is the same for every storage: `src/statistics`. */
export interface RiddenReader {
  ridden(accountId: number, filter: LibraryFilter): Promise<RiddenLibrary>;
  names(accountId: number, rides: readonly number[]): Promise<RiddenName[]>;
}

/** The words of the project as types. Everything else imports them from here; this file imports nothing. */

/** Every source, by the name that addresses and tables have, and as people know it. */
export const SOURCE_TITLES = {
  ridewithgps: 'Ride With GPS',
  tradegecko: 'TradeGecko',
  rye: 'Rye',
  pryv: 'Pryv',
  ecovelo: 'Ecovelo',
} as const;
export type SourceName = keyof typeof SOURCE_TITLES;
export const SOURCES = Object.keys(SOURCE_TITLES) as SourceName[];

/** The source whose users sign in here. What comes from the others belongs to the owner of the installation. */
export const RIDERS: SourceName = 'ridewithgps';

/** One connected user of a source. `account` is the provider's own id of that user. */
export interface AccountRef {
  source: SourceName;
  account: string;
}

/** What a task is about. Notifications with one key coalesce into one task. */
export interface Key extends AccountRef {
  type: string;
  id: string;
}

/** Who told us that something may have changed. */
type Origin = 'webhook' | 'reconciliation' | 'backfill' | 'audit' | 'person' | 'follow-up';

/**
 * What a source itself has said of an item, in a signed event or in a listing that we asked for, where it has no other way to be asked
 * for that item. Not a hint but a state, as of an instant: an older one never replaces a newer one, a deletion included.
 */
export interface Statement {
  /** ISO 8601 in UTC with milliseconds: so as text, later is greater. */
  version: string;
  /** The item as JSON; null: it is deleted. */
  body: Buffer | null;
}

/** "This may have changed for this account": the one thing that deliveries and reconciliations produce. */
export interface Notification {
  key: Key;
  origin: Origin;
  /** The provider's word for it, kept for people to read; never believed. */
  action: string;
  /** Epoch milliseconds, our clock: when we learnt of it. */
  learntAt: number;
  /** Epoch milliseconds: not to be fetched earlier. */
  notBefore?: number;
  /** The provider announced a deletion. Evidence enough together with one 404; see `mirror.ts`. */
  announcesDeletion: boolean;
  /** A `privacy_code` out of an item's URL, sealed: needed to fetch the item, and as secret as a token. */
  secret?: Buffer;
  statement?: Statement;
}

/** A task that was given out for fetching. */
export interface Claim {
  /** The inbox's own row id. */
  task: number;
  key: Key;
  /** Given out at the claim and growing for ever: orders what fetches found (promise 4). */
  seq: number;
  /** Claims since the last success, this one included. */
  attempts: number;
  origin: Origin;
  action: string;
  announcesDeletion: boolean;
  /** Sealed. */
  secret?: Buffer;
  /** The latest of those that were made. */
  statement?: Statement;
  /** Epoch milliseconds: the first and the last notification that this fetch answers. */
  firstLearntAt: number;
  lastLearntAt: number;
  notifications: number;
  /** Epoch milliseconds: the first and last *webhook* among them; null when no webhook announced it. */
  webhook: { first: number; last: number } | null;
  claimedAt: number;
  /** Why the attempt before this one came to nothing. */
  lastError?: string;
}

export const ITEM_STATES = ['active', 'hidden', 'deleted'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** `reconnect`: the provider refuses the token; `disconnected`: the rider left, what was kept can still be read. */
export type AccountState = 'active' | 'reconnect' | 'disconnected';

/** How changes reach us: `polling` until the first webhook for the account arrives (promise 10). */
export type SyncMode = 'webhook' | 'polling';

/** Why something needs a person. `sentence` says what happened and what to do, in a rider's words. */
export interface Problem {
  code: string;
  sentence: string;
}

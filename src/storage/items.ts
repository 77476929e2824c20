import type { Claim, Key, Statement } from '../vocabulary.ts';
import type { RideColumns } from './library.ts';
import type { Outline } from './lines.ts';
import type { PhotoRef } from './photos.ts';

/** Raised when a `Description` says more than before: what is stored is then described anew, in slices, after the start. */
export const DESCRIPTION = 2;

/** A body in columns: the generic ones of every source, and the source's own. */
export interface Description {
  /** ISO 8601 in UTC, growing with each edit; empty where the source has none. */
  version: string;
  owned: boolean;
  title: string;
  /** ISO 8601: what lists are sorted by. */
  happenedAt: string;
  /** Of a route or trip. */
  ride: RideColumns | null;
  /** Of every other kind of item. */
  record: RecordColumns | null;
  /** To be copied, each once. */
  photos: PhotoRef[];
  /** Null where it has no positions. */
  outline: Outline | null;
}

/** What lists and search need of an item that is no ride. */
interface RecordColumns {
  /** One line, for people: `Order SO-1042, finalized`. */
  summary: string;
  /** What it can be found by, beside its title, its id and the summary. */
  words: string;
}

export interface Present {
  /** SHA-256 of the raw bytes. */
  hash: Buffer;
  /** Of the raw body. */
  bytes: number;
  /** Epoch milliseconds, the provider's clock. */
  beganAt: number;
  /** Costs milliseconds: called only when the body is new, and before the transaction that needs it. */
  describe: () => Description;
  /** The description's version alone decides what is newer, also against a tombstone. */
  stated: boolean;
  /** The raw body, zstd; empty when the mirror has it already. */
  compressed: Buffer;
}

/** An item as the mirror has it, as far as the rules of `mirror.ts` need it. */
export interface StoredItem {
  id: number;
  version: string;
  seq: number;
  hasBody: boolean;
  owned: boolean;
  missingAt: number | null;
  heldAt: number | null;
  keptAt: number | null;
  deletedAt: number | null;
}

/** What an account lost lately without an announcement, and what it still owns. */
export interface Losses {
  /** Counted as deleted. */
  deleted: number;
  /** Gone at the provider, and held here. */
  held: number;
  /** Owned and neither of the two. */
  owned: number;
}

/** An item that is gone at the provider and still here: held until the owner was asked, or kept because the owner said so. */
export interface HeldItem {
  type: string;
  id: string;
  name: string;
  /** Metres; null of what is no ride. */
  distance: number | null;
  /** ISO 8601: when it was ridden, or last edited. */
  happenedAt: string;
  /** Epoch milliseconds: since when it is held or kept. Of those held, no two of an account have the same. */
  at: number;
}

/** One item of one account. */
export interface ItemRef {
  accountId: number;
  type: string;
  id: string;
}

export interface AuditedItem {
  type: string;
  id: string;
  version: string;
  owned: boolean;
  pinned: boolean;
  absent: boolean;
  held: boolean;
  kept: boolean;
}

/** An item that an earlier version of the program described. */
export interface OldDescription {
  item: number;
  accountId: number;
  key: Key;
}

/** One finished fetch of an item, and what came of it. Times are epoch milliseconds, our clock. */
export interface Fetch {
  /** Words of `Notification`: of the last notification that it answers. */
  origin: string;
  action: string;
  notifications: number;
  firstLearntAt: number;
  /** The first and the last webhook among them; null when none announced it. */
  webhook: { first: number; last: number } | null;
  claimedAt: number;
  finishedAt: number;
  /** A word of `mirror.ts`, or the kind of a failure of `worker.ts`. */
  outcome: string;
  detail: string;
}

/** How an item stands here, with a body or without. Times are epoch milliseconds. */
export interface Standing {
  /** False: it was never copied. */
  hasBody: boolean;
  owned: boolean;
  pinned: boolean;
  fetchedAt: number;
  refusedAt: number | null;
  missingAt: number | null;
  heldAt: number | null;
  keptAt: number | null;
  deletedAt: number | null;
}

type KeepOutcome = 'created' | 'updated' | 'unchanged' | 'stale';

/** The verbs of `mirror.ts` within a transaction, each one statement or a few. Times are epoch milliseconds. */
export interface ItemVerbs {
  /** Until the transaction is over, nobody else changes it. */
  find(ref: ItemRef): Promise<StoredItem | undefined>;
  /** Takes a body unless a newer one is there: the order is (version, sequence); a tombstone is raised by any later fetch. */
  keep(ref: ItemRef, present: Present, claim: Claim, now: number): Promise<KeepOutcome>;
  /** Remembers that this fetch, or a later one, found nothing, so that an earlier one cannot create it. */
  keepAbsent(ref: ItemRef, claim: Claim, now: number, version?: string): Promise<void>;
  setMissing(item: StoredItem, claim: Claim, now: number): Promise<void>;
  setHeld(item: StoredItem, claim: Claim, now: number): Promise<void>;
  /** @param version As of when it is deleted, where the source has stated that. */
  bury(item: StoredItem, claim: Claim, announced: boolean, now: number, version?: string): Promise<void>;
  refuse(item: StoredItem, claim: Claim, now: number): Promise<void>;
  /** Unannounced deletions since, and all that is held. */
  lossesSince(accountId: number, since: number): Promise<Losses>;
  /** Replaces the whole set. @returns what is pinned and has no body yet or was hidden; undefined when a later set is there. */
  replacePins(
    accountId: number,
    pins: readonly { type: string; id: string }[],
    claim: Claim,
    now: number,
  ): Promise<{ type: string; id: string }[] | undefined>;
  /** What its body says, unless another body came meanwhile; without a description its columns stay as they are, for good. */
  describeAnew(item: number, description: Description | undefined, now: number): Promise<void>;
  /** Other accounts that have this account's own item pinned; of an item that is not its own: none. */
  pinnedBy(ref: ItemRef): Promise<string[]>;
  record(accountId: number, claim: Claim, outcome: string, detail: string, now: number): Promise<void>;
}

/** The worker's side of the mirror. */
export interface ItemWriter {
  /**
   * Runs `work` in one durable transaction, again from its beginning where another one was in its way. It must await nothing but
   * `items`: every other verb of the mirror may wait for its end.
   */
  transaction<T>(work: (items: ItemVerbs) => Promise<T>): Promise<T>;
  hasBody(ref: ItemRef, hash: Buffer): Promise<boolean>;
  /** At most so many of them, of all accounts. */
  describedBefore(limit: number): Promise<OldDescription[]>;
}

/** Reads and writes around items that are not the worker's `apply`. */
export interface Items {
  /** The privacy code kept with the item, sealed. */
  secret(ref: ItemRef): Promise<Buffer | undefined>;
  /**
   * Which of these changes the mirror already has: its last good fetch began later than the change, plus the margin. It must be so on
   * both clocks, since the provider's may have been put back in between. `clockOffset`: the provider's minus ours, milliseconds.
   * What a change states is here when that version is, or a later one.
   */
  fetchedLaterThan(
    accountId: number,
    changes: readonly { type: string; id: string; happenedAt: number; statement?: Statement }[],
    marginMs: number,
    clockOffset: number,
  ): Promise<boolean[]>;
  /** All that an audit compares: what the account owns and has not been told is deleted, and what it has pinned. */
  audited(accountId: number): Promise<AuditedItem[]>;
  lossesSince(accountId: number, since: number): Promise<Losses>;
  /** What the brake holds, newest first. */
  held(accountId: number): Promise<HeldItem[]>;
  countHeld(accountId: number): Promise<number>;
  /** What the owner keeps although it is gone. */
  kept(accountId: number): Promise<HeldItem[]>;
  /** The owner said yes to what is held since `through` or longer: it becomes tombstones. Each has a line in its history. @returns how many. */
  confirmHeld(accountId: number, through: number, now: number): Promise<number>;
  /** The same for what was kept. @returns how many. */
  confirmKept(accountId: number, through: number, now: number): Promise<number>;
  /** The owner said no: it is kept. @returns what. */
  keepHeld(accountId: number, through: number, now: number): Promise<{ type: string; id: string }[]>;
  /** What counts as deleted since then, though nobody announced it. */
  unannouncedSince(accountId: number, since: number): Promise<{ type: string; id: string }[]>;
  standing(ref: ItemRef): Promise<Standing | undefined>;
  /** Newest first. */
  fetches(ref: ItemRef, limit: number): Promise<Fetch[]>;
  /** The greatest sequence ever applied: an inbox that was lost must not start below it. */
  greatestSeq(): Promise<number>;
  /** Did a fetch answer a webhook for this item that arrived between the two instants? */
  announcedInHistory(ref: ItemRef, from: number, to: number): Promise<boolean>;
  /** Webhook received → applied, milliseconds, of fetches that finished since; at most the latest thousand. */
  lags(accountId: number, since: number): Promise<number[]>;
  /** Finished fetches of origin backfill since then, and when the first of them ended, epoch milliseconds: for the rate. */
  fetchedSince(accountId: number, since: number): Promise<{ count: number; first: number | null }>;
}

import type { Claim } from '../vocabulary.ts';
import type { RideColumns, RideType } from './library.ts';

/** A body in columns: the generic ones of every source, and the source's own. */
export interface Description {
  /** ISO 8601 in UTC, growing with each edit; empty where the source has none. */
  version: string;
  owned: boolean;
  title: string;
  /** ISO 8601: what lists are sorted by. */
  happenedAt: string;
  ride: RideColumns;
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
  deletedAt: number | null;
}

/** One item of one account. */
export interface ItemRef {
  accountId: number;
  type: string;
  id: string;
}

type KeepOutcome = 'created' | 'updated' | 'unchanged' | 'stale';

/** The verbs of `mirror.ts`, each one statement or a few in its transaction. Times are epoch milliseconds. */
export interface ItemWriter {
  /** Runs `work` in one durable transaction. */
  transaction<T>(work: () => T): T;
  find(ref: ItemRef): StoredItem | undefined;
  hasBody(ref: ItemRef, hash: Buffer): boolean;
  /** Takes a body unless a newer one is there: the order is (version, sequence); a tombstone is raised by any later fetch. */
  keep(ref: ItemRef, present: Present, claim: Claim, now: number): KeepOutcome;
  /** Remembers that this fetch, or a later one, found nothing, so that an earlier one cannot create it. */
  keepAbsent(ref: ItemRef, claim: Claim, now: number): void;
  setMissing(item: StoredItem, claim: Claim, now: number): void;
  setHeld(item: StoredItem, claim: Claim, now: number): void;
  bury(item: StoredItem, claim: Claim, announced: boolean, now: number): void;
  refuse(item: StoredItem, claim: Claim, now: number): void;
  /** How many unannounced deletions there were since, held ones included, and how many items the account owns. */
  deletionsSince(accountId: number, since: number): { unannounced: number; owned: number };
  /** Replaces the whole set. @returns what is pinned and has no body yet or was hidden; undefined when a later set is there. */
  replacePins(
    accountId: number,
    pins: readonly { type: string; id: string }[],
    claim: Claim,
    now: number,
  ): { type: string; id: string }[] | undefined;
  /** Other accounts that have this item pinned. */
  pinnedBy(ref: ItemRef): string[];
  record(accountId: number, claim: Claim, outcome: string, detail: string, now: number): void;
}

/** Reads and writes around items that are not the worker's `apply`. */
export interface Items {
  /** The privacy code kept with the item, sealed. */
  secret(ref: ItemRef): Promise<Buffer | undefined>;
  /** Which of these changes the mirror already has: its last good fetch began later than the change, plus the margin. */
  fetchedLaterThan(
    accountId: number,
    changes: readonly { type: string; id: string; happenedAt: number }[],
    marginMs: number,
  ): Promise<boolean[]>;
  /** All that an audit compares: what the account owns and has not been told is deleted, and what it has pinned. */
  audited(
    accountId: number,
  ): Promise<{ type: string; id: string; version: string; owned: boolean; pinned: boolean; absent: boolean }[]>;
  /** What the brake holds. `heldAt` in epoch milliseconds. */
  held(accountId: number): Promise<{ type: RideType; id: string; name: string; heldAt: number }[]>;
  /** The owner said yes: they become tombstones. @returns how many. */
  confirmHeld(accountId: number, now: number): Promise<number>;
  /** The owner said no. @returns what to fetch again. */
  releaseHeld(accountId: number): Promise<{ type: string; id: string }[]>;
  /** The greatest sequence ever applied: an inbox that was lost must not start below it. */
  greatestSeq(): Promise<number>;
  /** Did a fetch answer a webhook for this item that arrived between the two instants? */
  announcedInHistory(ref: ItemRef, from: number, to: number): Promise<boolean>;
  /** Webhook received → applied, milliseconds, of fetches that finished since; at most the latest thousand. */
  lags(accountId: number, since: number): Promise<number[]>;
  /** Finished fetches of origin backfill since, for the rate. */
  fetchedSince(accountId: number, since: number): Promise<number>;
}

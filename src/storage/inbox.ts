import type { AccountRef, Claim, Key, Notification, Problem, SourceName } from '../vocabulary.ts';
import type { DeadLetter, QueueCounts } from './sync.ts';

/** One webhook request as it came. */
export interface NewDelivery {
  source: SourceName;
  /** The API key whose secret verified it, or the account that its address named. */
  client: string;
  /** Epoch milliseconds. */
  receivedAt: number;
  /** The few headers worth keeping; never a secret. */
  headers: Record<string, string>;
  body: Buffer;
  /** The body is sealed: bytes that only `seal.ts` can read. */
  sealed?: boolean;
  /** Why it could not be read, for the dead letter; absent when it could. */
  unreadable?: Problem;
  /** What the dead letter of an unreadable body shows of it. */
  evidence?: string;
}

export interface Delivery {
  id: number;
  source: SourceName;
  client: string;
  receivedAt: number;
  body: Buffer;
  sealed: boolean;
}

/** One element of a delivery that could not be read, among others that could. */
export interface Rejection {
  deliveryId: number;
  source: SourceName;
  problem: Problem;
  /** Epoch milliseconds. */
  learntAt: number;
  /** The element as JSON text. */
  evidence: string;
}

/** What one delivery came to. */
export interface Taken {
  /** The delivery's. */
  id: number;
  notifications: readonly Notification[];
  rejections: readonly Rejection[];
}

/** How many deliveries were taken, and whose tasks there are because of it: an account is named once for each notification. */
export interface TakenNext {
  deliveries: number;
  accounts: AccountRef[];
}

/** Notifications in one transaction: enough to pay for its commit, and so few that an acknowledgement hardly notices. One delivery may have more. */
export const TAKEN_AT_ONCE = 1_000;

/** How a claim ended. `done` alone forgets the task; all of them keep a notification that came meanwhile. */
export type Settlement =
  | { claim: Claim; kind: 'done'; followUps: Notification[] }
  /** To be looked at once more, through no fault of the task: the attempt is not counted. */
  | { claim: Claim; kind: 'again'; dueAt: number; reason: string }
  /** There was an answer, to be heard once more before it is believed; at once where something new was learnt meanwhile. */
  | { claim: Claim; kind: 'confirm'; dueAt: number; reason: string }
  | { claim: Claim; kind: 'retry'; dueAt: number; reason: string }
  | { claim: Claim; kind: 'dead'; problem: Problem; evidence: string };

export interface ClaimRequest {
  /** How many claims at most. */
  room: number;
  /** How many of one account may be active at once. */
  perAccount: number;
  /** Epoch milliseconds. */
  now: number;
  /** Sources, or accounts of them, that must not be asked at all or not often now. */
  limits?: readonly Limit[];
}

/** Of the tasks of a source, or of one account of it, claimed at `since` or later, so many may be active at once, in all processes together. */
export interface Limit {
  source: SourceName;
  account?: string;
  most: number;
  /** Epoch milliseconds, compared with `now` of each claim; 0: whenever they were claimed. */
  since: number;
}

export interface Finding {
  key: Key;
  action: string;
  /** Epoch milliseconds, on our clock. */
  happenedAt: number;
  foundAt: number;
  /** It was here already when reconciliation listed it: it counts for the share that was announced, and is no drift. */
  known: boolean;
}

/** Changes that reconciliation listed and that were judged, and how many of them a webhook had announced within two minutes. */
export interface Share {
  changes: number;
  announced: number;
}

/** Webhook requests, kept as they came. Each call of this file is one durable transaction. */
export interface Deliveries {
  /** Stores a delivery; durable when it resolves. @returns its id, growing in the order of the calls. */
  keep(delivery: NewDelivery): Promise<number>;
  /**
   * Turns deliveries that were read into tasks and dead letters, and remembers that it did; one that was taken already is left out.
   * Ids ascend, and whoever takes a delivery has taken all that came to it before.
   */
  take(taken: readonly Taken[]): Promise<void>;
  /**
   * The same with the oldest readable ones that nobody took, `limit` at most and fewer where they hold more than `TAKEN_AT_ONCE`.
   * `read` is called within the transaction, and again where that is done again. @throws what `read` throws; then nothing is taken.
   */
  takeNext(limit: number, read: (delivery: Delivery) => Omit<Taken, 'id'>): Promise<TakenNext>;
  /** How many letters about what could not be read were dropped, oldest first, because there were too many or they held too much. */
  droppedLetters(): Promise<number>;
  /** Deletes taken deliveries received before `before`, `limit` at most, but none that a dead letter is about. @returns how many. */
  prune(before: number, limit: number): Promise<number>;
  /** Deletes all taken and all unreadable deliveries with their letters, of every account: one request may speak of several, and they are evidence only. */
  eraseTaken(): Promise<void>;
}

/** Keys that have something to do. */
export interface Tasks {
  /** Adds notifications to their keys' tasks, with what reconciliation wants judged as drift. */
  enqueue(notifications: readonly Notification[], findings?: readonly Finding[]): Promise<void>;
  /** Ends claims and gives out new ones, in one transaction. */
  exchange(settlements: readonly Settlement[], request: ClaimRequest): Promise<Claim[]>;
  /** What was in flight in a process that is gone is pending again, some seconds after it went. Asked at the start, and now and then. @returns how many. */
  recover(): Promise<number>;
  /** The last sequence number that was given out. */
  sequence(): Promise<number>;
  /** Sequence numbers given out from now on are greater than `seq`. */
  raiseSequence(seq: number): Promise<void>;
}

/** What holds for all tasks of one account. */
export interface Queues {
  /** No claim for this account before `until`, epoch milliseconds. */
  pause(ref: AccountRef, until: number): Promise<void>;
  /** Epoch milliseconds: until when the provider asked us to wait with this account; 0 when it did not. */
  pausedUntil(ref: AccountRef): Promise<number>;
  /** No claim for this account but of type `account`, which probes its token, until `unpark`. */
  park(ref: AccountRef, reason: string): Promise<void>;
  /** What was parked is due at once; where nothing was, nothing changes. */
  unpark(ref: AccountRef, now: number): Promise<void>;
  /** Forgets everything that is about this account alone. */
  forget(ref: AccountRef): Promise<void>;
  counts(ref: AccountRef): Promise<QueueCounts & { backfill: number }>;
  lastWebhookAt(ref: AccountRef): Promise<number | null>;
  /** What is known since before `before` and not fetched yet, for whatever reason; null when nothing is. The backfill is not in it. */
  overdue(ref: AccountRef, before: number): Promise<{ changes: number; since: number } | null>;
}

/** What reconciliation found, until it is known whether a webhook had announced it. */
export interface Drift {
  /** Not judged yet and happened before `before`. */
  openFindings(before: number, limit: number): Promise<Finding[]>;
  /** Did a webhook for this key, not fetched for yet, arrive between the two instants? */
  announcedInQueue(key: Key, from: number, to: number): Promise<boolean>;
  judge(verdicts: readonly { finding: Finding; announced: boolean }[]): Promise<void>;
  drift(ref: AccountRef, now: number): Promise<{ day: number; total: number }>;
  /** Of the changes since then. */
  announcedSince(ref: AccountRef, since: number): Promise<Share>;
  /** The same by day, `2026-07-05` in UTC, oldest first; days without a change are left out. */
  announcedByDay(ref: AccountRef, since: number): Promise<(Share & { day: string })[]>;
  /** What no webhook announced although one could have been heard: changes after `since`, each found within `withinMs`. Null: none. */
  unheard(
    ref: AccountRef,
    since: number,
    withinMs: number,
  ): Promise<{ changes: number; first: number; last: number } | null>;
  /** Of what one run of reconciliation found: what no webhook announced, and what is not judged yet. */
  findingsOf(ref: AccountRef, from: number, to: number): Promise<{ unannounced: number; open: number }>;
  /** Deletes what was announced and found before `before`, `limit` at most. @returns how many. */
  pruneFindings(before: number, limit: number): Promise<number>;
}

/** Whose: an account's own, and with `withUnclaimed` those that belong to no account, for the owner of the installation. */
export interface DeadLetters {
  /** Newest first, the newest 500. */
  deadLetters(ref: AccountRef, withUnclaimed: boolean): Promise<DeadLetter[]>;
  /** The ids of all of them, newest first. */
  letterIds(ref: AccountRef, withUnclaimed: boolean): Promise<number[]>;
  /** How many belong to no account. */
  unclaimedLetters(): Promise<number>;
  /** Queues a task again, or hands out what has to be read again. */
  replay(id: number, ref: AccountRef, withUnclaimed: boolean, now: number): Promise<ReplayAnswer>;
  /** A replayed delivery or notification that could be read now, as far as `rejections` say. */
  closeLetter(
    id: number,
    notifications: readonly Notification[],
    rejections: readonly Omit<Rejection, 'deliveryId'>[],
  ): Promise<void>;
  /** Replayed, and no more readable than before. */
  keepLetter(id: number, problem: Problem): Promise<void>;
  /** Takes it off the list without trying it again; its task is forgotten with it. @returns false when there is no such letter. */
  dismiss(id: number, ref: AccountRef, withUnclaimed: boolean): Promise<boolean>;
}

/** What the inbox knows of one key. Times are epoch milliseconds. */
export interface KnownOfKey {
  task:
    | {
        state: 'pending' | 'active' | 'dead';
        origin: string;
        action: string;
        /** Those that the next fetch answers, or the one that runs. */
        notifications: number;
        firstLearntAt: number;
        lastLearntAt: number;
        webhook: { first: number; last: number } | null;
        dueAt: number;
        claimedAt: number | null;
        attempts: number;
        lastError: string | null;
        /** Something was learnt during the running fetch. */
        owesOneMore: boolean;
      }
    | undefined;
  letter: (Problem & { at: number }) | undefined;
  /** Newest first, at most 100. `announced` is null until it is judged. */
  findings: (Omit<Finding, 'key' | 'known'> & { announced: boolean | null })[];
  /** The account's tasks wait until then, because the provider asked for it; 0 when they do not. */
  pausedUntil: number;
  /** Why the account's tasks wait for a person. */
  parked: string | null;
}

export interface About {
  about(key: Key): Promise<KnownOfKey>;
}

export interface Inbox extends Deliveries, Tasks, Queues, Drift, DeadLetters, About {
  /** A commit that changes something, and nothing that matters. @throws why the disk does not take it. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** `read-again`: the delivery's bytes, or the one element that could not be read. `none`: no such letter for this reader. */
export type ReplayAnswer =
  | { kind: 'none' }
  | { kind: 'queued' }
  | {
      kind: 'read-again';
      letter: 'delivery' | 'notification';
      source: SourceName;
      /** Of its delivery; empty when that is gone. */
      client: string;
      bytes: Buffer;
      sealed: boolean;
      receivedAt: number;
    };

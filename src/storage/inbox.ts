import type { AccountRef, Claim, Key, Notification, Problem, SourceName } from '../vocabulary.ts';
import type { DeadLetter, QueueCounts } from './sync.ts';

/** One webhook request as it came. */
export interface NewDelivery {
  source: SourceName;
  /** The API key whose secret verified it. */
  client: string;
  /** Epoch milliseconds. */
  receivedAt: number;
  /** The few headers worth keeping; never a secret. */
  headers: Record<string, string>;
  body: Buffer;
  /** Why it could not be read, for the dead letter; absent when it could. */
  unreadable?: Problem;
}

export interface Delivery {
  id: number;
  source: SourceName;
  client: string;
  receivedAt: number;
  body: Buffer;
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

/** How a claim ended. `done` alone forgets the task; all of them keep a notification that came meanwhile. */
export type Settlement =
  | { claim: Claim; kind: 'done'; followUps: Notification[] }
  /** To be looked at once more, through no fault of the task: the attempt is not counted. */
  | { claim: Claim; kind: 'again'; dueAt: number; reason: string }
  | { claim: Claim; kind: 'retry'; dueAt: number; reason: string }
  | { claim: Claim; kind: 'dead'; problem: Problem; evidence: string };

export interface ClaimRequest {
  /** How many claims at most. */
  room: number;
  /** How many of one account may be active at once. */
  perAccount: number;
  /** Epoch milliseconds. */
  now: number;
  /** Sources that are down. */
  except?: readonly SourceName[];
}

export interface Finding {
  key: Key;
  action: string;
  /** Epoch milliseconds, on our clock. */
  happenedAt: number;
  foundAt: number;
}

/** Webhook requests, kept as they came. Each call of this file is one durable transaction. */
export interface Deliveries {
  /** Stores a delivery; durable when it resolves. @returns its id, growing in the order of the calls. */
  keep(delivery: NewDelivery): Promise<number>;
  /** Readable deliveries that are not tasks yet, oldest first. */
  untaken(limit: number): Promise<Delivery[]>;
  /** Turns deliveries up to `through` into tasks and dead letters, and remembers that it did. */
  take(through: number, notifications: readonly Notification[], rejections: readonly Rejection[]): Promise<void>;
  /** Deletes taken deliveries received before `before`, `limit` at most. @returns how many. */
  prune(before: number, limit: number): Promise<number>;
  /** Deletes all taken deliveries, of every account: one request may speak of several, and they are evidence only. */
  eraseTaken(): Promise<void>;
}

/** Keys that have something to do. */
export interface Tasks {
  /** Adds notifications to their keys' tasks, with what reconciliation wants judged as drift. */
  enqueue(notifications: readonly Notification[], findings?: readonly Finding[]): Promise<void>;
  /** Ends claims and gives out new ones, in one transaction. */
  exchange(settlements: readonly Settlement[], request: ClaimRequest): Promise<Claim[]>;
  /** After a start: whatever was in flight is pending again. @returns how many. */
  recover(): Promise<number>;
  /** Sequence numbers given out from now on are greater than `seq`. */
  raiseSequence(seq: number): Promise<void>;
}

/** What holds for all tasks of one account. */
export interface Queues {
  /** No claim for this account before `until`, epoch milliseconds. */
  pause(ref: AccountRef, until: number): Promise<void>;
  /** No claim for this account but of type `account`, which probes its token, until `unpark`. */
  park(ref: AccountRef, reason: string): Promise<void>;
  /** What was parked is due at once. */
  unpark(ref: AccountRef, now: number): Promise<void>;
  /** Forgets everything that is about this account alone. */
  forget(ref: AccountRef): Promise<void>;
  counts(ref: AccountRef): Promise<QueueCounts & { backfill: number }>;
  lastWebhookAt(ref: AccountRef): Promise<number | null>;
}

/** What reconciliation found, until it is known whether a webhook had announced it. */
export interface Drift {
  /** Not judged yet and happened before `before`. */
  openFindings(before: number, limit: number): Promise<Finding[]>;
  /** Did a webhook for this key, not fetched for yet, arrive between the two instants? */
  announcedInQueue(key: Key, from: number, to: number): Promise<boolean>;
  judge(verdicts: readonly { finding: Finding; announced: boolean }[]): Promise<void>;
  drift(ref: AccountRef, now: number): Promise<{ day: number; total: number }>;
}

export interface DeadLetters {
  /** Of one account, newest first; `withUnclaimed` adds those that belong to no account, for the owner. */
  deadLetters(ref: AccountRef, withUnclaimed: boolean): Promise<DeadLetter[]>;
  /** Queues a task again, or hands out what has to be read again. */
  replay(id: number, ref: AccountRef, withUnclaimed: boolean, now: number): Promise<ReplayAnswer>;
  /** A replayed delivery or notification that could be read now. */
  closeLetter(id: number, notifications: readonly Notification[]): Promise<void>;
}

export interface Inbox extends Deliveries, Tasks, Queues, Drift, DeadLetters {
  close(): void;
}

/** `read-again`: the delivery's bytes, or the one element that could not be read. `none`: no such letter for this reader. */
export type ReplayAnswer =
  | { kind: 'none' }
  | { kind: 'queued' }
  | { kind: 'read-again'; letter: 'delivery' | 'notification'; source: SourceName; bytes: Buffer; receivedAt: number };

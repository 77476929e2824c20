import type { AccountState, SourceName, SyncMode } from '../vocabulary.ts';
import type { Share } from './inbox.ts';

/** How one account's copy is doing; the answer of `GET /api/v1/sync` and what the sync page shows. Times are ISO 8601. */
export interface AccountSync {
  source: SourceName;
  user_id: string;
  name: string;
  state: AccountState;
  mode: SyncMode;
  cursor: string | null;
  /** `total` is 0 until the library has been listed. `rate` is items a second lately, `seconds_left` an estimate or null. */
  backfill: { done: number; total: number; rate: number | null; seconds_left: number | null };
  last_webhook_at: string | null;
  last_reconciled_at: string | null;
  last_audit: { at: string; compared: number; different: number } | null;
  /** Changes that reconciliation found and no webhook announced within two minutes. */
  drift: { day: number; total: number };
  /** How well the provider announces changes; null in polling mode. */
  webhooks: WebhookHealth | null;
  /** Changes that are known for five minutes and not fetched yet, and since when; null when there are none. */
  overdue: { changes: number; since: string } | null;
  /** Deletions that the brake holds: they wait for the owner's word. */
  held: number;
  /** Since when the provider could not be asked what changed, or has not told us, and why; null when all is well. */
  trouble: { since: string; reason: string } | null;
  /** Webhook received → in the mirror, over the last day; null when nothing arrived. */
  lag_ms: { p50: number | null; p99: number | null };
}

export interface WebhookHealth {
  /** Of the changes that reconciliation knows of: announced within two minutes, over 24 hours, 7 and 30 days. */
  announced: { day: Share; week: Share; month: Share };
  /** The provider does not announce changes any more: since the first that it left out, and how many were found by checking. */
  quiet: { since: string; changes: number } | null;
}

export interface QueueCounts {
  pending: number;
  active: number;
  parked: number;
  dead: number;
}

export interface SyncReport {
  accounts: AccountSync[];
  queue: QueueCounts;
}

/** An item that is gone at the provider and still here. */
export interface Held {
  /** `route`, `trip`, or what its source calls it. */
  type: string;
  id: string;
  name: string;
  /** Metres. */
  distance: number | null;
  /** ISO 8601: when it was ridden, or last edited. */
  happened_at: string;
  /** ISO 8601: since when it is held or kept. */
  since: string;
}

/** What the brake stopped; the answer of `GET /api/v1/deletions` and what the sync page asks about. */
export interface DeletionsReport {
  items: Held[];
  meta: {
    total: number;
    /** To be sent with the answer: it is about what is listed here, and nothing that was held later. Null when nothing is. */
    through: string | null;
    /** So many may go within a day without a question. */
    limit: number;
    /** So many did, and count as deleted. */
    deleted: number;
    /** Why the brake is on, in a sentence or two; null while it is not. */
    reason: string | null;
  };
  /** What is kept, because the owner said so. */
  kept: { items: Held[]; meta: { total: number; through: string | null } };
}

/** A task, delivery or notification that needs a person. */
export interface DeadLetter {
  id: number;
  kind: 'task' | 'delivery' | 'notification';
  source: SourceName;
  /** The provider's user id; null where the delivery could not be read. */
  account: string | null;
  type: string | null;
  item_id: string | null;
  code: string;
  /** What happened, what it means for the data, what to do. */
  sentence: string;
  /** What was answered or delivered, as text, without secrets; it says where it was cut. Empty when nothing was. */
  evidence: string;
  /** ISO 8601. */
  created_at: string;
}

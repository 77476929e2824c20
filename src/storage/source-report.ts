import type { AccountState, SourceName, SyncMode } from '../vocabulary.ts';
import type { RecordCount } from './records.ts';
import type { QueueCounts } from './sync.ts';

/** How one configured source is doing; the answer of `GET /api/v1/sources` and what its page shows. Times are ISO 8601. */
export interface SourceReport {
  source: SourceName;
  /** As people know it. */
  title: string;
  /** How what no webhook brought is found: by asking what changed since, or by comparing everything that is listed; null: not at all. */
  catches_up: 'changes' | 'listing' | null;
  /** What is remembered between two times: an instant, or the provider's own word; null where nothing is. */
  cursor: 'time' | 'mark' | null;
  /** Audits can compare everything that the provider lists, so deletions are found that nobody announced. */
  audited: boolean;
  /** The provider asks whether an address is ours before it sends there. */
  handshake: boolean;
  /** Until then such a question is answered unsigned; null: only when it is signed. */
  set_up_until: string | null;
  /** Accounts are added with `slipstream accounts add`; false: the environment or the browser does. */
  enrols: boolean;
  /** The owner can connect one in the browser. */
  connects: boolean;
  accounts: SourceAccount[];
  queue: QueueCounts;
  records: RecordCount[];
}

export interface SourceAccount {
  account: string;
  name: string;
  state: AccountState;
  mode: SyncMode;
  /** Where its webhooks come in; the secret that may belong to it is not told here. */
  webhook_url: string;
  last_webhook_at: string | null;
  last_reconciled_at: string | null;
  last_audit: { at: string; compared: number; different: number } | null;
  /** Since when the provider could not be asked, and why; null when the last time went well. */
  trouble: { since: string; reason: string } | null;
  /** Deletions that the brake holds. */
  held: number;
  queue: QueueCounts;
}

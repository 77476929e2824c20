import type { Account, AccountReader } from './storage/accounts.ts';
import type { Inbox } from './storage/inbox.ts';
import type { Items } from './storage/items.ts';
import type { AccountSync, QueueCounts, SyncReport } from './storage/sync.ts';
import { type AccountRef, RIDERS } from './vocabulary.ts';
import { webhookHealth } from './webhook-health.ts';

const DAY_MS = 86_400_000;
const RATE_WINDOW_MS = 60_000;
/** Fewer say nothing about the rate: they end several at once. */
const FETCHES_FOR_A_RATE = 5;
/** Whatever failed once is tried again within this time. */
const OVERDUE_MS = 300_000;

export interface StatusParts {
  inbox: Inbox;
  items: Items;
  now: () => number;
  /** Why reconciliation fails at present; a process that does not reconcile cannot tell. */
  trouble?: (ref: AccountRef) => { since: number; reason: string } | undefined;
}

/** How the copy of one account is doing, put together from the inbox and the mirror. */
export async function statusOf(
  parts: StatusParts,
  account: Account,
): Promise<{ sync: AccountSync; queue: QueueCounts }> {
  const { inbox, items, now } = parts;
  const ref = { source: account.source, account: account.user_id };
  const { backfill: waiting, ...counts } = await inbox.counts(ref);
  // What belongs to no account needs the owner.
  const queue = { ...counts, dead: counts.dead + (account.owner ? await inbox.unclaimedLetters() : 0) };
  const trouble = parts.trouble?.(ref);
  const lastWebhookAt = await inbox.lastWebhookAt(ref);
  const overdue = await inbox.overdue(ref, now() - OVERDUE_MS);
  const lags = (await items.lags(account.id, now() - DAY_MS)).sort((a, b) => a - b);
  const sync: AccountSync = {
    source: account.source,
    user_id: account.user_id,
    name: account.name,
    state: account.state,
    mode: lastWebhookAt === null ? 'polling' : 'webhook',
    cursor: account.cursor,
    backfill: await backfillOf(parts, account, waiting),
    last_webhook_at: iso(lastWebhookAt),
    last_reconciled_at: iso(account.lastReconciledAt),
    last_audit: account.lastAudit && { ...account.lastAudit, at: new Date(account.lastAudit.at).toISOString() },
    drift: await inbox.drift(ref, now()),
    webhooks: lastWebhookAt === null ? null : await webhookHealth(inbox, ref, lastWebhookAt, now()),
    overdue: overdue && { changes: overdue.changes, since: new Date(overdue.since).toISOString() },
    held: await items.countHeld(account.id),
    trouble: trouble ? { since: new Date(trouble.since).toISOString(), reason: trouble.reason } : null,
    lag_ms: { p50: percentile(lags, 0.5), p99: percentile(lags, 0.99) },
  };
  return { sync, queue };
}

/** The report of several accounts; the queue's figures are added up. */
export async function reportOf(parts: StatusParts, accounts: readonly Account[]): Promise<SyncReport> {
  const report: SyncReport = { accounts: [], queue: { pending: 0, active: 0, parked: 0, dead: 0 } };
  for (const account of accounts) {
    const { sync, queue } = await statusOf(parts, account);
    report.accounts.push(sync);
    report.queue.pending += queue.pending;
    report.queue.active += queue.active;
    report.queue.parked += queue.parked;
    // The owner's count has those of the other sources in it already.
    if (account.source === RIDERS || !accounts.some(({ owner }) => owner)) report.queue.dead += queue.dead;
  }
  return report;
}

export const everyAccount = (parts: StatusParts, accounts: AccountReader): Promise<SyncReport> =>
  accounts.list().then((list) => reportOf(parts, list));

async function backfillOf(
  { items, now }: StatusParts,
  account: Account,
  waiting: number,
): Promise<AccountSync['backfill']> {
  // Until the whole list is in the inbox the total is not known, and what waits is the beginning of it.
  if (account.backfillTotal === null) return { done: 0, total: waiting, rate: null, seconds_left: null };
  const total = account.backfillTotal;
  if (waiting === 0) return { done: total, total, rate: null, seconds_left: null };
  const rate = await rateOf(items, account.id, now());
  const left = rate === null || rate === 0 ? null : Math.ceil(waiting / rate);
  return { done: Math.max(0, total - waiting), total, rate, seconds_left: left };
}

/** Items a second, lately. From the first of them on: what went before, such as the listing, is no measure of what comes. */
async function rateOf(items: Items, accountId: number, now: number): Promise<number | null> {
  const { count, first } = await items.fetchedSince(accountId, now - RATE_WINDOW_MS);
  if (first === null || count < FETCHES_FOR_A_RATE) return null;
  return (count - 1) / (Math.max(1_000, now - first) / 1_000);
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** The smallest value that so large a share of them does not exceed. */
const percentile = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;

import type { AccountRef, Notification, Statement } from '../vocabulary.ts';

/** The probe of a token goes before everything, and where nothing else may go. */
export const PROBE_PRIORITY = -1;

const PRIORITY: Record<Notification['origin'], number> = {
  webhook: 0,
  person: 0,
  'follow-up': 1,
  reconciliation: 1,
  audit: 1,
  backfill: 2,
};

/** What several notifications for one key come to. */
export interface Coalesced {
  source: string;
  account: string;
  type: string;
  id: string;
  priority: number;
  dueAt: number;
  origin: string;
  action: string;
  announcesDeletion: number;
  secret: Buffer | null;
  statedVersion: string | null;
  statedBody: Buffer | null;
  notifications: number;
  firstLearntAt: number;
  lastLearntAt: number;
  webhookFirst: number | null;
  webhookLast: number | null;
}

export function coalesce(notifications: readonly Notification[]): Iterable<Coalesced> {
  const tasks = new Map<string, Coalesced>();
  for (const n of notifications) {
    const { source, account, type, id } = n.key;
    const name = `${source} ${account} ${type} ${id}`;
    const before = tasks.get(name);
    const priority = type === 'account' ? PROBE_PRIORITY : PRIORITY[n.origin];
    const webhookAt = n.origin === 'webhook' ? n.learntAt : null;
    const leads = !before || priority <= before.priority;
    tasks.set(name, {
      source,
      account,
      type,
      id,
      priority: leads ? priority : before.priority,
      dueAt: Math.min(n.notBefore ?? n.learntAt, before?.dueAt ?? Number.POSITIVE_INFINITY),
      origin: leads ? n.origin : before.origin,
      action: n.action,
      announcesDeletion: n.announcesDeletion ? 1 : (before?.announcesDeletion ?? 0),
      secret: n.secret ?? before?.secret ?? null,
      ...laterOf(n.statement, before),
      notifications: (before?.notifications ?? 0) + 1,
      firstLearntAt: before?.firstLearntAt ?? n.learntAt,
      lastLearntAt: n.learntAt,
      webhookFirst: before?.webhookFirst ?? webhookAt,
      webhookLast: webhookAt ?? before?.webhookLast ?? null,
    });
  }
  return tasks.values();
}

/** Of one key, the statement with the greatest version; of two with the same one a deletion, else the first. */
function laterOf(
  statement: Statement | undefined,
  before: Coalesced | undefined,
): Pick<Coalesced, 'statedVersion' | 'statedBody'> {
  const known = { statedVersion: before?.statedVersion ?? null, statedBody: before?.statedBody ?? null };
  if (!statement || (known.statedVersion !== null && known.statedVersion > statement.version)) return known;
  if (known.statedVersion === statement.version && statement.body !== null) return known;
  return { statedVersion: statement.version, statedBody: statement.body };
}

/** The latest one of each account. */
export function latestWebhooks(notifications: readonly Notification[]): Iterable<AccountRef & { at: number }> {
  const latest = new Map<string, AccountRef & { at: number }>();
  for (const { key, origin, learntAt } of notifications) {
    if (origin !== 'webhook') continue;
    const name = `${key.source} ${key.account}`;
    const at = Math.max(learntAt, latest.get(name)?.at ?? 0);
    latest.set(name, { source: key.source, account: key.account, at });
  }
  return latest.values();
}

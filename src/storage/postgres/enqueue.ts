import type { Notification } from '../../vocabulary.ts';
import { coalesce, latestWebhooks } from '../coalesce.ts';
import { SAY_DUE } from './channels.ts';
import type { Queries } from './database.ts';
import { storableKey } from './keys.ts';

/** Within an open transaction: adds notifications to their keys' tasks, and says so when that is committed. */
export type Enqueue = (queries: Queries, notifications: readonly Notification[]) => Promise<void>;

/** The columns are read before any of them is set, so the body goes by the version that was there. */
const LATEST_STATEMENT = `
  stated_body = CASE WHEN excluded.stated_version > coalesce(t.stated_version, '')
    OR (excluded.stated_version = t.stated_version AND excluded.stated_body IS NULL) THEN excluded.stated_body ELSE t.stated_body END,
  stated_version = CASE WHEN excluded.stated_version > coalesce(t.stated_version, '') THEN excluded.stated_version ELSE t.stated_version END`;

// In the order of the keys, as everybody does who changes several tasks: so nobody waits for somebody who waits for him.
// A waiting task that failed keeps its back-off: news from the provider is no reason to hammer it. The first notification
// after a claim starts the next generation's own story; until then the columns tell the story of the running fetch.
const UPSERT = `
  INSERT INTO tasks AS t (source, account, type, item_id, priority, due_at, origin, action, announces_deletion, secret,
    stated_version, stated_body, notifications, first_learnt_at, last_learnt_at, webhook_first, webhook_last)
  SELECT * FROM unnest(@source::text[], @account::text[], @type::text[], @id::text[], @priority::int[], @dueAt::bigint[],
    @origin::text[], @action::text[], @announcesDeletion::boolean[], @secret::bytea[], @statedVersion::text[], @statedBody::bytea[],
    @notifications::bigint[], @firstLearntAt::bigint[], @lastLearntAt::bigint[], @webhookFirst::bigint[], @webhookLast::bigint[])
    AS n (source, account, type, item_id)
  ORDER BY n.source COLLATE "C", n.account COLLATE "C", n.type COLLATE "C", n.item_id COLLATE "C"
  ON CONFLICT (source, account, type, item_id) DO UPDATE SET
    generation = t.generation + 1,
    state = CASE t.state WHEN 'dead' THEN 'pending' ELSE t.state END,
    attempts = CASE t.state WHEN 'dead' THEN 0 ELSE t.attempts END,
    priority = least(t.priority, excluded.priority),
    due_at = CASE WHEN t.state = 'pending' AND t.attempts > 0 THEN t.due_at ELSE least(t.due_at, excluded.due_at) END,
    origin = CASE WHEN t.claimed_generation = t.generation OR excluded.priority <= t.priority THEN excluded.origin ELSE t.origin END,
    action = excluded.action,
    secret = coalesce(excluded.secret, t.secret),
    ${LATEST_STATEMENT},
    last_learnt_at = excluded.last_learnt_at,
    announces_deletion = (t.announces_deletion AND t.claimed_generation IS DISTINCT FROM t.generation) OR excluded.announces_deletion,
    notifications = CASE WHEN t.claimed_generation = t.generation THEN 0 ELSE t.notifications END + excluded.notifications,
    first_learnt_at = CASE WHEN t.claimed_generation = t.generation THEN excluded.first_learnt_at ELSE t.first_learnt_at END,
    webhook_first = CASE WHEN t.claimed_generation = t.generation THEN excluded.webhook_first
      ELSE coalesce(t.webhook_first, excluded.webhook_first) END,
    webhook_last = CASE WHEN t.claimed_generation = t.generation THEN excluded.webhook_last
      ELSE coalesce(excluded.webhook_last, t.webhook_last) END`;

const SAW_WEBHOOK = `
  INSERT INTO queues AS q (source, account, last_webhook_at)
  SELECT * FROM unnest(@source::text[], @account::text[], @at::bigint[]) AS n (source, account, at)
  ORDER BY n.source COLLATE "C", n.account COLLATE "C"
  ON CONFLICT (source, account) DO UPDATE SET last_webhook_at = greatest(coalesce(q.last_webhook_at, 0), excluded.last_webhook_at)`;

export const enqueue: Enqueue = async (queries, given) => {
  if (given.length === 0) return;
  const notifications = given.map((each) => ({ ...each, key: storableKey(each.key) }));
  const tasks = [...coalesce(notifications)].map(({ announcesDeletion, dueAt, ...task }) => ({
    ...task,
    dueAt: Math.ceil(dueAt),
    announcesDeletion: announcesDeletion === 1,
  }));
  await queries.run(UPSERT, columnsOf(tasks));
  const webhooks = [...latestWebhooks(notifications)];
  if (webhooks.length > 0) await queries.run(SAW_WEBHOOK, columnsOf(webhooks));
  await queries.run(SAY_DUE);
};

/** One array for each name, as `unnest` takes them. */
export function columnsOf<Row extends object>(rows: readonly Row[]): Record<string, unknown[]> {
  const names = Object.keys(rows[0] ?? {}) as (keyof Row & string)[];
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
}

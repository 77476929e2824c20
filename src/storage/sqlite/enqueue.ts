import type { Database } from 'better-sqlite3';
import type { Notification } from '../../vocabulary.ts';
import { type Coalesced, coalesce, latestWebhooks } from '../coalesce.ts';

/** Within an open transaction: adds notifications to their keys' tasks. */
export type Enqueue = (notifications: readonly Notification[]) => void;

/** The columns are read before any of them is set, so the body goes by the version that was there. */
const LATEST_STATEMENT = `
      stated_body = iif(@statedVersion > coalesce(stated_version, '') OR (@statedVersion = stated_version AND @statedBody IS NULL),
        @statedBody, stated_body),
      stated_version = iif(@statedVersion > coalesce(stated_version, ''), @statedVersion, stated_version)`;

export function createEnqueue(db: Database): Enqueue {
  // The common case first: the task waits already, and nothing that an index is made of changes.
  const addToWaiting = db.prepare<[Coalesced]>(`
    UPDATE tasks SET generation = generation + 1, action = @action, origin = iif(priority = @priority, @origin, origin),
      announces_deletion = announces_deletion OR @announcesDeletion, secret = coalesce(@secret, secret),
      ${LATEST_STATEMENT},
      notifications = notifications + @notifications, last_learnt_at = @lastLearntAt,
      webhook_first = coalesce(webhook_first, @webhookFirst), webhook_last = coalesce(@webhookLast, webhook_last)
    WHERE source = @source AND account = @account AND type = @type AND item_id = @id
      AND state = 'pending' AND priority <= @priority AND (due_at <= @dueAt OR attempts > 0)`);
  // A waiting task that failed keeps its back-off: news from the provider is no reason to hammer it. The first notification
  // after a claim starts the next generation's own story; until then the columns tell the story of the running fetch.
  const upsert = db.prepare<[Coalesced]>(`
    INSERT INTO tasks (source, account, type, item_id, priority, due_at, origin, action, announces_deletion, secret, stated_version, stated_body,
                       notifications, first_learnt_at, last_learnt_at, webhook_first, webhook_last)
    VALUES (@source, @account, @type, @id, @priority, @dueAt, @origin, @action, @announcesDeletion, @secret, @statedVersion, @statedBody,
            @notifications, @firstLearntAt, @lastLearntAt, @webhookFirst, @webhookLast)
    ON CONFLICT (source, account, type, item_id) DO UPDATE SET
      generation = generation + 1,
      state = CASE state WHEN 'dead' THEN 'pending' ELSE state END,
      attempts = CASE state WHEN 'dead' THEN 0 ELSE attempts END,
      priority = min(priority, excluded.priority),
      due_at = CASE WHEN state = 'pending' AND attempts > 0 THEN due_at ELSE min(due_at, excluded.due_at) END,
      origin = CASE WHEN claimed_generation = generation OR excluded.priority <= priority THEN excluded.origin ELSE origin END,
      action = excluded.action,
      secret = coalesce(excluded.secret, secret),
      ${LATEST_STATEMENT},
      last_learnt_at = excluded.last_learnt_at,
      announces_deletion = iif(claimed_generation = generation, 0, announces_deletion) OR excluded.announces_deletion,
      notifications = iif(claimed_generation = generation, 0, notifications) + excluded.notifications,
      first_learnt_at = iif(claimed_generation = generation, excluded.first_learnt_at, first_learnt_at),
      webhook_first = iif(claimed_generation = generation, excluded.webhook_first, coalesce(webhook_first, excluded.webhook_first)),
      webhook_last = iif(claimed_generation = generation, excluded.webhook_last, coalesce(excluded.webhook_last, webhook_last))`);
  const sawWebhook = db.prepare<[string, string, number]>(`
    INSERT INTO queues (source, account, last_webhook_at) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET last_webhook_at = max(coalesce(last_webhook_at, 0), excluded.last_webhook_at)`);

  return (notifications) => {
    for (const task of coalesce(notifications)) {
      if (addToWaiting.run(task).changes === 0) upsert.run(task);
    }
    for (const { source, account, at } of latestWebhooks(notifications)) sawWebhook.run(source, account, at);
  };
}

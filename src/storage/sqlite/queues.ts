import type { Database } from 'better-sqlite3';
import type { AccountRef } from '../../vocabulary.ts';
import type { Queues } from '../inbox.ts';
import type { Write } from './group-commit.ts';

/** What holds for all tasks of one account. */
export function createQueues(db: Database, write: Write): Queues {
  const pause = db.prepare<[string, string, number]>(`
    INSERT INTO queues (source, account, paused_until) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET paused_until = max(paused_until, excluded.paused_until)`);
  const setParked = db.prepare<[string, string, string | null]>(`
    INSERT INTO queues (source, account, parked) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET parked = excluded.parked, paused_until = 0`);
  const makeDue = db.prepare<[number, string, string]>(`
    UPDATE tasks SET due_at = min(due_at, ?), attempts = 0 WHERE state = 'pending' AND source = ? AND account = ?`);
  const forget = ['tasks', 'findings', 'dead_letters', 'queues'].map((table) =>
    db.prepare<[string, string]>(`DELETE FROM ${table} WHERE source = ? AND account = ?`),
  );
  const countByState = db.prepare<[string, string], { state: string; backfill: number; n: number }>(`
    SELECT state, priority = 2 AND state <> 'dead' AS backfill, count(*) AS n FROM tasks
    WHERE source = ? AND account = ? GROUP BY 1, 2`);
  const selectOverdue = db.prepare<[string, string, number], { changes: number; since: number | null }>(`
    SELECT count(*) AS changes, min(first_learnt_at) AS since FROM tasks
    WHERE source = ? AND account = ? AND state <> 'dead' AND priority BETWEEN 0 AND 1 AND first_learnt_at < ?`);
  const select = db.prepare<
    [string, string],
    { paused_until: number; parked: string | null; last_webhook_at: number | null }
  >('SELECT paused_until, parked, last_webhook_at FROM queues WHERE source = ? AND account = ?');

  function unpark({ source, account }: AccountRef, now: number): void {
    // What waits for another reason, such as a rate limit or its own failures, goes on waiting.
    if (!select.get(source, account)?.parked) return;
    setParked.run(source, account, null);
    makeDue.run(now, source, account);
  }

  return {
    pause: ({ source, account }, until) => write(() => void pause.run(source, account, Math.ceil(until))),
    pausedUntil: async ({ source, account }) => select.get(source, account)?.paused_until ?? 0,
    park: ({ source, account }, reason) => write(() => void setParked.run(source, account, reason)),
    unpark: (ref, now) => write(() => unpark(ref, now)),
    forget: ({ source, account }) => write(() => forget.forEach((statement) => void statement.run(source, account))),
    counts: async ({ source, account }) => {
      const rows = countByState.all(source, account);
      const sum = (of: (row: (typeof rows)[number]) => boolean) =>
        rows.filter(of).reduce((total, { n }) => total + n, 0);
      const waiting = sum(({ state }) => state === 'pending');
      const parked = Boolean(select.get(source, account)?.parked);
      return {
        pending: parked ? 0 : waiting,
        parked: parked ? waiting : 0,
        active: sum(({ state }) => state === 'active'),
        dead: sum(({ state }) => state === 'dead'),
        backfill: sum(({ backfill }) => backfill === 1),
      };
    },
    overdue: async ({ source, account }, before) => {
      const { changes, since } = selectOverdue.get(source, account, before) ?? { changes: 0, since: null };
      return since === null ? null : { changes, since };
    },
    lastWebhookAt: async ({ source, account }) => select.get(source, account)?.last_webhook_at ?? null,
  };
}

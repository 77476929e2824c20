import type { AccountRef } from '../../vocabulary.ts';
import type { Queues } from '../inbox.ts';
import { SAY_DUE } from './channels.ts';
import type { Database, Queries } from './database.ts';

const PAUSE = `
  INSERT INTO queues AS q (source, account, paused_until) VALUES (@source, @account, @until)
  ON CONFLICT (source, account) DO UPDATE SET paused_until = greatest(q.paused_until, excluded.paused_until)`;
const PARK = `
  INSERT INTO queues (source, account, parked) VALUES (@source, @account, @reason)
  ON CONFLICT (source, account) DO UPDATE SET parked = excluded.parked, paused_until = 0`;
const UNPARK = `
  UPDATE queues SET parked = NULL, paused_until = 0 WHERE source = @source AND account = @account AND parked IS NOT NULL`;
const MAKE_DUE = `
  UPDATE tasks SET due_at = least(due_at, @now), attempts = 0 WHERE state = 'pending' AND source = @source AND account = @account`;
/** In the order that everybody keeps to who changes several tasks. */
const HOLD = `
  SELECT 1 FROM tasks WHERE source = @source AND account = @account ORDER BY source, account, type, item_id FOR UPDATE`;
const SELECT = 'SELECT paused_until, parked, last_webhook_at FROM queues WHERE source = @source AND account = @account';
const COUNT = `
  SELECT state, priority = 2 AND state <> 'dead' AS backfill, count(*) AS n FROM tasks
  WHERE source = @source AND account = @account GROUP BY 1, 2`;
const SELECT_OVERDUE = `
  SELECT count(*) AS changes, min(first_learnt_at) AS since FROM tasks
  WHERE source = @source AND account = @account AND state <> 'dead' AND priority BETWEEN 0 AND 1 AND first_learnt_at < @before`;

interface QueueRow {
  paused_until: number;
  parked: string | null;
  last_webhook_at: number | null;
}

/** What holds for all tasks of one account. */
export function createQueues(db: Database): Queues {
  const select = ({ source, account }: AccountRef, queries: Queries = db) =>
    queries.get<QueueRow>(SELECT, { source, account });

  async function unpark(queries: Queries, { source, account }: AccountRef, now: number): Promise<void> {
    // What waits for another reason, such as a rate limit or its own failures, goes on waiting.
    if (!(await select({ source, account }, queries))?.parked) return;
    // Tasks before queues, as those do who add to both.
    await queries.run(HOLD, { source, account });
    if ((await queries.run(UNPARK, { source, account })) === 0) return;
    await queries.run(MAKE_DUE, { source, account, now: Math.floor(now) });
    await queries.run(SAY_DUE);
  }

  return {
    pause: async ({ source, account }, until) =>
      void (await db.run(PAUSE, { source, account, until: Math.ceil(until) })),
    pausedUntil: async (ref) => (await select(ref))?.paused_until ?? 0,
    park: async ({ source, account }, reason) => void (await db.run(PARK, { source, account, reason })),
    unpark: (ref, now) => db.transaction((queries) => unpark(queries, ref, now)),
    forget: ({ source, account }) =>
      db.transaction(async (queries) => {
        await queries.run(HOLD, { source, account });
        for (const table of ['tasks', 'findings', 'dead_letters', 'queues'])
          await queries.run(`DELETE FROM ${table} WHERE source = @source AND account = @account`, { source, account });
      }),
    counts: async ({ source, account }) => {
      const [rows, queue] = await Promise.all([
        db.all<{ state: string; backfill: boolean; n: number }>(COUNT, { source, account }),
        select({ source, account }),
      ]);
      const sum = (of: (row: (typeof rows)[number]) => boolean) =>
        rows.filter(of).reduce((total, { n }) => total + n, 0);
      const waiting = sum(({ state }) => state === 'pending');
      const parked = Boolean(queue?.parked);
      return {
        pending: parked ? 0 : waiting,
        parked: parked ? waiting : 0,
        active: sum(({ state }) => state === 'active'),
        dead: sum(({ state }) => state === 'dead'),
        backfill: sum(({ backfill }) => backfill),
      };
    },
    overdue: async ({ source, account }, before) => {
      const row = await db.get<{ changes: number; since: number | null }>(SELECT_OVERDUE, { source, account, before });
      const { changes, since } = row ?? { changes: 0, since: null };
      return since === null ? null : { changes, since };
    },
    lastWebhookAt: async (ref) => (await select(ref))?.last_webhook_at ?? null,
  };
}

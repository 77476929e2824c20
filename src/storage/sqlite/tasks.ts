import type { Database } from 'better-sqlite3';
import type { AccountRef, Claim, Notification } from '../../vocabulary.ts';
import type { ClaimRequest, Finding, Settlement, Tasks } from '../inbox.ts';
import { createClaims } from './claims.ts';

type EnqueueIn = (notifications: readonly Notification[]) => void;

const PRIORITY: Record<Notification['origin'], number> = {
  webhook: 0,
  person: 0,
  'follow-up': 1,
  reconciliation: 1,
  audit: 1,
  backfill: 2,
};

export function createTasks(db: Database): Tasks & { enqueueIn: EnqueueIn } {
  // A waiting task that failed keeps its back-off: news from the provider is no reason to hammer it. The first notification
  // after a claim starts the next generation's own story; until then the columns tell the story of the running fetch.
  const upsert = db.prepare(`
    INSERT INTO tasks (source, account, type, item_id, priority, due_at, origin, action, announces_deletion, secret,
                       first_learnt_at, last_learnt_at, webhook_first, webhook_last)
    VALUES (@source, @account, @type, @id, @priority, @dueAt, @origin, @action, @announcesDeletion, @secret,
            @learntAt, @learntAt, @webhookAt, @webhookAt)
    ON CONFLICT (source, account, type, item_id) DO UPDATE SET
      generation = generation + 1,
      state = CASE state WHEN 'dead' THEN 'pending' ELSE state END,
      attempts = CASE state WHEN 'dead' THEN 0 ELSE attempts END,
      priority = min(priority, excluded.priority),
      due_at = CASE WHEN state = 'pending' AND attempts > 0 THEN due_at ELSE min(due_at, excluded.due_at) END,
      origin = CASE WHEN claimed_generation = generation OR excluded.priority <= priority THEN excluded.origin ELSE origin END,
      action = excluded.action,
      secret = coalesce(excluded.secret, secret),
      last_learnt_at = excluded.last_learnt_at,
      announces_deletion = iif(claimed_generation = generation, 0, announces_deletion) OR excluded.announces_deletion,
      notifications = iif(claimed_generation = generation, 0, notifications) + 1,
      first_learnt_at = iif(claimed_generation = generation, excluded.first_learnt_at, first_learnt_at),
      webhook_first = iif(claimed_generation = generation, excluded.webhook_first, coalesce(webhook_first, excluded.webhook_first)),
      webhook_last = iif(claimed_generation = generation, excluded.webhook_last, coalesce(excluded.webhook_last, webhook_last))`);
  const closeLetter = db.prepare(`
    DELETE FROM dead_letters WHERE kind = 'task' AND source = @source AND account = @account AND type = @type AND item_id = @id`);
  const sawWebhook = db.prepare<[string, string, number]>(`
    INSERT INTO queues (source, account, last_webhook_at) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET last_webhook_at = max(coalesce(last_webhook_at, 0), excluded.last_webhook_at)`);
  const insertFinding = db.prepare(`
    INSERT INTO findings (source, account, type, item_id, action, happened_at, found_at)
    VALUES (@source, @account, @type, @id, @action, @happenedAt, @foundAt) ON CONFLICT DO NOTHING`);

  function enqueueIn(notifications: readonly Notification[]): void {
    const webhooks = new Map<string, { ref: AccountRef; at: number }>();
    for (const n of notifications) {
      const byWebhook = n.origin === 'webhook';
      upsert.run({
        ...n.key,
        priority: PRIORITY[n.origin],
        origin: n.origin,
        action: n.action,
        learntAt: n.learntAt,
        dueAt: n.notBefore ?? n.learntAt,
        webhookAt: byWebhook ? n.learntAt : null,
        announcesDeletion: n.announcesDeletion ? 1 : 0,
        secret: n.secret ?? null,
      });
      const name = `${n.key.source} ${n.key.account}`;
      if (byWebhook) webhooks.set(name, { ref: n.key, at: Math.max(n.learntAt, webhooks.get(name)?.at ?? 0) });
    }
    for (const { ref, at } of webhooks.values()) sawWebhook.run(ref.source, ref.account, at);
  }

  const claims = createClaims(db);
  const settleDone = db.prepare<[number, number]>(
    "DELETE FROM tasks WHERE claimed_generation = generation AND seq = ? AND state = 'active' AND id = ?",
  );
  const settleOwed = db.prepare<[number, number]>(`
    UPDATE tasks SET state = 'pending', attempts = 0, due_at = last_learnt_at, last_error = NULL, claimed_generation = NULL
    WHERE state = 'active' AND seq = ? AND id = ?`);
  const settleWaiting = db.prepare(`
    UPDATE tasks SET state = 'pending', due_at = @dueAt, last_error = @reason, attempts = attempts - @refund,
      claimed_generation = NULL, notifications = notifications + iif(generation > claimed_generation, @notifications, 0),
      announces_deletion = announces_deletion OR @announcesDeletion,
      first_learnt_at = min(first_learnt_at, @firstLearntAt),
      webhook_first = coalesce(@webhookFirst, webhook_first), webhook_last = coalesce(webhook_last, @webhookLast)
    WHERE state = 'active' AND seq = @seq AND id = @task`);
  const settleDead = db.prepare<[string, number, number]>(`
    UPDATE tasks SET state = 'dead', last_error = ?, claimed_generation = NULL
    WHERE state = 'active' AND generation = claimed_generation AND seq = ? AND id = ?`);
  const insertLetter = db.prepare(`
    INSERT INTO dead_letters (kind, source, account, type, item_id, code, sentence, evidence, created_at)
    VALUES ('task', @source, @account, @type, @id, @code, @sentence, @evidence, @now)
    ON CONFLICT (source, account, type, item_id) WHERE kind = 'task'
    DO UPDATE SET code = excluded.code, sentence = excluded.sentence, evidence = excluded.evidence`);

  function settle(s: Settlement, now: number): void {
    const { claim } = s;
    if (s.kind === 'done') {
      enqueueIn(s.followUps);
      closeLetter.run(claim.key);
      if (settleDone.run(claim.seq, claim.task).changes === 0) settleOwed.run(claim.seq, claim.task);
    } else if (s.kind === 'dead') {
      if (settleDead.run(s.problem.code, claim.seq, claim.task).changes === 0) settleOwed.run(claim.seq, claim.task);
      else insertLetter.run({ ...claim.key, ...s.problem, evidence: s.evidence, now });
    } else {
      settleWaiting.run({
        task: claim.task,
        seq: claim.seq,
        dueAt: Math.ceil(s.dueAt),
        reason: s.reason,
        refund: s.kind === 'again' ? 1 : 0,
        notifications: claim.notifications,
        announcesDeletion: claim.announcesDeletion ? 1 : 0,
        firstLearntAt: claim.firstLearntAt,
        webhookFirst: claim.webhook?.first ?? null,
        webhookLast: claim.webhook?.last ?? null,
      });
    }
  }

  const enqueue = db.transaction((notifications: readonly Notification[], findings: readonly Finding[]) => {
    enqueueIn(notifications);
    for (const { key, ...finding } of findings) insertFinding.run({ ...key, ...finding });
  });
  const exchange = db.transaction((settlements: readonly Settlement[], request: ClaimRequest): Claim[] => {
    for (const settlement of settlements) settle(settlement, request.now);
    return claims(request);
  });

  // A task that was in flight at a crash may be what caused it, so it waits longer each time.
  const recover = db.prepare(`
    UPDATE tasks SET state = 'pending', claimed_generation = NULL, due_at = claimed_at + iif(attempts < 3, 0, 1000 << min(attempts, 12))
    WHERE state = 'active'`);
  const raise = db.prepare<[number]>("UPDATE marks SET value = max(value, ?) WHERE name = 'seq'");
  const pause = db.prepare<[string, string, number]>(`
    INSERT INTO queues (source, account, paused_until) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET paused_until = max(paused_until, excluded.paused_until)`);
  const setParked = db.prepare<[string, string, string | null]>(`
    INSERT INTO queues (source, account, parked) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET parked = excluded.parked, paused_until = 0`);
  const makeDue = db.prepare<[number, string, string]>(`
    UPDATE tasks SET due_at = min(due_at, ?), attempts = 0 WHERE state = 'pending' AND source = ? AND account = ?`);
  const unpark = db.transaction((ref: AccountRef, now: number) => {
    setParked.run(ref.source, ref.account, null);
    makeDue.run(now, ref.source, ref.account);
  });
  const forgetTasks = db.prepare<[string, string]>('DELETE FROM tasks WHERE source = ? AND account = ?');
  const forgetFindings = db.prepare<[string, string]>('DELETE FROM findings WHERE source = ? AND account = ?');
  const forgetLetters = db.prepare<[string, string]>('DELETE FROM dead_letters WHERE source = ? AND account = ?');
  const forget = db.transaction((ref: AccountRef) => {
    for (const statement of [forgetTasks, forgetFindings, forgetLetters]) statement.run(ref.source, ref.account);
  });
  const countByState = db.prepare<[string, string], { state: string; backfill: number; n: number }>(`
    SELECT state, priority = 2 AND state <> 'dead' AS backfill, count(*) AS n FROM tasks WHERE source = ? AND account = ? GROUP BY 1, 2`);
  const selectQueue = db.prepare<[string, string], { parked: string | null; last_webhook_at: number | null }>(
    'SELECT parked, last_webhook_at FROM queues WHERE source = ? AND account = ?',
  );

  return {
    enqueueIn,
    enqueue: async (notifications, findings = []) => enqueue.immediate(notifications, findings),
    exchange: async (settlements, request) => exchange.immediate(settlements, request),
    recover: async () => recover.run().changes,
    raiseSequence: async (seq) => void raise.run(seq),
    pause: async (ref, until) => void pause.run(ref.source, ref.account, until),
    park: async (ref, reason) => void setParked.run(ref.source, ref.account, reason),
    unpark: async (ref, now) => unpark.immediate(ref, now),
    forget: async (ref) => forget.immediate(ref),
    counts: async (ref) => {
      const rows = countByState.all(ref.source, ref.account);
      const sum = (of: (row: (typeof rows)[number]) => boolean) =>
        rows.filter(of).reduce((total, row) => total + row.n, 0);
      const waiting = sum(({ state }) => state === 'pending');
      const parked = Boolean(selectQueue.get(ref.source, ref.account)?.parked);
      return {
        pending: parked ? 0 : waiting,
        parked: parked ? waiting : 0,
        active: sum(({ state }) => state === 'active'),
        dead: sum(({ state }) => state === 'dead'),
        backfill: sum(({ backfill }) => backfill === 1),
      };
    },
    lastWebhookAt: async (ref) => selectQueue.get(ref.source, ref.account)?.last_webhook_at ?? null,
  };
}

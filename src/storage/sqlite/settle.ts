import type { Database } from 'better-sqlite3';
import type { Settlement } from '../inbox.ts';
import type { Enqueue } from './enqueue.ts';

/**
 * Within an open transaction: ends a claim. Each statement asks for the claim's own sequence, so that who comes too late changes
 * nothing; and where a notification came during the fetch, one more is owed, however this one ended.
 */
export function createSettle(db: Database, enqueue: Enqueue): (settlement: Settlement, now: number) => void {
  const remove = db.prepare<[number, number]>(
    "DELETE FROM tasks WHERE claimed_generation = generation AND seq = ? AND state = 'active' AND id = ?",
  );
  const oweOneMore = db.prepare<[number, number]>(`
    UPDATE tasks SET state = 'pending', attempts = 0, due_at = last_learnt_at, last_error = NULL, claimed_generation = NULL
    WHERE state = 'active' AND seq = ? AND id = ?`);
  // No attempt counts any more after an answer: then what was learnt meanwhile need not wait.
  const wait = db.prepare(`
    UPDATE tasks SET state = 'pending',
      due_at = iif(@confirms AND generation > claimed_generation, min(last_learnt_at, @dueAt), @dueAt), last_error = @reason,
      attempts = iif(@confirms, 0, attempts - @refund),
      claimed_generation = NULL, notifications = notifications + iif(generation > claimed_generation, @notifications, 0),
      announces_deletion = announces_deletion OR @announcesDeletion,
      first_learnt_at = min(first_learnt_at, @firstLearntAt),
      webhook_first = coalesce(@webhookFirst, webhook_first), webhook_last = coalesce(webhook_last, @webhookLast)
    WHERE state = 'active' AND seq = @seq AND id = @task`);
  const bury = db.prepare<[string, number, number]>(`
    UPDATE tasks SET state = 'dead', last_error = ?, claimed_generation = NULL
    WHERE state = 'active' AND generation = claimed_generation AND seq = ? AND id = ?`);
  const insertLetter = db.prepare(`
    INSERT INTO dead_letters (kind, source, account, type, item_id, code, sentence, evidence, created_at)
    VALUES ('task', @source, @account, @type, @id, @code, @sentence, @evidence, @now)
    ON CONFLICT (source, account, type, item_id) WHERE kind = 'task'
    DO UPDATE SET code = excluded.code, sentence = excluded.sentence, evidence = excluded.evidence, created_at = excluded.created_at`);
  const closeLetter = db.prepare(`
    DELETE FROM dead_letters WHERE kind = 'task' AND source = @source AND account = @account AND type = @type AND item_id = @id`);

  return (settlement, now) => {
    const { claim } = settlement;
    if (settlement.kind === 'done') {
      enqueue(settlement.followUps);
      closeLetter.run(claim.key);
      if (remove.run(claim.seq, claim.task).changes === 0) oweOneMore.run(claim.seq, claim.task);
    } else if (settlement.kind === 'dead') {
      const { problem, evidence } = settlement;
      const buried = bury.run(problem.code, claim.seq, claim.task).changes === 1;
      if (buried) insertLetter.run({ ...claim.key, ...problem, evidence, now });
      else oweOneMore.run(claim.seq, claim.task);
    } else {
      wait.run({
        task: claim.task,
        seq: claim.seq,
        dueAt: Math.ceil(settlement.dueAt),
        reason: settlement.reason,
        refund: settlement.kind === 'again' ? 1 : 0,
        confirms: settlement.kind === 'confirm' ? 1 : 0,
        notifications: claim.notifications,
        announcesDeletion: claim.announcesDeletion ? 1 : 0,
        firstLearntAt: claim.firstLearntAt,
        webhookFirst: claim.webhook?.first ?? null,
        webhookLast: claim.webhook?.last ?? null,
      });
    }
  };
}

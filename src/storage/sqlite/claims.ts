import type { Database } from 'better-sqlite3';
import type { AccountRef, Claim, SourceName } from '../../vocabulary.ts';
import { PROBE_PRIORITY } from '../coalesce.ts';
import type { ClaimRequest } from '../inbox.ts';

interface TaskRow {
  id: number;
  source: SourceName;
  account: string;
  type: string;
  item_id: string;
  attempts: number;
  origin: Claim['origin'];
  action: string;
  announces_deletion: number;
  secret: Buffer | null;
  stated_version: string | null;
  stated_body: Buffer | null;
  notifications: number;
  first_learnt_at: number;
  last_learnt_at: number;
  webhook_first: number | null;
  webhook_last: number | null;
  last_error: string | null;
}

const PRIORITIES = [0, 1, 2];

/**
 * Chooses what to fetch next: what happens now before what is caught up before a backfill, and within that one task
 * an account in turn, so that a rider with ten thousand waiting tasks delays nobody. Each step is a seek in an
 * index: the cost grows with the accounts that have waiting tasks, not with the tasks.
 */
export function createClaims(db: Database): (request: ClaimRequest) => Claim[] {
  const selectQueueAfter = db.prepare<[number, string, string], AccountRef>(`
    SELECT source, account FROM tasks WHERE state = 'pending' AND priority = ? AND (source, account) > (?, ?)
    ORDER BY source, account LIMIT 1`);
  const selectBlocked = db.prepare<[string, string, number], { blocked: number }>(`
    SELECT 1 AS blocked FROM queues WHERE source = ? AND account = ? AND (paused_until > ? OR parked IS NOT NULL)`);
  const countActive = db
    .prepare<[string, string], number>(
      `SELECT count(*) FROM tasks WHERE state = 'active' AND source = ? AND account = ?`,
    )
    .pluck();
  const countActiveSince = db
    .prepare<{ source: SourceName; account: string | null; since: number }, number>(`
      SELECT count(*) FROM tasks
      WHERE state = 'active' AND source = @source AND (@account IS NULL OR account = @account) AND claimed_at >= @since`)
    .pluck();
  const selectDue = db
    .prepare<[number, string, string, number], number>(`
      SELECT id FROM tasks WHERE state = 'pending' AND priority = ? AND source = ? AND account = ? AND due_at <= ?
      ORDER BY due_at LIMIT 1`)
    .pluck();
  const selectProbes = db
    .prepare<[number, number], number>(
      `SELECT id FROM tasks WHERE state = 'pending' AND priority = ${PROBE_PRIORITY} AND due_at <= ? ORDER BY due_at LIMIT ?`,
    )
    .pluck();
  const nextSeq = db
    .prepare<[], number>("UPDATE marks SET value = value + 1 WHERE name = 'seq' RETURNING value")
    .pluck();
  const activate = db.prepare<[number, number, number], TaskRow>(`
    UPDATE tasks SET state = 'active', claimed_generation = generation, claimed_at = ?, seq = ?, attempts = attempts + 1
    WHERE id = ? RETURNING *`);

  // Where the round of each priority stopped; only a matter of fairness, so a restart may forget it.
  const rounds = new Map<number, AccountRef>();

  return ({ room, perAccount, now, limits = [] }) => {
    const claimed: Claim[] = [];
    const limited = new Map(limits.map((limit) => [`${limit.source} ${limit.account ?? ''}`, limit]));
    for (const id of selectProbes.all(now, room)) claim(id);
    for (const priority of PRIORITIES) claimRound(priority);
    return claimed;

    function claimRound(priority: number): void {
      let first: string | undefined;
      let { source, account } = rounds.get(priority) ?? { source: '', account: '' };
      while (claimed.length < room) {
        const next = selectQueueAfter.get(priority, source, account) ?? selectQueueAfter.get(priority, '', '');
        if (!next) return;
        const name = `${next.source} ${next.account}`;
        ({ source, account } = next);
        if (claimOneOf(priority, next)) {
          rounds.set(priority, next);
          first = undefined;
        } else {
          // Round once without finding anything: nobody has something due.
          if (name === first) return;
          first ??= name;
        }
      }
    }

    function claimOneOf(priority: number, { source, account }: AccountRef): boolean {
      if (isFull(`${source} `) || isFull(`${source} ${account}`)) return false;
      if (selectBlocked.get(source, account, now)) return false;
      if ((countActive.get(source, account) ?? 0) >= perAccount) return false;
      const id = selectDue.get(priority, source, account, now);
      if (id === undefined) return false;
      claim(id);
      return true;
    }

    /** Active tasks are few: counting them costs less than remembering the count. */
    function isFull(name: string): boolean {
      const limit = limited.get(name);
      if (!limit || limit.most < 1) return limit !== undefined;
      const { source, account = null, since, most } = limit;
      return (countActiveSince.get({ source, account, since }) ?? 0) >= most;
    }

    function claim(id: number): void {
      const seq = nextSeq.get();
      const row = seq === undefined ? undefined : activate.get(now, seq, id);
      if (row && seq !== undefined) claimed.push(claimOf(row, seq, now));
    }
  };
}

function claimOf(row: TaskRow, seq: number, now: number): Claim {
  const { webhook_first: first, webhook_last: last } = row;
  return {
    task: row.id,
    key: { source: row.source, account: row.account, type: row.type, id: row.item_id },
    seq,
    attempts: row.attempts,
    origin: row.origin,
    action: row.action,
    announcesDeletion: row.announces_deletion === 1,
    ...(row.secret && { secret: row.secret }),
    ...(row.stated_version !== null && { statement: { version: row.stated_version, body: row.stated_body } }),
    firstLearntAt: row.first_learnt_at,
    lastLearntAt: row.last_learnt_at,
    notifications: row.notifications,
    webhook: first === null || last === null ? null : { first, last },
    claimedAt: now,
    ...(row.last_error !== null && { lastError: row.last_error }),
  };
}

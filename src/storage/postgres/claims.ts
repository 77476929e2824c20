import type { AccountRef, Claim, SourceName } from '../../vocabulary.ts';
import type { ClaimRequest } from '../inbox.ts';
import type { Queries } from './database.ts';

interface TaskRow {
  id: number;
  source: SourceName;
  account: string;
  type: string;
  item_id: string;
  priority: number;
  seq: number;
  attempts: number;
  origin: Claim['origin'];
  action: string;
  announces_deletion: boolean;
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

interface Claimed {
  claims: Claim[];
  /** Another process was choosing for the same accounts at this moment. */
  contended: boolean;
  /** To be called when the claims are committed. */
  remember: () => void;
}

/** Within a transaction of the session: chooses what to fetch next, and takes its keys' locks. `running` is what this process has in hand. */
export type Claims = (queries: Queries, request: ClaimRequest, running: readonly number[]) => Promise<Claimed>;

const CHOOSE = `
  SELECT id, source, account, type, item_id, priority, seq, attempts, origin, action, announces_deletion, secret, stated_version,
    stated_body, notifications, first_learnt_at, last_learnt_at, webhook_first, webhook_last, last_error
  FROM claim_tasks(@room, @perAccount, @now, @roundSources, @roundAccounts, @limitSources, @limitAccounts, @limitMost, @limitSince, @running)`;

const NOWHERE = { source: '', account: '' };

/** See `0019_processes.sql`, where the choosing is done. */
export function createClaims(): Claims {
  // Where the round of each priority stopped; only a matter of fairness, so each process has its own, and a restart may forget it.
  const rounds: (AccountRef | typeof NOWHERE)[] = [NOWHERE, NOWHERE, NOWHERE];

  return async (queries, { room, perAccount, now, limits = [] }, running) => {
    if (room < 1) return { claims: [], contended: false, remember: () => {} };
    const rows = await queries.all<TaskRow | { id: null }>(CHOOSE, {
      room,
      perAccount,
      now: Math.floor(now),
      roundSources: rounds.map(({ source }) => source),
      roundAccounts: rounds.map(({ account }) => account),
      limitSources: limits.map(({ source }) => source),
      limitAccounts: limits.map(({ account = '' }) => account),
      limitMost: limits.map(({ most }) => Math.floor(most)),
      limitSince: limits.map(({ since }) => Math.ceil(since)),
      running,
    });
    const tasks = rows.filter((row) => row.id !== null);
    return {
      claims: tasks.map((row) => claimOf(row, now)),
      contended: tasks.length < rows.length,
      remember: () => {
        for (const { priority, source, account } of tasks) if (priority >= 0) rounds[priority] = { source, account };
      },
    };
  };
}

function claimOf(row: TaskRow, now: number): Claim {
  const { webhook_first: first, webhook_last: last } = row;
  return {
    task: row.id,
    key: { source: row.source, account: row.account, type: row.type, id: row.item_id },
    seq: row.seq,
    attempts: row.attempts,
    origin: row.origin,
    action: row.action,
    announcesDeletion: row.announces_deletion,
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

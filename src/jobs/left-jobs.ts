import { EventEmitter } from 'node:events';
import type { WorkerEvents, WorkerUtils } from 'graphile-worker';
import type { Locks } from '../storage/locks.ts';

/** Well below the time between two looks. */
const AGAIN_MS = 500;

/**
 * The engine frees the jobs of a process that is gone after four hours. So its pool in each process holds a lock for as long as it is there, as
 * keys have one (see `storage/postgres/recover.ts`), and a job whose pool has none at two looks is free again: every job bears being done twice.
 */
export function createLeftJobs(
  utils: Pick<WorkerUtils, 'withPgClient' | 'forceUnlockWorkers'>,
  locks: Pick<Locks, 'hold'>,
) {
  const events: WorkerEvents = new EventEmitter();
  let mine = '';
  let leave = (): void => {};
  let gone = new Set<string>();

  // Another one comes when the database was away.
  events.on('pool:create', ({ workerPool: { id } }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    leave();
    leave = resolve;
    mine = id;
    void stay(id, promise);
  });

  /** The connection that locks are had on may come back later than those of the pool. */
  async function stay(id: string, over: Promise<void>): Promise<void> {
    while (id === mine) {
      const held = locks.hold(nameOf(id), () => over);
      if (await held.then(isOver, () => false)) return;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
    }
  }

  return {
    events,
    /** To be called again and again, with some seconds between. */
    async look(): Promise<void> {
      const { rows } = await utils.withPgClient((client) => client.query<{ id: string }>(SELECT_GONE));
      const now = rows.map(({ id }) => id).filter((id) => id !== mine);
      const left = now.filter((id) => gone.has(id));
      gone = new Set(now);
      if (left.length > 0) await utils.forceUnlockWorkers(left);
    },
    close(): void {
      mine = '';
      leave();
    },
  };
}

const isOver = (): boolean => true;

const nameOf = (pool: string): string => `jobs of ${pool}`;

const SELECT_GONE = `
  SELECT DISTINCT locked_by AS id FROM graphile_worker.jobs
  WHERE locked_by IS NOT NULL AND lock_of('work ${nameOf('')}' || locked_by) NOT IN (
    SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

import { afterAll, afterEach, expect, test } from 'vitest';
import { openJobs } from '../../src/jobs/graphile.ts';
import type { Jobs, Work } from '../../src/jobs/jobs.ts';
import { createLeftJobs } from '../../src/jobs/left-jobs.ts';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import { createLocks } from '../../src/storage/postgres/locks.ts';
import { openSession } from '../../src/storage/postgres/session.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const ROBIN = { source: 'ridewithgps', account: '1', startedBy: 'person' } as const;

const IN_HAND = 'SELECT count(*) AS n FROM graphile_worker.jobs WHERE locked_by IS NOT NULL';

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});
afterAll(stopPostgres);

/** One process, which does what it is asked for in its own way. */
async function open(url: string, reconcile: () => Promise<unknown>): Promise<{ jobs: Jobs; die(): Promise<void> }> {
  const session = opened.adopt(openSession(url), (each) => each.close());
  const locks = createLocks(session);
  const onError = () => {};
  const jobs = opened.adopt(await openJobs({ url, locks, onError, leftLookMs: 100 }), (each) => each.close());
  const none = async () => {};
  const work: Work = {
    ...{ reconcile, audit: none, connected: none, 'reconcile-all': none, 'audit-all': none, prune: none },
    ...{ 'audit-after-backfill': none, 'judge-findings': none, 'copy-photos': none },
  };
  await jobs.start(work, []);
  // What it had in hand stays as it is in the database, and its locks are gone.
  return { jobs, die: () => session.close() };
}

test('a job that a process had in hand when it was killed is done by another one, and one in good hands is not', async () => {
  const { url } = await freshDatabase();
  const db = opened.adopt(openDatabase(url, { most: 1 }), (each) => each.close());
  const mine = Promise.withResolvers<void>();
  let begun = 0;
  const { jobs, die } = await open(url, () => {
    begun += 1;
    return mine.promise;
  });
  opened.defer(mine.resolve);
  await jobs.ask('reconcile', ROBIN);
  await until(() => begun === 1, 20_000);
  let done = 0;
  await open(url, async () => {
    done += 1;
  });
  const inHand = async () => (await db.get<{ n: number }>(IN_HAND))?.n;
  for (let look = 0; look < 10; look += 1) {
    expect([await inHand(), done]).toEqual([1, 0]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await die();
  await until(async () => done === 1 && (await inHand()) === 0, 20_000);
});

test('a process whose locks come back later than its jobs is not taken for one that is gone', async () => {
  const asked: string[] = [];
  const hold = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    asked.push(name);
    return asked.length === 1 ? Promise.reject(new Error('The connection is lost.')) : work();
  };
  const never = () => expect.unreachable();
  const left = createLeftJobs(
    { withPgClient: Object.assign(never, { withRetries: never }), forceUnlockWorkers: never },
    { hold },
  );
  opened.defer(left.close);
  left.events.emit('pool:create', { workerPool: { id: 'mine' } } as never);
  await until(() => asked.length === 2);
  expect(new Set(asked)).toEqual(new Set(['jobs of mine']));
});

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openJobs } from '../../src/jobs/graphile.ts';
import type { Jobs, Work } from '../../src/jobs/jobs.ts';
import { createLocks } from '../../src/storage/memory/locks.ts';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { jobsSuite } from '../conformance/jobs.ts';
import { type OwnCluster, startCluster } from '../support/postgres.ts';
import { until } from '../support/until.ts';

let cluster: OwnCluster;
let url: string;
let db: Database;
beforeAll(async () => {
  cluster = await startCluster();
  url = (await cluster.freshDatabase()).url;
  db = openDatabase(url, { most: 1 });
});
afterAll(async () => {
  await db.close();
  await cluster.stop();
});

const locks = createLocks();
const open = () => openJobs({ url, locks, onError: () => {} });
const forget = async () => void (await db.run('DELETE FROM graphile_worker._private_jobs'));

jobsSuite('graphile-worker', open, forget);

const nothing = async () => {};
const workOf = (reconcile: Work['reconcile']): Work => ({
  reconcile,
  audit: nothing,
  connected: nothing,
  'reconcile-all': nothing,
  'audit-all': nothing,
  'audit-after-backfill': nothing,
  'judge-findings': nothing,
  prune: nothing,
  'copy-photos': nothing,
});

const opened: Jobs[] = [];
afterEach(async () => {
  for (const jobs of opened.splice(0)) await jobs.close();
});

test('how a job ended while its process stops is known to the others', async () => {
  const jobs = await open();
  opened.push(jobs);
  const stopped = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const work = workOf(async () => {
    begun.resolve();
    await stopped.promise;
  });
  await jobs.start(work, []);
  await jobs.ask('reconcile', { source: 'ridewithgps', account: '1', startedBy: 'person' });
  await begun.promise;
  const closed = jobs.close();
  // All else has ended by then, and this is what is waited for.
  setTimeout(() => stopped.reject(new Error('Slipstream is stopping.')), 100);
  await closed;
  const left = await db.all('SELECT locked_by, last_error FROM graphile_worker.jobs');
  expect(left).toEqual([{ locked_by: null, last_error: 'Slipstream is stopping.' }]);
  await forget();
});

test('several processes share them, each is done once, and they are done again after the database was away', async () => {
  const done: string[] = [];
  for (const process of [1, 2]) {
    const jobs = await open();
    opened.push(jobs);
    const reconcile: Work['reconcile'] = async ({ account }) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      done.push(`${account} by ${process}`);
    };
    await jobs.start(workOf(reconcile), []);
  }
  const [first, second] = opened;
  const payloads = Array.from(
    { length: 40 },
    (_, n) => ({ source: 'ridewithgps', account: String(n), startedBy: 'schedule' }) as const,
  );
  await first?.askEach('reconcile', payloads);
  await second?.settled();
  expect(new Set(done.map((each) => each.split(' ')[0])).size).toBe(40);
  expect(done).toHaveLength(40);
  expect(new Set(done.map((each) => each.split(' ')[2]))).toEqual(new Set(['1', '2']));

  await cluster.cut();
  await expect(first?.ask('reconcile', { source: 'ridewithgps', account: '7', startedBy: 'person' })).rejects.toThrow(
    /PostgreSQL/,
  );
  await cluster.restore();
  done.length = 0;
  await until(async () => {
    const asked = first?.ask(
      'reconcile',
      { source: 'ridewithgps', account: '8', startedBy: 'person' },
      { key: 'back' },
    );
    return (await asked?.then(
      () => true,
      () => false,
    )) as boolean;
  }, 20_000);
  await until(() => done.some((each) => each.startsWith('8 ')), 20_000);
});

import { expect, test, vi } from 'vitest';
import { createJobs } from '../src/jobs/in-process.ts';
import { reconcileSoon, type Work } from '../src/jobs/jobs.ts';
import { jobsSuite } from './conformance/jobs.ts';
import { until } from './support/until.ts';

jobsSuite(
  'one process',
  async () => createJobs({ now: Date.now, onError: () => {} }),
  async () => {},
);

test('what is asked for after the end keeps no timer', async () => {
  vi.useFakeTimers();
  try {
    const jobs = createJobs({ now: Date.now, onError: () => {} });
    await reconcileSoon(jobs, { source: 'ridewithgps', account: '1' });
    expect(vi.getTimerCount()).toBe(1);
    await jobs.close();
    await reconcileSoon(jobs, { source: 'ridewithgps', account: '1' });
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a source that makes its listing wait keeps no account of another one waiting, this time or the next', async () => {
  const done: string[] = [];
  const { promise: quota, resolve: giveQuota } = Promise.withResolvers<void>();
  const nothing = async () => {};
  const work: Work = {
    ...{ audit: nothing, connected: nothing, 'reconcile-all': nothing, 'audit-all': nothing, prune: nothing },
    ...{ 'audit-after-backfill': nothing, 'judge-findings': nothing, 'copy-photos': nothing },
    async reconcile({ source, account }) {
      if (source === 'tradegecko') await quota;
      done.push(`${source} ${account}`);
    },
  };
  const jobs = createJobs({ now: Date.now, onError: () => {} });
  await jobs.start(work, []);
  const all = (['tradegecko', 'ridewithgps'] as const).flatMap((source) =>
    ['1', '2'].map((account) => ({ source, account, startedBy: 'schedule' as const })),
  );
  await jobs.askEach('reconcile', all);
  await until(() => done.length === 2);
  await jobs.askEach('reconcile', all);
  await until(() => done.length === 4);
  expect(new Set(done)).toEqual(new Set(['ridewithgps 1', 'ridewithgps 2']));
  giveQuota();
  await jobs.settled();
  expect(done.slice(4)).toEqual(['tradegecko 1', 'tradegecko 2']);
  await jobs.close();
});

test('what is asked again and again is put off, and done within a minute of the first time', async () => {
  vi.useFakeTimers();
  try {
    const jobs = createJobs({ now: Date.now, onError: () => {} });
    const done: number[] = [];
    const began = Date.now();
    const work = { reconcile: async () => void done.push(Date.now() - began) } as Partial<Work> as Work;
    await jobs.start(work, []);
    for (let second = 0; second < 90; second += 5) {
      await jobs.ask(
        'reconcile',
        { source: 'ridewithgps', account: '1', startedBy: 'webhook' },
        { key: 'one', afterMs: 15_000 },
      );
      await vi.advanceTimersByTimeAsync(5_000);
    }
    expect(done).toEqual([60_000]);
    await jobs.close();
  } finally {
    vi.useRealTimers();
  }
});

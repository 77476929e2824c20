import { expect, test, vi } from 'vitest';
import { createJobs } from '../src/jobs/in-process.ts';
import { reconcileSoon, type Work } from '../src/jobs/jobs.ts';
import { jobsSuite } from './conformance/jobs.ts';

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

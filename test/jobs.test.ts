import { expect, test, vi } from 'vitest';
import { createJobs } from '../src/jobs/in-process.ts';
import { reconcileSoon } from '../src/jobs/jobs.ts';
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

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Jobs, reconcileSoon, type Work } from '../../src/jobs/jobs.ts';
import { until } from '../support/until.ts';

const ROBIN = { source: 'ridewithgps', account: '1' } as const;

/**
 * What jobs must do, whoever does them.
 *
 * @param open Opens jobs over the same, empty at first, place each time it is called within one test.
 */
export function jobsSuite(name: string, open: () => Promise<Jobs>, forget: () => Promise<void>): void {
  describe(`jobs in ${name}`, () => {
    const opened: Jobs[] = [];
    let done: string[] = [];
    beforeEach(() => {
      done = [];
    });
    afterEach(async () => {
      for (const jobs of opened.splice(0)) await jobs.close();
      await forget();
    });

    const note = (what: string) => async () => void done.push(what);
    const work = (over: Partial<Work> = {}): Work => ({
      reconcile: async ({ account, startedBy }) => void done.push(`reconcile ${account} ${startedBy}`),
      audit: async ({ account }) => void done.push(`audit ${account}`),
      connected: note('connected'),
      'reconcile-all': note('reconcile-all'),
      'audit-all': note('audit-all'),
      'audit-after-backfill': note('audit-after-backfill'),
      'judge-findings': note('judge-findings'),
      prune: note('prune'),
      'copy-photos': note('copy-photos'),
      ...over,
    });
    async function begin(over?: Partial<Work>): Promise<Jobs> {
      const jobs = await open();
      opened.push(jobs);
      await jobs.start(work(over), [{ pattern: '0 0 1 1 *', name: 'prune', payload: {} }]);
      return jobs;
    }

    test('what is asked for is done once', async () => {
      const jobs = await begin();
      for (const account of ['1', '2', '3'])
        await jobs.ask('reconcile', { source: 'ridewithgps', account, startedBy: 'person' });
      await jobs.settled();
      expect(done.sort()).toEqual(['reconcile 1 person', 'reconcile 2 person', 'reconcile 3 person']);
    });

    test('for each account of a list', async () => {
      const jobs = await begin();
      const accounts = Array.from({ length: 20 }, (_, n) => ({ source: 'ridewithgps', account: String(n) }) as const);
      await jobs.askEach(
        'audit',
        accounts.map((ref) => ({ ...ref, startedBy: 'schedule' as const })),
      );
      await jobs.settled();
      expect(done.toSorted()).toEqual(accounts.map(({ account }) => `audit ${account}`).toSorted());
    });

    test('asked for under one key until it begins, it is one job, and not before its time', async () => {
      const jobs = await begin();
      for (let n = 0; n < 5; n += 1)
        await jobs.ask('reconcile', { ...ROBIN, startedBy: 'webhook' }, { key: 'one', afterMs: 400 });
      await jobs.ask('copy-photos', {});
      await until(() => done.includes('copy-photos'), 10_000);
      expect(done).toEqual(['copy-photos']);
      await until(() => done.length === 2, 10_000);
      await jobs.settled();
      expect(done).toEqual(['copy-photos', 'reconcile 1 webhook']);
    });

    test('a webhook is a reason to look a while later', async () => {
      const jobs = await begin();
      await reconcileSoon(jobs, ROBIN);
      await jobs.settled();
      expect(done).toEqual([]);
    });

    test('what fails does not keep others from being done', async () => {
      const jobs = await begin({ audit: () => Promise.reject(new Error('not today')) });
      await jobs.ask('audit', { ...ROBIN, startedBy: 'person' });
      await jobs.ask('reconcile', { ...ROBIN, startedBy: 'person' });
      await until(() => done.length === 1, 10_000);
    });

    test('closing waits for what runs', async () => {
      let finish = (): void => {};
      const gate = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const jobs = await begin({
        connected: async () => {
          done.push('began');
          await gate;
          done.push('ended');
        },
      });
      await jobs.ask('connected', { ...ROBIN, before: false });
      await until(() => done.length === 1, 10_000);
      const closing = jobs.close();
      setTimeout(finish, 50);
      await closing;
      opened.length = 0;
      expect(done).toEqual(['began', 'ended']);
    });
  });
}

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { live } from '../histories/history.ts';
import { openPipeline, type Pipeline } from '../histories/pipeline.ts';
import { steps } from '../histories/step.ts';
import { overPostgres } from '../histories/storages.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

/** As many as fit; `npm run soak -- --only histories-postgres` tries more. */
const WITHIN_MS = 12_000;

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await openPipeline(overPostgres((await freshDatabase()).url), 2);
});
afterAll(async () => {
  await pipeline.close();
  await stopPostgres();
});

test('the same histories, lived by two processes in turn of which either may be killed, end in what the provider has', async () => {
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      expect(await live(pipeline, history)).toEqual([]);
      tried += 1;
    }),
    { numRuns: 1_000, interruptAfterTimeLimit: WITHIN_MS, markInterruptAsFailure: false },
  );
  console.log(`${tried} histories`);
  expect(tried).toBeGreaterThan(0);
}, 120_000);

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { live } from '../histories/history.ts';
import { openPipeline, type Pipeline } from '../histories/pipeline.ts';
import { type Step, steps } from '../histories/step.ts';
import { overPostgres } from '../histories/storages.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

/** Not a length of time: a history that is cut off lives on beside whatever comes next. `npm run soak -- --only histories-postgres` tries more. */
const HISTORIES = 20;

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await openPipeline(overPostgres((await freshDatabase()).url), 2);
});
afterAll(async () => {
  await pipeline.close();
  await stopPostgres();
});

test('the same histories, lived by two processes in turn of which either may be killed, end in what the provider has', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      expect(await live(pipeline, history)).toEqual([]);
    }),
    { numRuns: HISTORIES },
  );
}, 240_000);

test('killed in the middle of a fetch, what one had in hand is fetched by the other', async () => {
  const history: Step[] = [
    { do: 'work' },
    { do: 'edit', item: 0, manner: 'ordinary' },
    { do: 'hold', item: 0 },
    { do: 'deliver', which: 0, times: 1 },
    { do: 'work' },
    { do: 'edit', item: 0, manner: 'untouched' },
    { do: 'kill', write: 1, side: 'before' },
    { do: 'release' },
    { do: 'work' },
  ];
  expect(await live(pipeline, history)).toEqual([]);
});

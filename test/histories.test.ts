import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { live } from './histories/history.ts';
import { openPipeline, type Pipeline } from './histories/pipeline.ts';
import { type Step, steps } from './histories/step.ts';
import { reportFigure } from './support/figures.ts';

const HISTORIES = 300;

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await openPipeline();
});
afterAll(() => pipeline.close());

test(`after ${HISTORIES} histories of changes, lost and doubled webhooks, held answers and kills, the mirror is what the provider has`, async () => {
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      expect(await live(pipeline, history)).toEqual([]);
      tried += 1;
    }),
    { numRuns: HISTORIES },
  );
  reportFigure({
    name: 'Random histories, and how many ended in a difference',
    value: `${tried}, 0`,
    required: `${HISTORIES}, 0`,
    reached: tried >= HISTORIES,
    command: 'npm test',
  });
}, 400_000);

const sides = ['before', 'after'] as const;
const writes = Array.from({ length: 6 }, (_, n) => n + 1);

test.each(writes.flatMap((write) => sides.map((side) => ({ write, side }))))(
  'killed $side write $write of a reconciliation, what only that one knew of is not lost',
  async ({ write, side }) => {
    const history: Step[] = [
      { do: 'work' },
      // More than the overlap, so that the next reconciliation does not look so far back.
      { do: 'wait', seconds: 600 },
      { do: 'edit', item: 0, manner: 'untouched' },
      { do: 'edit', item: 1, manner: 'untouched' },
      { do: 'lose', which: 0 },
      { do: 'lose', which: 0 },
      { do: 'wait', seconds: 600 },
      { do: 'kill', write, side },
      { do: 'reconcile', rider: 0 },
      { do: 'reconcile', rider: 1 },
    ];
    expect(await live(pipeline, history)).toEqual([]);
  },
);

test.each(writes.flatMap((write) => sides.map((side) => ({ write, side }))))(
  'killed $side write $write from the webhook to its end, what it announced is applied',
  async ({ write, side }) => {
    const history: Step[] = [
      { do: 'work' },
      { do: 'edit', item: 0, manner: 'ordinary' },
      { do: 'kill', write, side },
      { do: 'deliver', which: 0, times: 1 },
      { do: 'work' },
    ];
    expect(await live(pipeline, history)).toEqual([]);
  },
);

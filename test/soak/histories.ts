import fc from 'fast-check';
import type { Finding } from '../bench/findings.ts';
import type { Part } from '../bench/part.ts';
import { live } from '../histories/history.ts';
import { openPipeline, type Pipeline } from '../histories/pipeline.ts';
import { steps } from '../histories/step.ts';
import { overPostgres } from '../histories/storages.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

const SAY_EVERY = 250;

export const histories: Part = async ({ quick, say }) => {
  const wanted = quick ? 50 : 5_000;
  return [await findingOf('random histories', wanted, await openPipeline(), say)];
};

/** The same with two processes, which take turns and are killed one by one. */
export const historiesOverPostgres: Part = async ({ quick, say }) => {
  const pipeline = await openPipeline(overPostgres((await freshDatabase()).url), 2);
  try {
    return [await findingOf('random histories of two processes over PostgreSQL', quick ? 20 : 1_000, pipeline, say)];
  } finally {
    await stopPostgres();
  }
};

async function findingOf(
  what: string,
  wanted: number,
  pipeline: Pipeline,
  say: (line: string) => void,
): Promise<Finding> {
  const { tried, differences, seed } = await tryAll(wanted, pipeline, say);
  say(`seed ${seed}`);
  return {
    subject: `${what} that ended in a difference`,
    slipstream: `${differences} of ${tried}`,
    figure: differences + wanted - tried,
    unit: 'different',
    bound: { atMost: 0 },
  };
}

/** So many histories nobody thought of. The first one that ends in a difference is said whole, and shrunk. */
async function tryAll(
  count: number,
  pipeline: Pipeline,
  say: (line: string) => void,
): Promise<{ tried: number; differences: number; seed: number }> {
  let tried = 0;
  let differs: string[] = [];
  try {
    const property = fc.asyncProperty(steps, async (history) => {
      const found = await live(pipeline, history);
      tried += 1;
      if (tried % SAY_EVERY === 0) say(`${tried} of ${count} histories`);
      if (found.length > 0) differs = found;
      return found.length === 0;
    });
    const { failed, seed, counterexample, counterexamplePath, errorInstance } = await fc.check(property, {
      numRuns: count,
    });
    if (failed) {
      const why = differs.join(' ') || String(errorInstance);
      say(`seed ${seed}, path ${counterexamplePath}: ${JSON.stringify(counterexample)}: ${why}`);
    }
    return { tried, differences: failed ? 1 : 0, seed };
  } finally {
    await pipeline.close();
  }
}

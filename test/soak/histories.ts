import fc from 'fast-check';
import { live } from '../histories/history.ts';
import { openPipeline } from '../histories/pipeline.ts';
import { steps } from '../histories/step.ts';

const SAY_EVERY = 250;

/** So many histories nobody thought of. The first one that ends in a difference is said whole, and shrunk. */
export async function histories(
  count: number,
  say: (line: string) => void,
): Promise<{ tried: number; differences: number; seed: number }> {
  const pipeline = await openPipeline();
  let tried = 0;
  try {
    const property = fc.asyncProperty(steps, async (history) => {
      const found = await live(pipeline, history);
      tried += 1;
      if (tried % SAY_EVERY === 0) say(`${tried} of ${count} histories`);
      return found.length === 0;
    });
    const { failed, seed, counterexample, counterexamplePath } = await fc.check(property, { numRuns: count });
    if (failed) say(`seed ${seed}, path ${counterexamplePath}: ${JSON.stringify(counterexample)}`);
    return { tried, differences: failed ? 1 : 0, seed };
  } finally {
    await pipeline.close();
  }
}

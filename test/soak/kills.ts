import { number } from '../bench/findings.ts';
import type { Part } from '../bench/part.ts';
import { surviveKills } from '../support/crash.ts';

const SAY_EVERY = 5;

/** The harness of `test/crash.test.ts`, for longer. */
export const kills: Part = async ({ quick, say }) => {
  const wanted = quick ? 10 : 100;
  const seed = Date.now() % 1_000_000;
  say(`seed ${seed}`);
  let said = 0;
  const { survived, acknowledged, phases, problems } = await surviveKills({
    kills: wanted,
    seed,
    say: (line) => {
      said += 1;
      if (said % SAY_EVERY === 0) say(line);
    },
  });
  for (const [phase, hits] of Object.entries(phases)) say(`${String(hits).padStart(4)} kills fell ${phase}`);
  for (const problem of problems) say(problem);
  return [
    {
      subject: 'SIGKILLs survived in the middle of bursts',
      slipstream: `${survived} of ${wanted}`,
      beside: `${number(acknowledged)} notifications acknowledged`,
      figure: wanted - survived + problems.length,
      unit: 'lost',
      bound: { atMost: 0 },
    },
    // A harness that never hits a phase proves nothing about it.
    {
      subject: 'different phases that a kill fell into',
      slipstream: `${Object.values(phases).filter(Boolean).length} of ${Object.keys(phases).length}`,
      beside: `${Math.min(...Object.values(phases))} to ${Math.max(...Object.values(phases))} kills in each`,
      figure: Object.values(phases).filter((hits) => hits === 0).length,
      unit: 'lost',
      ...(!quick && { bound: { atMost: 0 } }),
    },
  ];
};

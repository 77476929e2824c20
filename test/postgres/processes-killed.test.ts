import { expect, test } from 'vitest';
import { openFleet } from '../support/fleet.ts';
import { killAtRandom } from '../support/fleet-kills.ts';

const KILLS = 5;

test('receivers and workers that are killed, and a database that goes away, lose nothing that was acknowledged', async () => {
  const seed = Date.now() % 1_000_000;
  await using fleet = await openFleet({ seed, receivers: 2, workers: 2, riders: 2, trips: 10, boundMs: 200_000 });
  await fleet.start();
  await fleet.connect();
  // `npm run soak -- --only processes` goes on for longer, with more of them.
  const plan = { kills: KILLS, atOnce: KILLS, everyMs: 700, backAfterMs: 300, pauseMs: 60, cuts: 1, say: () => {} };
  const { problems, kills, acknowledged, deserted, takenUpMs, backMs } = await killAtRandom(fleet, plan);
  console.log(
    `seed ${seed}: ${acknowledged} acknowledged; killed:`,
    kills,
    `${deserted} tasks in hand, taken up in ${takenUpMs.toFixed()} ms; after the cut back in ${backMs.toFixed()} ms`,
  );
  expect({ seed, problems }).toEqual({ seed, problems: [] });
  expect(kills.receive + kills.work).toBe(KILLS);
  expect(acknowledged).toBeGreaterThan(KILLS);
}, 400_000);

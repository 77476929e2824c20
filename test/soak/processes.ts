import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Item } from '../../src/sandbox/model.ts';
import { type Finding, number } from '../bench/findings.ts';
import type { Part } from '../bench/part.ts';
import { type Fleet, type FleetPlan, openFleet } from '../support/fleet.ts';
import { killAtRandom } from '../support/fleet-kills.ts';
import { bodyOf, deliver } from '../support/webhook.ts';

const FLEET = { receivers: 3, workers: 4, boundMs: 3_600_000 };
const TAKEN_UP_WITHIN_MS = 60_000;
const IN_ONE = 20;
const AT_ONCE = 4;
const PAUSE_MS = 100;
/** So that a fetch is long enough for another one to fall into it. */
const LATENCY_MS = 20;

/** 3 receivers and 4 workers, each a process, over one PostgreSQL. */
export const processes: Part = async ({ quick, say }) => {
  const seed = Date.now() % 1_000_000;
  say(`seed ${seed}, load ${loadavg()[0]?.toFixed(1)}`);
  const killed = await beside({ ...FLEET, seed, riders: 4, trips: 20 }, (fleet) => kill(fleet, quick ? 5 : 50, say));
  const told = await beside(
    { ...FLEET, seed, riders: 8, trips: 21, environment: { FETCH_CONCURRENCY: '8' } },
    (fleet) => tell(fleet, quick ? 5_000 : 100_000, say),
  );
  say(`load ${loadavg()[0]?.toFixed(1)}`);
  return [...killed, ...told];
};

async function beside(plan: FleetPlan, look: (fleet: Fleet) => Promise<Finding[]>): Promise<Finding[]> {
  await using fleet = await openFleet(plan);
  await fleet.start();
  await fleet.connect();
  return await look(fleet);
}

async function kill(fleet: Fleet, wanted: number, say: (line: string) => void): Promise<Finding[]> {
  const plan = { kills: wanted, atOnce: 10, everyMs: 2_500, backAfterMs: 5_000, pauseMs: 200, cuts: 1, say };
  const survival = await killAtRandom(fleet, plan);
  const { kills, acknowledged, refused, deserted, takenUpMs, takenUpInAllMs, starting, cuts, backMs, problems } =
    survival;
  for (const problem of problems) say(problem);
  const died = kills.receive + kills.work;
  say(`${kills.receive} receivers and ${kills.work} workers were killed, ${starting} of them before they were up`);
  say(`${number(refused)} webhooks had no answer and were told again, ${deserted} tasks were in hand at a kill`);
  say(`the database was cut ${cuts} times, and all receivers took something ${seconds(backMs)} s after it was back`);
  return [
    {
      subject: 'random SIGKILLs among 3 receivers and 4 workers: lost, different, or fetched twice at once',
      slipstream: `${problems.length} after ${died} kills`,
      beside: `${number(acknowledged)} notifications acknowledged, ${cuts} cuts of the database`,
      figure: problems.length + wanted - died,
      unit: 'lost',
      bound: { atMost: 0 },
    },
    {
      subject: 'what a killed worker had in hand: the longest until another one had it, while any was up',
      slipstream: `${(takenUpMs / 1_000).toFixed(1)} s`,
      beside: `${deserted} tasks; ${seconds(takenUpInAllMs)} s with the time when all workers were dead`,
      figure: takenUpMs,
      unit: 'ms',
      bound: { under: TAKEN_UP_WITHIN_MS },
    },
  ];
}

/** Everybody's items change all the time, each again and again while it is being fetched. */
async function tell(fleet: Fleet, wanted: number, say: (line: string) => void): Promise<Finding[]> {
  const { sandbox, ledger, random, riders } = fleet;
  const { world } = sandbox;
  const items = riders.flatMap((rider) => world.items(rider)) as [Item, ...Item[]];
  sandbox.forgetRequests();
  sandbox.faults.set({ latencyMs: LATENCY_MS });
  const began = performance.now();
  let changes = 0;
  let acknowledged = 0;

  async function send(): Promise<void> {
    while (changes < wanted) {
      const steps = Array.from({ length: Math.min(IN_ONE, wanted - changes) }, () => {
        const { type, id, userId } = random.pick(items);
        changes += 1;
        world.edit(type, id, { name: `Change ${changes}` }, { silent: true });
        return ledger.item({ type, id, userId }, 'updated');
      });
      const body = bodyOf(...steps.map(({ notification }) => notification));
      while ((await deliver(fleet.nextUrl(), body)).status !== 200) say('a webhook was refused, and is told again');
      for (const step of steps) step.acknowledged();
      // Less than they could take, so that there is more to fetch: what comes faster is one fetch.
      await pause(random.integer(0, PAUSE_MS));
      acknowledged += steps.length;
      if (acknowledged % (wanted / 10) < IN_ONE) say(`${number(acknowledged)} notifications acknowledged`);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  const sent = performance.now();
  const problems = await fleet.reckon();
  const over = performance.now();
  sandbox.faults.clear();
  const fetches = sandbox.count('/api/v1/');
  const most = sandbox.concurrent().max;
  const twice = fleet.overlaps();
  problems.push(...(await fleet.differences()));
  for (const problem of [...twice, ...problems]) say(problem);
  say(`sent in ${seconds(sent - began)} s, quiet ${seconds(over - sent)} s later; ${most} requests at once at most`);
  return [
    {
      subject: 'keys fetched twice at once, 3 receivers and 4 workers',
      slipstream: `${twice.length} of ${items.length} keys`,
      beside: `${number(acknowledged)} notifications, ${number(fetches)} fetches`,
      figure: twice.length,
      unit: 'different',
      bound: { atMost: 0 },
    },
    {
      subject: 'the same run: acknowledged and not in the mirror, or different from the provider',
      slipstream: `${problems.length} of ${number(acknowledged)}`,
      figure: problems.length + wanted - acknowledged,
      unit: 'lost',
      bound: { atMost: 0 },
    },
  ];
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

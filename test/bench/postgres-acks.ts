import { startCluster } from '../support/postgres.ts';
import { WEBHOOK_PATH } from './client.ts';
import { type Cost, watchCost } from './cost.ts';
import { type Finding, number } from './findings.ts';
import type { Flood, Flooded } from './load.ts';
import { median } from './measure.ts';
import type { Part } from './part.ts';
import type { Child, Processes } from './processes.ts';
import type { Mail } from './requests.ts';
import { type Look, lookAt, type Receiving, startRoles, startServe } from './several.ts';

const CONNECTIONS = 32;
const ROUNDS = 3;
const SECONDS = 2;
/** The same as `acks` sends: full batches, about 5,000 items of ten riders whom nobody connected. */
const PER_REQUEST = 100;
const MAIL: Mail = { perRequest: PER_REQUEST, different: 500, riders: 10, itemsEach: 500, firstItem: 1_001 };

const IS = {
  sqlite: 'SQLite, one process that does everything',
  one: 'PostgreSQL, 1 receiver',
  two: 'PostgreSQL, 2 receivers',
  four: 'PostgreSQL, 4 receivers',
  jobs: 'one job of graphile-worker a notification, before the answer',
} as const;
type Name = keyof typeof IS;
const NAMES = Object.keys(IS) as Name[];
const RECEIVERS: Partial<Record<Name, number>> = { one: 1, two: 2, four: 4 };

/**
 * Durable acknowledgements a second, in turns, so that all meet the same machine. Receivers make tasks of what they received, and nobody fetches
 * for them: that is another role's. The one process over SQLite hardly does either, while deliveries pour in.
 */
export const postgresAcks: Part = async ({ processes, quick, say }) => {
  const cluster = await startCluster({ durable: true });
  try {
    const [several, beside] = [await cluster.freshDatabase(), await cluster.freshDatabase()];
    const sqlite = await startServe(processes);
    const receivers = await startRoles(processes, 'receive', 4, { DATABASE_URL: several.url });
    const jobs = await startJobs(processes, beside.url);
    const load = await processes.start(new URL('./load.ts', import.meta.url));
    const look = await lookAt(several.url);
    try {
      return await measure({ sqlite, receivers, jobs, load, look, rounds: quick ? 1 : ROUNDS, say });
    } finally {
      await look.close();
      await Promise.all([sqlite, ...receivers, jobs].map(({ child }) => child.stop()));
      await load.stop();
    }
  } finally {
    await cluster.stop();
  }
};

interface Measured {
  sqlite: Receiving;
  receivers: Receiving[];
  jobs: Receiving;
  load: Child;
  look: Look;
  rounds: number;
  say: (line: string) => void;
}

async function measure({ sqlite, receivers, jobs, load, look, rounds, say }: Measured): Promise<Finding[]> {
  const rates: Record<Name, number[]> = { sqlite: [], one: [], two: [], four: [], jobs: [] };
  const costs: Partial<Record<Name, Cost & { requests: number }>> = {};
  let acknowledged = 0;
  // The first round is for the compiler.
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of NAMES) {
      const ends = await watchCost(
        look,
        childrenOf(name).map(({ child }) => child.pid),
      );
      const { perSecond, acknowledged: requests } = await flood(name);
      costs[name] = { ...(await ends()), requests };
      if (RECEIVERS[name]) acknowledged += requests;
      if (round > 0) rates[name].push(perSecond);
      await rest(name, requests);
    }
  }
  say(`${PER_REQUEST} notifications a request, requests a second in each round:`);
  for (const name of NAMES) say(`  ${rates[name].map((rate) => number(rate).padStart(6)).join(' ')}  ${IS[name]}`);
  for (const name of NAMES) say(`  ${costOf(costs[name])}  ${IS[name]}`);
  const stored = await look.one('SELECT count(*) FROM deliveries');
  return [...ratios(rates), lostOf(acknowledged, stored)];

  function childrenOf(name: Name): Receiving[] {
    if (name === 'jobs') return [jobs];
    return name === 'sqlite' ? [sqlite] : receivers.slice(0, RECEIVERS[name]);
  }

  async function flood(name: Name): Promise<Flooded> {
    const url = childrenOf(name).map((each) => `${new URL(each.url).origin}${WEBHOOK_PATH}`);
    const request: Flood = { url, connections: CONNECTIONS, seconds: SECONDS, mail: MAIL };
    const flooded = await load.ask<Flooded>('flood', request);
    if (flooded.refused > 0) throw new Error(`${IS[name]}: refused ${flooded.refused} requests.`);
    return flooded;
  }

  /** The next one shall not share the machine with what is left to do. */
  async function rest(name: Name, requests: number): Promise<void> {
    if (name === 'sqlite') return void (await sqlite.child.ask('settled'));
    if (name !== 'jobs') {
      await look.taken();
      return void (await look.rows('DELETE FROM tasks'));
    }
    const added = await jobs.child.ask<number>('count');
    if (added < requests * PER_REQUEST) throw new Error(`${requests * PER_REQUEST - added} jobs are not there.`);
    await jobs.child.ask('clear');
  }
}

async function startJobs(processes: Processes, url: string): Promise<Receiving> {
  const child = await processes.start(new URL('./jobs-first.ts', import.meta.url), { DATABASE_URL: url });
  return { child, url: (await child.ask<{ url: string }>('listening')).url };
}

const costOf = (cost: (Cost & { requests: number }) | undefined): string =>
  cost
    ? `a request: ${((1_000 * cost.programSeconds) / cost.requests).toFixed(2)} ms of a core in the receivers, ` +
      `${((1_000 * cost.serverSeconds) / cost.requests).toFixed(2)} ms in the server, ${number(cost.walBytes / cost.requests)} bytes of its log;`
    : '';

function ratios(rates: Record<Name, number[]>): Finding[] {
  const best = (['one', 'two', 'four'] as const).map((name) => ({ name, rate: median(rates[name]) }));
  const line = ({ name, rate }: (typeof best)[number], other: 'sqlite' | 'jobs', atLeast: number): Finding => ({
    subject: `acknowledgements a second, ${PER_REQUEST} notifications a request, ${IS[name]}`,
    slipstream: number(rate),
    beside: `${number(median(rates[other]))} ${IS[other]}`,
    figure: rate / median(rates[other]),
    unit: '×',
    bound: { atLeast },
  });
  return best.flatMap((each) => [line(each, 'sqlite', 0.3), line(each, 'jobs', 5)]);
}

const lostOf = (acknowledged: number, stored: number): Finding => ({
  subject: 'deliveries in PostgreSQL of those that were acknowledged',
  slipstream: number(stored),
  beside: `${number(acknowledged)} acknowledged`,
  figure: acknowledged - Math.min(stored, acknowledged),
  unit: 'lost',
  bound: { atMost: 0 },
});

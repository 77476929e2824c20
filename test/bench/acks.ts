import { CLIENT, type Listening } from './client.ts';
import { type Finding, number } from './findings.ts';
import type { Flood, Flooded } from './load.ts';
import { median } from './measure.ts';
import type { Part } from './part.ts';
import type { Child, Processes } from './processes.ts';
import type { Mail } from './requests.ts';
import type { Counts } from './serve.ts';

const CONNECTIONS = 32;
const RIDERS = 10;
const ITEMS_EACH = 500;
const ROUNDS = 3;
const SECONDS = 2;

/** Slipstream, and what it is compared with. */
const RECEIVERS = {
  slipstream: { file: './serve.ts', is: 'Slipstream' },
  sample: { file: './sample.ts', is: 'the sample, which stores nothing' },
  deliveries: { file: './one-commit.ts', is: 'one commit a request, no tasks' },
  tasks: { file: './one-commit.ts', is: 'one commit a request, its tasks in it' },
} as const;
type Name = keyof typeof RECEIVERS;
const NAMES = Object.keys(RECEIVERS) as Name[];

type Bounds = Partial<Record<Name, number>>;
const FULL: Bounds = { sample: 0.5, deliveries: 3 };
const SINGLE: Bounds = { deliveries: 5 };

/**
 * Durable acknowledgements a second, in turns, so that all receivers meet the same machine. The riders are not connected: every
 * notification becomes a task, is claimed and handed to a worker, which finds nobody to fetch for.
 */
export const acks: Part = async ({ processes, quick, say }) => {
  const receivers = await start(processes);
  const load = await processes.start(new URL('./load.ts', import.meta.url));
  const acknowledged = { requests: 0, notifications: 0 };
  const findings = [
    ...ratios('100 notifications a request', await compare(100), FULL),
    ...ratios('1 notification a request', await compare(1), SINGLE),
    await account(),
  ];
  for (const { child } of Object.values(receivers)) await child.stop();
  await load.stop();
  return findings;

  async function compare(perRequest: number): Promise<Record<Name, number[]>> {
    const rates: Record<Name, number[]> = { slipstream: [], sample: [], deliveries: [], tasks: [] };
    const drains: number[] = [];
    const shares: number[] = [];
    // The first round is for the compiler.
    for (let round = 0; round <= (quick ? 1 : ROUNDS); round += 1) {
      for (const name of NAMES) {
        const { perSecond, cpuShare } = await flood(name, perRequest);
        const drain = name === 'slipstream' ? await drained() : 0;
        if (round === 0) continue;
        rates[name].push(perSecond);
        shares.push(cpuShare);
        if (name === 'slipstream') drains.push(drain / 1_000);
      }
    }
    say(`${perRequest} a request, requests a second in each round:`);
    for (const name of NAMES)
      say(`  ${rates[name].map((rate) => number(rate).padStart(6)).join(' ')}  ${RECEIVERS[name].is}`);
    say(`  the sender took at most ${Math.round(Math.max(...shares) * 100)} % of a core`);
    say(`  after ${SECONDS} s of load all was tasks in ${drains.map((drain) => drain.toFixed(1)).join(', ')} s`);
    return rates;
  }

  async function flood(name: Name, perRequest: number): Promise<Flooded> {
    const { url } = receivers[name];
    const request: Flood = { url, connections: CONNECTIONS, seconds: SECONDS, mail: mailOf(perRequest) };
    const flooded = await load.ask<Flooded>('flood', request);
    if (flooded.refused > 0) throw new Error(`${RECEIVERS[name].is}: refused ${flooded.refused} requests.`);
    if (name === 'slipstream') {
      acknowledged.requests += flooded.acknowledged;
      acknowledged.notifications += flooded.acknowledged * perRequest;
    }
    return flooded;
  }

  /** The others shall not share the machine with what is left to do. @returns milliseconds until every delivery was tasks. */
  async function drained(): Promise<number> {
    const { child } = receivers.slipstream;
    const began = performance.now();
    await child.ask('intakeSettled');
    const took = performance.now() - began;
    await child.ask('settled');
    return took;
  }

  /** Whether everything that was acknowledged has become of use. */
  async function account(): Promise<Finding> {
    const { taken, claimed, claims } = await receivers.slipstream.child.ask<Counts>('counts');
    const lost = acknowledged.notifications - Math.min(taken, claimed);
    say(
      `${number(acknowledged.requests)} requests were acknowledged; ${number(claims)} fetches stood for all their notifications`,
    );
    return {
      subject: 'notifications in them that became tasks or joined one',
      slipstream: number(Math.min(taken, claimed)),
      beside: `${number(acknowledged.notifications)} acknowledged`,
      figure: lost,
      unit: 'lost',
      bound: { atMost: 0 },
    };
  }
};

const mailOf = (perRequest: number): Mail => ({
  perRequest,
  different: perRequest === 1 ? RIDERS * ITEMS_EACH : 500,
  riders: RIDERS,
  itemsEach: ITEMS_EACH,
  firstItem: 1_001,
});

async function start(processes: Processes): Promise<Record<Name, { child: Child; url: string }>> {
  const open = async (name: Name) => {
    const child = await processes.start(new URL(RECEIVERS[name].file, import.meta.url), {
      PORT: '0',
      DATA_DIR: processes.folder(),
      // Nothing listens there, and nobody is connected who would be fetched for.
      RWGPS_BASE_URL: 'http://127.0.0.1:9',
      RWGPS_API_KEY: CLIENT.apiKey,
      RWGPS_CLIENT_ID: CLIENT.clientId,
      RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
      RECONCILE_CRON: 'off',
      AUDIT_CRON: 'off',
      LOG_LEVEL: 'error',
      BENCH_COMMITS: name,
    });
    return { child, ...(await child.ask<Listening>('listening')) };
  };
  return {
    slipstream: await open('slipstream'),
    sample: await open('sample'),
    deliveries: await open('deliveries'),
    tasks: await open('tasks'),
  };
}

function ratios(what: string, rates: Record<Name, number[]>, bounds: Bounds): Finding[] {
  return NAMES.filter((name) => name !== 'slipstream').map((name) => ({
    subject: `acknowledgements a second, ${what}`,
    slipstream: number(median(rates.slipstream)),
    beside: `${number(median(rates[name]))} ${RECEIVERS[name].is}`,
    figure: median(rates.slipstream) / median(rates[name]),
    unit: '×',
    ...(bounds[name] !== undefined && { bound: { atLeast: bounds[name] } }),
  }));
}

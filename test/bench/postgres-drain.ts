import { type Cluster, startCluster } from '../support/postgres.ts';
import { WEBHOOK_PATH } from './client.ts';
import { watchCost } from './cost.ts';
import { type Finding, number } from './findings.ts';
import type { Flood, Flooded } from './load.ts';
import type { Part } from './part.ts';
import type { Child, Processes } from './processes.ts';
import type { Rides } from './rides.ts';
import { connectRiders, lookAt, type Receiving, startRoles, startServe } from './several.ts';

const RIDERS = 100;
const PER_REQUEST = 100;
const LATENCY_MS = 50;
/** A short ride: the provider's latency is to be what a process waits for, and not the two cores that everything shares here. */
const POINTS = 20;
const PROCESSES = [1, 2, 4] as const;
/**
 * With as many requests at once as a process usually has, four of them are more than two cores can do beside the database, the provider and
 * the sender. With so many each one waits for the provider: what is judged is whether processes are in each other's way.
 */
const FEW = 2;
const USUAL = 8;

interface Drained {
  perSecond: number;
  /** Where it is measured: of a core, milliseconds a fetch. */
  cost?: { worker: number; server: number; walBytes: number };
}

/** From webhooks about so many items to the last of them in the mirror, with 1, 2 and 4 processes that fetch, one thread each. */
export const postgresDrain: Part = async ({ processes, quick, say }) => {
  const keys = quick ? 1_000 : 10_000;
  const provider = await processes.start(new URL('./rides.ts', import.meta.url));
  const rides: Rides = { points: POINTS, latencyMs: LATENCY_MS };
  const { url } = await provider.ask<{ url: string }>('start', rides);
  const load = await processes.start(new URL('./load.ts', import.meta.url));
  const cluster = await startCluster({ durable: true });
  try {
    const given = { processes, provider: url, load };
    const some = keys / 2;
    const sqlite = await overSqlite({ ...given, keys: some });
    say(`SQLite, one process, ${USUAL} requests at once: ${number(sqlite.perSecond)} a second`);
    const findings: Finding[] = [];
    for (const { fetches, keys: each } of [
      { fetches: USUAL, keys: some },
      { fetches: FEW, keys },
    ]) {
      const drains = new Map<number, Drained>();
      for (const count of PROCESSES) {
        const drained = await overPostgres({ ...given, keys: each, cluster, count, fetches });
        say(lineOf(count, fetches, drained));
        drains.set(count, drained);
      }
      findings.push(...findingsOf(each, fetches, sqlite, drains));
    }
    return findings;
  } finally {
    await Promise.all([provider.stop(), load.stop()]);
    await cluster.stop();
  }
};

interface Given {
  processes: Processes;
  provider: string;
  load: Child;
  keys: number;
}

async function overSqlite({ processes, provider, load, keys }: Given): Promise<Drained> {
  const dataDir = processes.folder();
  await connectRiders({ dataDir }, RIDERS);
  const slipstream = await startServe(processes, { DATA_DIR: dataDir, RWGPS_BASE_URL: provider });
  const began = performance.now();
  await announce(load, slipstream, keys);
  await slipstream.child.ask('settled');
  const perSecond = (1_000 * keys) / (performance.now() - began);
  await slipstream.child.stop();
  return { perSecond };
}

async function overPostgres(given: Given & { cluster: Cluster; count: number; fetches: number }): Promise<Drained> {
  const { processes, provider, load, keys, cluster, count, fetches } = given;
  const database = await cluster.freshDatabase();
  await connectRiders({ dataDir: '', databaseUrl: database.url }, RIDERS);
  const environment = { DATABASE_URL: database.url, RWGPS_BASE_URL: provider, BENCH_FETCHES: String(fetches) };
  const [receiver] = await startRoles(processes, 'receive', 1, environment);
  const workers = await startRoles(processes, 'work', count, environment);
  const look = await lookAt(database.url);
  try {
    const ends = await watchCost(
      look,
      workers.map(({ child }) => child.pid),
    );
    const began = performance.now();
    await announce(load, receiver, keys);
    await look.idle();
    const perSecond = (1_000 * keys) / (performance.now() - began);
    const { programSeconds, serverSeconds, walBytes } = await ends();
    const stored = await look.one('SELECT count(*) FROM rides');
    if (stored !== keys) throw new Error(`${stored} of ${keys} items are in the mirror.`);
    const each = (seconds: number) => (1_000 * seconds) / keys;
    return {
      perSecond,
      cost: { worker: each(programSeconds), server: each(serverSeconds), walBytes: walBytes / keys },
    };
  } finally {
    await look.close();
    await Promise.all([receiver, ...workers].map((each) => each?.child.stop()));
    await database.drop();
  }
}

async function announce(load: Child, to: Receiving | undefined, keys: number): Promise<void> {
  const request: Flood = {
    url: `${new URL(to?.url ?? '').origin}${WEBHOOK_PATH}`,
    connections: 4,
    requests: keys / PER_REQUEST,
    mail: {
      perRequest: PER_REQUEST,
      different: keys / PER_REQUEST,
      riders: RIDERS,
      itemsEach: keys / RIDERS,
      firstItem: 1_001,
    },
  };
  const { refused } = await load.ask<Flooded>('flood', request);
  if (refused > 0) throw new Error(`${refused} requests were refused.`);
}

const lineOf = (count: number, fetches: number, { perSecond, cost }: Drained): string =>
  `PostgreSQL, ${count} that fetch, ${fetches} requests at once each: ${number(perSecond)} a second; an item: ${cost?.worker.toFixed(2)} ms of a core in the workers, ` +
  `${cost?.server.toFixed(2)} ms in the server, ${number(cost?.walBytes ?? 0)} bytes of its log`;

function findingsOf(keys: number, fetches: number, sqlite: Drained, drains: Map<number, Drained>): Finding[] {
  const rate = (count: number) => drains.get(count)?.perSecond ?? 0;
  const subject = `items a second, ${number(keys)} items of ${RIDERS} riders, a provider that takes ${LATENCY_MS} ms, ${fetches} requests at once`;
  const line = (count: number): Finding => ({
    subject: `${subject}, ${count} processes that fetch`,
    slipstream: number(rate(count)),
    beside: `${number(rate(1))} with 1`,
    figure: rate(count) / rate(1),
    unit: '×',
    ...(count === 4 && fetches === FEW && { bound: { atLeast: 3 } }),
  });
  const besideSqlite: Finding = {
    subject: `${subject}, 1 process that fetches`,
    slipstream: number(rate(1)),
    beside: `${number(sqlite.perSecond)} SQLite, one process that does everything`,
    figure: rate(1) / sqlite.perSecond,
    unit: '×',
  };
  return [...(fetches === USUAL ? [besideSqlite] : []), line(2), line(4)];
}

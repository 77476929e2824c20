import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Cluster, startCluster } from '../support/postgres.ts';
import { WEBHOOK_PATH } from './client.ts';
import type { Finding } from './findings.ts';
import type { Trickle, Trickled } from './load.ts';
import { quantile } from './measure.ts';
import type { Part } from './part.ts';
import type { Child, Processes } from './processes.ts';
import type { Rides } from './rides.ts';
import { connectRiders, lookAt, type Receiving, startRoles, startServe } from './several.ts';

const RIDERS = 100;
const ITEMS_EACH = 50;
const PER_SECOND = 20;
const LATENCY_MS = 50;
const POINTS = 1_000;
const PROCESSES = [1, 2, 4] as const;
const WARM_UP_MS = 3_000;

interface Lags {
  subject: string;
  /** Milliseconds. */
  lags: number[];
  acknowledgements: number[];
}

/** From a webhook's arrival to its item in the mirror, at a steady rate: what the program itself notes of each fetch. */
export const postgresLag: Part = async ({ processes, quick, say }) => {
  const seconds = quick ? 5 : 15;
  const provider = await processes.start(new URL('./rides.ts', import.meta.url));
  const rides: Rides = { points: POINTS, latencyMs: LATENCY_MS };
  const { url } = await provider.ask<{ url: string }>('start', rides);
  const load = await processes.start(new URL('./load.ts', import.meta.url));
  const cluster = await startCluster({ durable: true });
  try {
    const given = { processes, provider: url, load, seconds };
    const all = [await overSqlite(given)];
    for (const count of PROCESSES) all.push(await overPostgres({ ...given, cluster, count }));
    for (const { subject, lags, acknowledgements } of all)
      say(
        `${subject}: ${lags.length} items at ${PER_SECOND} a second, acknowledged in p50 ${quantile(acknowledgements, 0.5).toFixed(1)} ms, ` +
          `p99 ${quantile(acknowledgements, 0.99).toFixed(1)} ms`,
      );
    return all.flatMap(findingsOf);
  } finally {
    await Promise.all([provider.stop(), load.stop()]);
    await cluster.stop();
  }
};

interface Given {
  processes: Processes;
  provider: string;
  load: Child;
  seconds: number;
}

const SELECT = 'SELECT finished_at - webhook_first AS lag FROM fetches WHERE webhook_first > ';

async function overSqlite({ processes, provider, load, seconds }: Given): Promise<Lags> {
  const dataDir = processes.folder();
  await connectRiders({ dataDir }, RIDERS);
  const slipstream = await startServe(processes, { DATA_DIR: dataDir, RWGPS_BASE_URL: provider });
  const { since, acknowledgements } = await trickle(load, [slipstream], seconds);
  await slipstream.child.ask('settled');
  const mirror = new Database(join(dataDir, 'mirror.db'), { readonly: true });
  const lags = mirror.prepare<[], number>(`${SELECT}${since}`).pluck().all();
  mirror.close();
  await slipstream.child.stop();
  return { subject: 'SQLite, one process that does everything', lags, acknowledgements };
}

async function overPostgres(given: Given & { cluster: Cluster; count: number }): Promise<Lags> {
  const { processes, provider, load, seconds, cluster, count } = given;
  const database = await cluster.freshDatabase();
  await connectRiders({ dataDir: '', databaseUrl: database.url }, RIDERS);
  const environment = { DATABASE_URL: database.url, RWGPS_BASE_URL: provider };
  const receivers = await startRoles(processes, 'receive', count, environment);
  const workers = await startRoles(processes, 'work', count, environment);
  const look = await lookAt(database.url);
  try {
    const { since, acknowledgements } = await trickle(load, receivers, seconds);
    await look.idle();
    const lags = (await look.rows<{ lag: string }>(`${SELECT}${since}`)).map(({ lag }) => Number(lag));
    return { subject: `PostgreSQL, ${count} of each role`, lags, acknowledgements };
  } finally {
    await look.close();
    await Promise.all([...receivers, ...workers].map(({ child }) => child.stop()));
    await database.drop();
  }
}

/** @returns since when it counts, epoch milliseconds: what came before was for the compiler. */
async function trickle(load: Child, to: Receiving[], seconds: number) {
  const request: Trickle = {
    url: to.map(({ url }) => `${new URL(url).origin}${WEBHOOK_PATH}`),
    perSecond: PER_SECOND,
    mail: { perRequest: 1, different: RIDERS * ITEMS_EACH, riders: RIDERS, itemsEach: ITEMS_EACH, firstItem: 1_001 },
  };
  await load.ask('trickle', request);
  await pause(WARM_UP_MS);
  const since = Date.now();
  await pause(seconds * 1_000);
  const { waits, refused } = await load.ask<Trickled>('stopTrickle');
  if (refused > 0) throw new Error(`${refused} webhooks were refused.`);
  return { since, acknowledgements: waits.slice((PER_SECOND * WARM_UP_MS) / 1_000) };
}

function findingsOf({ subject, lags }: Lags): Finding[] {
  const line = (which: string, share: number): Finding => {
    const figure = quantile(lags, share) - LATENCY_MS;
    return {
      subject: `webhook to mirrored, above the provider's ${LATENCY_MS} ms, ${subject}, ${which}`,
      slipstream: `${figure.toFixed(0)} ms`,
      figure,
      unit: 'ms',
    };
  };
  return [line('p50', 0.5), line('p99', 0.99)];
}

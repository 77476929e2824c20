import { zstdCompressSync } from 'node:zlib';
import { hashOf, newSecret } from '../../src/seal.ts';
import { openForWriting } from '../../src/storage/sqlite/open.ts';
import { writeLargeLibrary } from '../support/large-library.ts';
import { CLIENT, type Listening, WEBHOOK_PATH } from './client.ts';
import { type Finding, number } from './findings.ts';
import { RIDER, startProvider } from './installation.ts';
import type { Trickle, Trickled } from './load.ts';
import { quantile } from './measure.ts';
import type { Part } from './part.ts';

const ITEMS = 20_000;
const POINTS = 4_000;
const PAGES = [
  '/library',
  '/library?page=300',
  '/library?q=vrsi',
  '/library?sort=distance&country=SI&min_km=20',
  '/trips/1',
  '/trips/1/history',
  '/trips/1/why',
  '/map',
  '/statistics',
  '/statistics?year=all',
  '/sync',
  '/settings',
  '/api/v1/trips?page_size=200',
];
const AT_ONCE = 4;
const WEBHOOKS_A_SECOND = 50;

/** How long pages take on a large library, and acknowledgements while people look at it. */
export const pages: Part = async ({ processes, quick, say }) => {
  const dataDir = processes.folder();
  const provider = await startProvider(processes, {
    riders: [{ id: RIDER, name: 'Robin Field', routes: 0, trips: 1, points: POINTS }],
  });
  const authorization = `Bearer ${provider.token}`;
  const answer = await fetch(`${provider.url}/api/v1/trips/${provider.items[0]?.id}.json`, {
    headers: { authorization },
  });
  const { trip: object } = (await answer.json()) as { trip: object };
  const body = JSON.stringify({ trip: { ...object, id: 1 } });
  const token = writeRider(dataDir, body);
  const slipstream = await processes.start(new URL('./serve.ts', import.meta.url), {
    PORT: '0',
    DATA_DIR: dataDir,
    RWGPS_BASE_URL: provider.url,
    RWGPS_API_KEY: CLIENT.apiKey,
    RWGPS_CLIENT_ID: CLIENT.clientId,
    RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
    RECONCILE_CRON: 'off',
    AUDIT_CRON: 'off',
    LOG_LEVEL: 'error',
  });
  const { url } = await slipstream.ask<Listening>('listening');
  const rounds = quick ? 10 : 100;
  const findings: Finding[] = [];
  for (const page of PAGES) {
    const took: number[] = [];
    // The first ones are for the compiler.
    for (let round = -5; round < rounds; round += 1) {
      const ms = await load(page);
      if (round >= 0) took.push(ms);
    }
    findings.push({
      subject: `${page} at ${number(ITEMS)} items, p95`,
      slipstream: `${quantile(took, 0.95).toFixed(1)} ms`,
      beside: `${quantile(took, 0.5).toFixed(1)} ms p50`,
      figure: quantile(took, 0.95),
      unit: 'ms',
      bound: { under: 50 },
    });
  }

  const sender = await processes.start(new URL('./load.ts', import.meta.url));
  const seconds = quick ? 2 : 15;
  const alone = await acknowledged(() => new Promise((resolve) => setTimeout(resolve, seconds * 1_000)));
  let loaded = 0;
  const beside = await acknowledged(async () => {
    const until = performance.now() + seconds * 1_000;
    const look = async (from: number) => {
      for (let at = from; performance.now() < until; at += 1, loaded += 1) await load(PAGES[at % PAGES.length] ?? '/');
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, from) => look(from * 2)));
  });
  say(`${AT_ONCE} at once looked at ${number(loaded)} pages in ${seconds} s`);
  await Promise.all([sender.stop(), slipstream.stop(), provider.child.stop()]);
  return [
    ...findings,
    {
      subject: `acknowledgement while ${AT_ONCE} at once look at pages, p99`,
      slipstream: `${quantile(beside, 0.99).toFixed(1)} ms`,
      beside: `${quantile(alone, 0.99).toFixed(1)} ms while nobody looks`,
      figure: quantile(beside, 0.99),
      unit: 'ms',
      bound: { under: 50 },
    },
  ];

  async function load(page: string): Promise<number> {
    const began = performance.now();
    const answer = await fetch(`${url}${page}`, { headers: { authorization: `Bearer ${token}` }, redirect: 'error' });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${page} was answered with ${answer.status}.`);
    return performance.now() - began;
  }

  async function acknowledged(meanwhile: () => Promise<unknown>): Promise<number[]> {
    const request: Trickle = {
      url: `${url}${WEBHOOK_PATH}`,
      perSecond: WEBHOOKS_A_SECOND,
      mail: { perRequest: 1, different: 1_000, riders: 1, itemsEach: 1_000, firstItem: 1_001 },
    };
    await sender.ask('trickle', request);
    await meanwhile();
    const { waits, refused } = await sender.ask<Trickled>('stopTrickle');
    if (refused > 0) throw new Error(`${refused} webhooks were refused.`);
    return waits;
  }
};

/** A rider whose newest trip can be opened. @returns a personal token. */
function writeRider(dataDir: string, body: string): string {
  writeLargeLibrary(dataDir, ITEMS);
  const token = newSecret();
  const db = openForWriting(dataDir, 'mirror');
  db.prepare('INSERT INTO bodies (id, hash, bytes, zstd) VALUES (2, ?, ?, ?)').run(
    hashOf(body),
    Buffer.byteLength(body),
    zstdCompressSync(body),
  );
  db.prepare('UPDATE items SET body_id = 2 WHERE id = 1').run();
  db.prepare("INSERT INTO personal_tokens (account_id, name, hash, created_at) VALUES (1, 'bench', ?, 0)").run(
    hashOf(token),
  );
  db.close();
  return token;
}

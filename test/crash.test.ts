import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../src/sandbox/index.ts';
import type { LibraryItem } from '../src/storage/library.ts';
import { type Browser, createBrowser, SECRET } from './support/slipstream.ts';
import { until } from './support/until.ts';
import { bodyOf, deliver, notification } from './support/webhook.ts';

const KILLS = 10;
const TRIPS = 40;

let sandbox: Sandbox;
let child: ChildProcess | undefined;
let dataDir = '';
afterEach(async () => {
  child?.kill('SIGKILL');
  await sandbox.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(port: number): Promise<void> {
  child = spawn(process.execPath, ['src/main.ts', 'serve'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      PORT: String(port),
      PUBLIC_URL: `http://localhost:${port}`,
      DATA_DIR: dataDir,
      RWGPS_BASE_URL: sandbox.url,
      RWGPS_API_KEY: 'test-key',
      RWGPS_CLIENT_ID: 'test-id',
      RWGPS_CLIENT_SECRET: SECRET,
      RECONCILE_CRON: 'off',
      AUDIT_CRON: 'off',
      LOG_LEVEL: 'silent',
    },
  });
  await until(
    () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    20_000,
  );
}

async function kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const ended = new Promise((resolve) => child?.once('exit', resolve));
  child?.kill(signal);
  await ended;
}

async function begin(): Promise<{ port: number; url: string; browser: Browser }> {
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  const port = await freePort();
  sandbox = await startSandbox({
    clients: [{ apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET }],
    riders: [{ id: 1, name: 'Robin Field', routes: 0, trips: TRIPS, points: 200 }],
  });
  await start(port);
  const browser = createBrowser(`http://127.0.0.1:${port}`);
  await browser.connect();
  const total = async () => (await browser.json<{ meta: { total: number } }>('/api/v1/trips')).meta.total;
  await until(async () => (await total()) === TRIPS, 20_000);
  return { port, url: `http://127.0.0.1:${port}/webhooks/ridewithgps`, browser };
}

test(`what was acknowledged is applied after ${KILLS} kills in the middle of bursts, without reconciliation's help`, async () => {
  const { port, url, browser } = await begin();
  const acknowledged = new Map<number, string>();
  for (let round = 0; round < KILLS; round += 1) {
    const burst = sandbox.world.items(1, 'trip').map(async ({ id }) => {
      const name = `Round ${round} of ${id}`;
      sandbox.world.edit('trip', id, { name });
      const response = await deliver(url, bodyOf(notification({ item_id: id }))).catch(() => undefined);
      if (response?.status === 200) acknowledged.set(id, name);
      else acknowledged.delete(id);
    });
    // Somewhere between the first commit and the last fetch, another time in each round.
    await new Promise((resolve) => setTimeout(resolve, 15 * round));
    await kill('SIGKILL');
    await Promise.all(burst);
    await start(port);
  }
  expect(acknowledged.size).toBeGreaterThan(0);
  await until(async () => {
    const { items } = await browser.json<{ items: LibraryItem[] }>('/api/v1/trips?page_size=200');
    const names = new Map(items.map(({ id, name }) => [Number(id), name]));
    return [...acknowledged].every(([id, name]) => names.get(id) === name);
  }, 30_000);
  for (const name of ['inbox', 'mirror']) {
    const db = new Database(join(dataDir, `${name}.db`), { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  }
}, 180_000);

test('told to stop, it answers what it has read, ends within ten seconds, and loses nothing', async () => {
  const { port, url, browser } = await begin();
  const [slow] = sandbox.world.items(1, 'trip');
  sandbox.faults.set({ hangItems: [`trip/${slow?.id}`] });
  sandbox.world.edit('trip', slow?.id ?? 0, { name: 'Fetched after the restart' });
  expect((await deliver(url, bodyOf(notification({ item_id: slow?.id })))).status).toBe(200);
  const began = Date.now();
  await kill('SIGTERM');
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(child?.exitCode).toBe(0);
  sandbox.faults.clear();
  await start(port);
  await until(
    async () =>
      (await browser.json<{ item: LibraryItem }>(`/api/v1/trips/${slow?.id}`)).item.name ===
      'Fetched after the restart',
    20_000,
  );
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

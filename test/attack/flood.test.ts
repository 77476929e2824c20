import { readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import express from 'express';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { webhookHandler } from '../../src/http/webhooks.ts';
import { createReceiver } from '../../src/receive.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createSources } from '../../src/sources/index.ts';
import { createBoard } from '../../src/storage/memory/board.ts';
import { createProgram, type Program, type Running } from '../cli/program.ts';
import { SECRET } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { bodyOf, deliver, notification, sign } from '../support/webhook.ts';
import { rawRequest, sendRaw } from './raw.ts';

const PATH = '/webhooks/ridewithgps';
const FLOOD = 2_600;
const CLIENT = { apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET };

describe('a flood of requests that nobody signed', () => {
  let program: Program;
  let sandbox: Sandbox;
  let served: Running;
  let origin: string;

  beforeAll(async () => {
    program = createProgram();
    sandbox = await startSandbox({
      clients: [CLIENT],
      riders: [{ id: 1, name: 'R', routes: 0, trips: 1, points: 20 }],
    });
    served = program.start(['serve', '--json'], {
      PORT: '0',
      WORKER_THREADS: '1',
      RECONCILE_CRON: 'off',
      AUDIT_CRON: 'off',
      LOG_LEVEL: 'trace',
      RWGPS_BASE_URL: sandbox.url,
      RWGPS_API_KEY: CLIENT.apiKey,
      RWGPS_CLIENT_ID: CLIENT.clientId,
      RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
    });
    origin = (await served.until(/"url": ?"([^"]+)"/))[1] ?? '';
  });
  afterAll(async () => {
    program.close();
    await sandbox.close();
  });

  const dataDir = () => join(program.folder, 'data');
  const bytesOnDisk = () => readdirSync(dataDir()).reduce((sum, file) => sum + statSync(join(dataDir(), file)).size, 0);
  const bytesLogged = () => served.stdout().length + served.stderr().length;

  test('leaves nothing on the disk and nothing in the log', async () => {
    await until(() => fetch(`${origin}/healthz`).then(({ ok }) => ok), 30_000);
    const before = { disk: bytesOnDisk(), log: bytesLogged() };
    const statuses = await floodOf(origin);
    // And senders that go away in the middle, which is no error of ours.
    const half = rawRequest(PATH, ['content-type: application/json', 'content-length: 5000'], '{');
    await Promise.all(Array.from({ length: 50 }, () => sendRaw(origin, half)));
    expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([]);
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect(bytesLogged() - before.log).toBe(0);
    expect(bytesOnDisk() - before.disk).toBeLessThan(16_384);
    const db = new Database(join(dataDir(), 'inbox.db'), { readonly: true });
    for (const table of ['deliveries', 'dead_letters', 'tasks'])
      expect([table, db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]).toEqual([table, 0]);
    db.close();
  });

  test('is over, the next one that is signed is acknowledged, and to the end there was no error in the log', async () => {
    expect((await deliver(`${origin}${PATH}`, bodyOf(notification()))).status).toBe(200);
    served.signal('SIGTERM');
    const { code, stdout, stderr } = await served.ended;
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(/"level":[56]0|Error/);
  });
});

/** What can be sent without a secret, to every address that reads something. @returns the statuses. */
async function floodOf(origin: string): Promise<number[]> {
  const body = bodyOf(...Array.from({ length: 20 }, () => notification()));
  const json = { 'content-type': 'application/json' };
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const bad = { ...json, 'x-rwgps-api-key': 'test-key', 'x-rwgps-signature': sign(body, 'guess') };
  const kinds = [
    { path: PATH, headers: json, body },
    { path: PATH, headers: bad, body },
    { path: PATH, headers: { ...bad, 'x-rwgps-api-key': 'guess' }, body },
    { path: PATH, headers: { 'content-type': 'text/plain' }, body },
    { path: PATH, headers: { ...json, 'content-encoding': 'gzip' }, body },
    { path: '/webhooks/nobody', headers: json, body },
    { path: '/webhooks/%zz', headers: json, body },
    { path: '/%', headers: json, body },
    { path: '/control/tokens', headers: json, body: '{"name":' },
    { path: '/control/tokens', headers: json, body: `"${'x'.repeat(20_000)}"` },
    { path: '/control/tokens', headers: { ...json, 'content-encoding': 'gzip' }, body: 'not gzip' },
    { path: '/disconnect', headers: form, body: `a=${'b'.repeat(200_000)}` },
    { path: '/api/v1/sync/audit', headers: { ...json, authorization: 'Bearer guess' }, body },
  ];
  const pool = new Pool(origin, { connections: 16 });
  const statuses: number[] = [];
  let sent = 0;
  async function send(): Promise<void> {
    while (sent < FLOOD) {
      const kind = kinds[sent++ % kinds.length] ?? kinds[0];
      if (!kind) return;
      const answer = await pool.request({ method: 'POST', ...kind });
      await answer.body.dump();
      statuses.push(answer.statusCode);
    }
  }
  await Promise.all(Array.from({ length: 16 }, send));
  await pool.close();
  return statuses;
}

test('what a request costs grows with what it can prove: no signature, no hash; no match, no parsing and no storage', async () => {
  const [real] = createSources(
    {
      ridewithgps: {
        baseUrl: 'http://127.0.0.1:9',
        clients: [{ apiKey: 'test-key', webhookSecrets: [SECRET] }],
        authToken: undefined,
      },
    },
    { subKeys: () => [] },
  ).values();
  if (!real) throw new Error('There is no source.');
  const source = { ...real, verify: vi.fn(real.verify), parse: vi.fn(real.parse) };
  const keep = vi.fn(async () => 1);
  const receiver = createReceiver({
    inbox: { keep },
    board: createBoard(),
    now: Date.now,
    onKept: () => {},
    onError: () => {},
  });
  const app = express();
  app.all('/webhooks/:source', webhookHandler({ sources: new Map([[real.name, source]]), receiver, count: () => {} }));
  const server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}${PATH}`;

  const calls = async (headers: Record<string, string | undefined>) => {
    vi.clearAllMocks();
    const { status } = await deliver(url, bodyOf(notification()), headers);
    const times = [source.verify, source.parse, keep].map((each) => each.mock.calls.length);
    return [status, ...times];
  };
  expect(await calls({ 'x-rwgps-signature': undefined })).toEqual([401, 0, 0, 0]);
  expect(await calls({ 'x-rwgps-signature': 'x'.repeat(64) })).toEqual([401, 0, 0, 0]);
  expect(await calls({ 'x-rwgps-api-key': 'guess' })).toEqual([401, 0, 0, 0]);
  expect(await calls({ 'content-type': 'text/plain' })).toEqual([415, 0, 0, 0]);
  expect(await calls({ 'x-rwgps-signature': 'a'.repeat(64) })).toEqual([401, 1, 0, 0]);
  expect(await calls({})).toEqual([200, 1, 1, 1]);
  server.close();
  server.closeAllConnections();
  await real.close();
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRole, type Running } from '../../src/app.ts';
import { type Control, createControl } from '../../src/cli/control.ts';
import { type Environment, readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import type { Item } from '../../src/sandbox/model.ts';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import { openInbox } from '../../src/storage/postgres/inbox.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';
import { authorize, type Browser, createBrowser, SECRET } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { bodyOf, deliver, notification } from '../support/webhook.ts';

/** Longer than a worker waits that knows of nothing. */
const LOOK_MS = 1_500;
const SILENT = { silent: true };
const ROBIN = { source: 'ridewithgps', account: '1' } as const;
const CIRCUITS =
  "SELECT count(*) AS n FROM board WHERE name LIKE 'circuit %' AND (value::json ->> 'retryAt')::numeric > 0";

const RETRY_AT = `
  WITH opened AS (
    UPDATE board SET value = jsonb_set(value::jsonb, '{retryAt}', to_jsonb(@at::numeric))::text
    WHERE name LIKE 'circuit %' AND (value::json ->> 'retryAt')::numeric > 0 RETURNING name)
  SELECT pg_notify('slipstream_put', name) FROM opened`;

const opened = new AsyncDisposableStack();
let environment: Environment;
let sandbox: Sandbox;
let inbox: ReturnType<typeof openInbox>;
let db: ReturnType<typeof openDatabase>;
let here: Receiver;
let there: Receiver;
let workers: Running[];
let browser: Browser;

interface Receiver {
  url: string;
  control: Control;
}

beforeAll(async () => {
  const { url } = await freshDatabase();
  sandbox = opened.adopt(
    await startSandbox({
      clients: [{ apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET }],
      riders: [{ id: 1, name: 'Robin Field', routes: 2, trips: 12, points: 60 }],
    }),
    (each) => each.close(),
  );
  environment = {
    PORT: '0',
    DATABASE_URL: url,
    SECRET_KEY: 'the key that all processes of this test seal with',
    RWGPS_BASE_URL: sandbox.url,
    RWGPS_API_KEY: 'test-key',
    RWGPS_CLIENT_ID: 'test-id',
    RWGPS_CLIENT_SECRET: SECRET,
    RECONCILE_CRON: 'off',
    AUDIT_CRON: 'off',
    WORKER_THREADS: '1',
  };
  db = opened.adopt(openDatabase(url, { most: 2 }), (each) => each.close());
  inbox = opened.adopt(openInbox({ databaseUrl: url, patienceMs: 30_000 }), (each) => each.close());
  here = await receiver();
  there = await receiver();
  workers = [await worker(), await worker()];
  opened.defer(async () => void (await Promise.all(workers.map((each) => each.close()))));
  await createBrowser(here.url).connect();
  await until(async () => (await db.get<{ n: number }>('SELECT count(*) AS n FROM rides'))?.n === 14, 30_000);
});
afterAll(async () => {
  await opened.disposeAsync();
  await stopPostgres();
});

/** Each process has a folder of its own, as on a machine of its own. */
async function open(role: 'receive' | 'work'): Promise<Running & { dataDir: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  opened.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const running = await openRole(role, readConfig({ ...environment, DATA_DIR: dataDir }), createLog('silent'));
  return { ...running, dataDir };
}

async function receiver(): Promise<Receiver> {
  const { url, dataDir, close } = await open('receive');
  opened.defer(close);
  return { url: url ?? '', control: opened.adopt(createControl({ dataDir }), (each) => each.close()) };
}

const worker = (): Promise<Running> => open('work');

/** The same browser, sent to another receiver. */
function at({ url }: Receiver, cookies: Browser['cookies']): Browser {
  const other = createBrowser(url);
  for (const [name, value] of cookies) other.cookies.set(name, value);
  return other;
}

/** Nothing waits, and nothing is done for an account as a whole. */
const quiet = () =>
  until(async () => {
    const { pending, active } = await inbox.counts(ROBIN);
    const jobs = await db.get<{ n: number }>('SELECT count(*) AS n FROM graphile_worker.jobs WHERE run_at <= now()');
    return pending + active + (jobs?.n ?? 0) === 0;
  }, 30_000);

const told = async (to: Receiver, ...items: Item[]) => {
  const body = bodyOf(...items.map(({ type, id }) => notification({ item_type: type, item_id: id, item_user_id: 1 })));
  // On a busy machine the database may have taken too long, and then it is told again.
  await until(async () => (await deliver(`${to.url}/webhooks/ridewithgps`, body)).status === 200, 20_000);
};

beforeEach(async () => {
  await quiet();
  sandbox.forgetRequests();
  browser = createBrowser(here.url);
  await browser.get(await loginLink());
});

async function loginLink(): Promise<string> {
  const { url } = await here.control.post<{ url: string }>('/control/login-links', '1');
  return new URL(url).pathname;
}

describe('two receivers', () => {
  test('know each other’s sessions: signed in at one, gone at one is gone at both', async () => {
    const elsewhere = at(there, browser.cookies);
    expect((await elsewhere.get('/library')).status).toBe(200);
    await elsewhere.post('/sign-out');
    expect((await browser.get('/library')).headers.get('location')).toBe('/');
  });

  test('finish what the other began: connecting', async () => {
    const begun = createBrowser(here.url);
    const away = (await begun.get('/connect/ridewithgps')).headers.get('location') ?? '';
    const back = new URL(await authorize(away, 1));
    const ended = at(there, begun.cookies);
    expect((await ended.get(`${back.pathname}${back.search}`)).headers.get('location')).toBe('/sync');
    expect((await at(here, ended.cookies).get('/library')).status).toBe(200);
  });

  test('let a login link in once, whichever of them it comes to', async () => {
    const link = await loginLink();
    const all = await Promise.all(
      [here, there, here, there].map(async (receiver) => (await createBrowser(receiver.url).get(link)).status),
    );
    expect(all.sort()).toEqual([303, expect.any(Number), expect.any(Number), expect.any(Number)]);
    expect(all.filter((status) => status < 400)).toHaveLength(1);
  });

  test('know a personal token as soon as it is made, and not any more once it is revoked', async () => {
    const { id, token } = await here.control.post<{ id: number; token: string }>('/control/tokens', '1', { name: 'x' });
    const asked = async ({ url }: Receiver) =>
      (await fetch(`${url}/api/v1/trips`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await asked(here), await asked(there)]).toEqual([200, 200]);
    await there.control.remove(`/control/tokens/${id}`, '1');
    expect([await asked(here), await asked(there)]).toEqual([401, 401]);
  });

  test('say that there is nothing where no number stands that a row could have', async () => {
    const form = { 'sec-fetch-site': 'same-origin' };
    for (const id of ['x', '1.5', '-1', '0', 'NaN', '1e3', '9'.repeat(15), '9'.repeat(30)])
      for (const path of [
        ...[`/api/v1/dead-letters/${id}/replay`, `/api/v1/dead-letters/${id}/dismiss`],
        ...[`/dead-letters/${id}/replay`, `/dead-letters/${id}/dismiss`],
      ])
        expect([path, (await browser.post(path, {}, form)).status]).toEqual([path, 404]);
    for (const id of ['x', '1.5', '9'.repeat(15), '9'.repeat(30)]) {
      expect((await browser.post(`/settings/tokens/${id}/revoke`, {}, form)).status).toBeLessThan(500);
      expect((await here.control.send('DELETE', `/control/tokens/${id}`, '1')).status).toBe(404);
    }
  });

  test('ask for the same set-up code', async () => {
    expect(await codes('https://rides.example')).toHaveLength(1);
  });

  test('show a page that is open at one what a worker did with a webhook to the other', async () => {
    const events = (await browser.get('/sync/events')).body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await events?.read())?.value).toContain('"accounts"');
    const webhookAt = (text = '') => /"last_webhook_at":"?([^",]+)/.exec(text)?.[1];
    const [item] = sandbox.world.items(1, 'trip') as [Item];
    sandbox.world.edit('trip', item.id, { name: 'Seen from afar' }, SILENT);
    const before = new Date().toISOString();
    await told(there, item);
    for (;;) {
      const { value, done } = (await events?.read()) ?? { done: true };
      expect(done).toBe(false);
      const at = webhookAt(value);
      if (at && at >= before && value?.includes('"pending":0,"active":0')) break;
    }
    expect(await browser.json(`/api/v1/trips/${item.id}`)).toMatchObject({ item: { name: 'Seen from afar' } });
    await events?.cancel();
  });
});

/** What each of two new receivers on a public address would print, without double ones. */
async function codes(publicUrl: string): Promise<string[]> {
  const two = await Promise.all(
    [1, 2].map(async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
      const config = readConfig({ ...environment, DATA_DIR: dataDir, PUBLIC_URL: publicUrl });
      const running = await openRole('receive', config, createLog('silent'));
      const code = await running.connect?.setUpCode();
      await running.close();
      rmSync(dataDir, { recursive: true, force: true });
      return code ?? '';
    }),
  );
  return [...new Set(two)];
}

test('what a receiver received that is gone, and nobody took, is applied by those that are there', async () => {
  const [item] = sandbox.world.items(1, 'trip') as [Item];
  sandbox.world.edit('trip', item.id, { name: 'Left behind' }, SILENT);
  const body = Buffer.from(bodyOf(notification({ item_id: item.id, item_user_id: 1 })));
  const receivedAt = Date.now() - 60_000;
  await inbox.keep({ source: 'ridewithgps', client: 'test-key', receivedAt, headers: {}, body });
  await until(async () => {
    const { item: here } = await browser.json<{ item: { name: string } }>(`/api/v1/trips/${item.id}`);
    return here.name === 'Left behind';
  }, 30_000);
});

describe('two workers', () => {
  /** Those that know are gone. */
  const leave = () => Promise.all(workers.splice(0).map((each) => each.close()));

  /** When somebody may ask again. */
  const retryAt = (at: number) => db.run(RETRY_AT, { at });

  const items = (count: number) => sandbox.world.items(1, 'trip').slice(0, count);
  const asked = () => sandbox.requests.filter(({ path }) => /\/trips\/\d+/.test(path));

  test('wait together: one heard that it asks too much, and the other does not ask until the time is over', async () => {
    sandbox.faults.set({ rateLimit: { remaining: 0, retryAfter: 4 } });
    await told(here, ...items(1));
    await until(async () => (await inbox.pausedUntil(ROBIN)) > Date.now(), 20_000);
    const over = await inbox.pausedUntil(ROBIN);
    await told(there, ...items(12));
    await leave();
    workers = [await worker()];
    await until(() => asked().some(({ status }) => status === 200), 30_000);
    const [heard, next] = asked();
    expect(heard?.status).toBe(429);
    expect(next?.at).toBeGreaterThanOrEqual(over);
    sandbox.faults.clear();
    await quiet();
  });

  test('hold back together: where the provider fails, one of all asks now and then', async () => {
    sandbox.faults.set({ statusItems: Object.fromEntries(items(12).map(({ id }) => [`trip/${id}`, 500])) });
    await told(here, ...items(12));
    await until(async () => ((await db.get<{ n: number }>(CIRCUITS))?.n ?? 0) > 0, 20_000);
    await leave();
    await retryAt(Date.now() + 60_000);
    const since = asked().length;
    workers = [await worker()];
    await pause(LOOK_MS);
    expect(asked().length).toBe(since);
    await retryAt(Date.now());
    await until(() => asked().length > since, 20_000);
    sandbox.faults.clear();
  });
});

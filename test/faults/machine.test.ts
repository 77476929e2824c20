import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Unacceptable } from '../../src/http/errors.ts';
import { isTooDeep, parseJson } from '../../src/http/json.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import type { SyncReport } from '../../src/storage/sync.ts';
import { createProgram, type Program, type Running } from '../cli/program.ts';
import { type Browser, createBrowser, SECRET } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { differences, letters, nameOf } from './truth.ts';

const CLIENT = { apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET };
const POISON = join(import.meta.dirname, 'poison.mjs');

let sandbox: Sandbox;
let program: Program | undefined;
afterEach(async () => {
  program?.close();
  await sandbox?.close();
  program = undefined;
});

/** The real program beside the provider, with Robin and Kim connected. */
async function start(
  environment: Record<string, string>,
  { trips = 6, points = 40 } = {},
): Promise<{ running: Running; robin: Browser; kim: Browser }> {
  program = createProgram();
  sandbox = await startSandbox({
    clients: [CLIENT],
    riders: [
      { id: 1, name: 'Robin', routes: 0, trips, points },
      { id: 2, name: 'Kim', routes: 0, trips: 3, points: 40 },
    ],
  });
  const running = program.start(['serve'], {
    PORT: '0',
    SIGNUP: 'open',
    RECONCILE_CRON: 'off',
    AUDIT_CRON: 'off',
    RWGPS_BASE_URL: sandbox.url,
    RWGPS_API_KEY: CLIENT.apiKey,
    RWGPS_CLIENT_ID: CLIENT.clientId,
    RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
    ...environment,
  });
  const [, url = ''] = await running.until(/"url":"(http:[^"]+)".*"msg":"Slipstream is listening"/);
  sandbox.webhooks.setUrl(CLIENT.apiKey, `${url}/webhooks/ridewithgps`);
  const [robin, kim] = [createBrowser(url), createBrowser(url)];
  await robin.connect(1);
  await kim.connect(2);
  await until(async () => (await differences({ sandbox }, robin, 1)).length === 0, 20_000);
  await until(async () => (await differences({ sandbox }, kim, 2)).length === 0, 20_000);
  return { running, robin, kim };
}

describe('a worker thread', () => {
  test.each([
    ['ends', 'Poison: exit', {}],
    ['runs out of memory', 'Poison: memory', {}],
    ['hangs', 'Poison: hang', { POISON_HURRY: '10' }],
  ])('that %s over a body: the others go on, the body is a dead letter after three', async (_, name, hurry) => {
    const { running, robin, kim } = await start({
      WORKER_THREADS: '1',
      NODE_OPTIONS: `--import=${POISON}`,
      ...hurry,
    });
    const [poisoned = 0, ...healthy] = sandbox.world.items(1, 'trip').map(({ id }) => id);
    sandbox.forgetRequests();
    sandbox.world.edit('trip', poisoned, { name });
    for (const id of healthy) sandbox.world.edit('trip', id, { name: 'In the same boat' });
    await until(async () => (await letters(robin)).length === 1, 30_000);
    expect(await letters(robin)).toMatchObject([{ code: 'kills-worker', item_id: String(poisoned) }]);
    expect(sandbox.count(`/api/v1/trips/${poisoned}`)).toBe(3);

    const [theirs = 0] = sandbox.world.items(2, 'trip').map(({ id }) => id);
    sandbox.world.edit('trip', theirs, { name: 'Not concerned' });
    await until(async () => (await nameOf(kim, theirs)) === 'Not concerned', 10_000);
    await until(async () => (await differences({ sandbox }, robin, 1)).length === 1, 10_000);
    expect(await differences({ sandbox }, robin, 1)).toEqual([`trip ${poisoned} differs`]);

    // What is mended at the provider is copied without anybody's help.
    sandbox.world.edit('trip', poisoned, { name: 'Harmless again' });
    await until(async () => (await differences({ sandbox }, robin, 1)).length === 0, 10_000);
    // The mirror has it a moment before its task ends.
    await until(async () => (await letters(robin)).length === 0, 10_000);
    running.signal('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });
});

describe('memory', () => {
  const MB = 1024 * 1024;

  test('stays bounded while many bodies of 100,000 points come at once, and others are not kept waiting', async () => {
    const { running, robin, kim } = await start(
      { WORKER_THREADS: '2', FETCH_CONCURRENCY: '8', NODE_OPTIONS: '--max-old-space-size=256' },
      { trips: 8 },
    );
    const point = (n: number) => ({
      x: 14 + n / 1e5,
      y: 46,
      e: n % 900,
      d: n * 4,
      t: 1_700_000_000 + n,
      s: 21,
      h: 140,
    });
    const points = JSON.stringify(Array.from({ length: 100_000 }, (_, n) => point(n)));
    const ids = sandbox.world.items(1, 'trip').map(({ id }) => id);
    const bodies = ids.map((id) => {
      const ride = `"id":${id},"user_id":1,"name":"A long day ${id}","updated_at":"2040-01-01T00:00:00Z"`;
      return [`trip/${id}`, `{"trip":{${ride},"track_points":${points}}}`];
    });
    sandbox.faults.set({ bodies: Object.fromEntries(bodies) });
    for (const id of ids) sandbox.world.edit('trip', id, { name: `A long day ${id}` });

    const [theirs = 0] = sandbox.world.items(2, 'trip').map(({ id }) => id);
    sandbox.world.edit('trip', theirs, { name: 'Between long days' });
    await until(async () => (await nameOf(kim, theirs)) === 'Between long days', 10_000);
    await until(async () => {
      const { queue } = await robin.json<SyncReport>('/api/v1/sync');
      return queue.pending + queue.active === 0;
    }, 30_000);
    const { items } = await robin.json<{ items: { name: string }[] }>('/api/v1/trips');
    expect(items.map(({ name }) => name).sort()).toEqual(ids.map((id) => `A long day ${id}`).sort());
    type Whole = { item: { body: { track_points: unknown[] } } };
    const { item } = await robin.json<Whole>(`/api/v1/trips/${ids[0]}`);
    expect(item.body.track_points).toHaveLength(100_000);
    expect(await letters(robin)).toEqual([]);
    if (process.platform === 'linux') expect(mostMemoryOf(running.pid)).toBeLessThan(900 * MB);
  });

  /** The most that was resident at any time, bytes. */
  function mostMemoryOf(pid: number): number {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1024;
  }

  /** A list of such elements: less than half of the bytes that are taken at all. */
  const listOf = (element: (n: number) => string): Buffer => {
    const parts: string[] = [];
    for (let length = 0, n = 0; length < 26 * MB; n += 1) {
      const text = element(n);
      parts.push(text);
      length += text.length + 1;
    }
    return Buffer.from(`[${parts.join(',')}]`);
  };

  test.each([
    ['objects that have nothing in common', (n: number) => `{"${n.toString(36)}":1}`],
    ['the same, spaced out', (n: number) => `{ "${n.toString(36)}" : 1 }`],
    ['the same, behind a quotation mark', (n: number) => `{"a\\"${n.toString(36)}":1}`],
    ['empty objects', () => '{}'],
    ['empty lists', () => '[]'],
  ])('is not given to %s: V8 would end the whole program over them', (_, element) => {
    expect(() => parseJson({ status: 200, body: listOf(element) })).toThrow(Unacceptable);
  });
});

test('how deeply JSON is nested is told by what is open at once, and by nothing in its texts', () => {
  const nestedIn = (levels: number, inside = '') =>
    Buffer.from(`${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}${inside}`);
  expect([nestedIn(250), nestedIn(251)].map(isTooDeep)).toEqual([false, true]);
  const flat = Buffer.from(JSON.stringify(Array.from({ length: 2_000 }, () => ({ a: [] }))));
  const texts = ['['.repeat(600), ']'.repeat(600), `\\"${'{'.repeat(600)}`].map((text) =>
    JSON.stringify({ [text]: text }),
  );
  expect([flat, ...texts.map((text) => Buffer.from(text))].map(isTooDeep)).toEqual([false, false, false, false]);
  const hidden = Buffer.from(`${'["]]]",'.repeat(501)}1${']'.repeat(501)}`);
  expect(isTooDeep(hidden)).toBe(true);
});

import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { FaultSettings, Sandbox } from '../../src/sandbox/index.ts';
import { ask, CLIENT, firstOf, objectOf, sandboxFor, TWO_RIDERS } from './support.ts';

async function broken(faults: Partial<FaultSettings>, options = {}) {
  const sandbox = await sandboxFor(options);
  sandbox.faults.set(faults);
  const token = sandbox.world.issueToken(1, CLIENT.apiKey);
  const trip = firstOf(sandbox.world.items(1, 'trip'));
  return { sandbox, token, trip, path: `/api/v1/trips/${trip.id}.json` };
}
const status = async (sandbox: Sandbox, path: string, token: string) => (await ask(sandbox, path, token)).status;

describe('faults', () => {
  test('the next answers have the statuses asked for, then all is well', async () => {
    const { sandbox, token, path } = await broken({ nextStatus: [503, 500], nextRetryAfter: 7 });
    const first = await ask(sandbox, path, token);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '7']);
    expect(await status(sandbox, path, token)).toBe(500);
    expect(await status(sandbox, path, token)).toBe(200);
  });

  test('a rate limit lets some pass, then says how long to wait, and ends by then', async () => {
    let time = Date.UTC(2026, 0, 1);
    const { sandbox, token, path } = await broken({ rateLimit: { remaining: 2, retryAfter: 30 } }, { now: () => time });
    expect([await status(sandbox, path, token), await status(sandbox, path, token)]).toEqual([200, 200]);
    const over = await ask(sandbox, path, token);
    expect([over.status, over.headers.get('retry-after')]).toEqual([429, '30']);
    time += 29_000;
    expect(await status(sandbox, path, token)).toBe(429);
    time += 1_000;
    expect(await status(sandbox, path, token)).toBe(200);
  });

  test('a rate limit may name a date, or nothing at all', async () => {
    const date = 'Thu, 01 Jan 2026 00:01:00 GMT';
    let time = Date.UTC(2026, 0, 1);
    const { sandbox, token, path } = await broken(
      { rateLimit: { remaining: 0, retryAfter: date } },
      { now: () => time },
    );
    expect((await ask(sandbox, path, token)).headers.get('retry-after')).toBe(date);
    time += 60_000;
    expect(await status(sandbox, path, token)).toBe(200);
    sandbox.faults.set({ rateLimit: { remaining: 0, retryAfter: null } });
    const answer = await ask(sandbox, path, token);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, null]);
    sandbox.faults.clear();
    expect(await status(sandbox, path, token)).toBe(200);
  });

  test('an answer that is cut off fails at the client and is counted as broken', async () => {
    const { sandbox, token, path } = await broken({ cutAnswers: 1 });
    await expect(ask(sandbox, path, token)).rejects.toThrow();
    expect(await status(sandbox, path, token)).toBe(200);
    expect(sandbox.requests.map((request) => request.status)).toEqual([0, 200]);
  });

  test('a connection is reset, a redirect leads elsewhere, a length is not the true one: once each', async () => {
    const { sandbox, token, path } = await broken({ resets: 1 });
    await expect(ask(sandbox, path, token)).rejects.toThrow();
    sandbox.faults.set({ redirects: { remaining: 1, to: 'https://elsewhere.example/' } });
    const away = await ask(sandbox, path, token);
    expect([away.status, away.headers.get('location')]).toEqual([302, 'https://elsewhere.example/']);
    sandbox.faults.set({ lyingLengths: [20, -20] });
    await expect(ask(sandbox, path, token)).rejects.toThrow();
    await expect(ask(sandbox, path, token)).rejects.toThrow();
    expect(await status(sandbox, path, token)).toBe(200);
  });

  test('a body goes on for as long as it is read, or is much larger than it looks', async () => {
    const { sandbox, token, trip, path } = await broken({});
    sandbox.faults.set({ endlessItems: [`trip/${trip.id}`] });
    const response = await fetch(sandbox.url + path, { headers: { authorization: `Bearer ${token}` } });
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > 5_000_000) break;
    }
    expect(bytes).toBeGreaterThan(5_000_000);
    sandbox.faults.set({ endlessItems: [], bombItems: { [`trip/${trip.id}`]: 5 * 1024 * 1024 } });
    const bomb = await fetch(sandbox.url + path, { headers: { authorization: `Bearer ${token}` } });
    expect(Number(bomb.headers.get('content-length'))).toBeLessThan(50_000);
    expect((await bomb.text()).length).toBe(5 * 1024 * 1024);
  });

  test('another path than an item’s can be held and answered otherwise too', async () => {
    const { sandbox, token } = await broken({ bodies: { '/api/v1/sync.json': '[7]' } });
    const get = (path: string) => fetch(sandbox.url + path, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await get('/api/v1/sync.json?since=1970-01-01')).text()).toBe('[7]');
    const hold = sandbox.faults.hold('/api/v1/trips.json');
    const list = get('/api/v1/trips.json');
    await hold.arrived;
    hold.release();
    expect((await list).status).toBe(200);
  });

  test('a web page comes instead of JSON, once with 200 or from a proxy with any status', async () => {
    const { sandbox, token, path } = await broken({ htmlInsteadOfJson: 1 });
    const get = () => fetch(sandbox.url + path, { headers: { authorization: `Bearer ${token}` } });
    const page = await get();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    sandbox.faults.set({ proxyStatus: 404 });
    const proxy = await get();
    expect([proxy.status, await proxy.text()]).toEqual([404, expect.stringContaining('<h1>')]);
  });

  test('single items answer a status or any text, in both dialects’ paths', async () => {
    const { sandbox, token, trip, path } = await broken({});
    const key = `trip/${trip.id}`;
    sandbox.faults.set({ statusItems: { [key]: 500 } });
    expect([await status(sandbox, path, token), await status(sandbox, `/trips/${trip.id}.json`, token)]).toEqual([
      500, 500,
    ]);
    expect(await status(sandbox, '/api/v1/trips.json', token)).toBe(200);
    sandbox.faults.set({ statusItems: {}, bodies: { [key]: '{"trip":{"id":' } });
    const answer = await fetch(sandbox.url + path, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.text()).toBe('{"trip":{"id":');
  });

  test('an item that hangs holds up nothing else, and ends with the client’s patience', async () => {
    const { sandbox, token, trip, path } = await broken({});
    sandbox.faults.set({ hangItems: [`trip/${trip.id}`] });
    await expect(ask(sandbox, path, token, { signal: AbortSignal.timeout(100) })).rejects.toThrow('timeout');
    expect(await status(sandbox, '/api/v1/trips.json', token)).toBe(200);
    await expect.poll(() => sandbox.concurrent(`trip/${trip.id}`)).toEqual({ current: 0, max: 1 });
  });

  test('a late answer tells of the state there was when it was asked for', async () => {
    const { sandbox, token, trip, path } = await broken({ latencyMs: 120 });
    const [before, began] = [trip.name, performance.now()];
    const late = ask(sandbox, path, token);
    await expect.poll(() => sandbox.count(path)).toBe(1);
    await pause(30);
    sandbox.world.edit('trip', trip.id, { name: 'Newer' });
    expect(objectOf((await late).body.trip).name).toBe(before);
    expect(performance.now() - began).toBeGreaterThan(110);
  });

  test('an item can be held until a test has done what it wants meanwhile', async () => {
    const { sandbox, token, trip, path } = await broken({});
    const before = trip.name;
    const hold = sandbox.faults.hold(`trip/${trip.id}`);
    const answer = ask(sandbox, path, token);
    await hold.arrived;
    sandbox.world.edit('trip', trip.id, { name: 'Newer' });
    hold.release();
    expect(objectOf((await answer).body.trip).name).toBe(before);
    expect(objectOf((await ask(sandbox, path, token)).body.trip).name).toBe('Newer');
  });

  test('down means no answer at all, while the control page still works', async () => {
    const { sandbox, token, path } = await broken({ down: true });
    await expect(ask(sandbox, path, token)).rejects.toThrow();
    expect((await fetch(`${sandbox.url}/sandbox`)).status).toBe(200);
  });

  test('only one rider may be touched', async () => {
    const { sandbox, token, path } = await broken({ nextStatus: [500, 500], onlyRider: 1 }, { riders: TWO_RIDERS });
    const other = sandbox.world.issueToken(2, CLIENT.apiKey);
    expect(await status(sandbox, '/api/v1/trips.json', other)).toBe(200);
    expect(await status(sandbox, path, token)).toBe(500);
  });

  test('errors come in the second shape when asked for', async () => {
    const { sandbox } = await broken({ errorsArray: true });
    expect((await ask(sandbox, '/api/v1/trips.json')).body).toEqual({ errors: ['Unauthorized'] });
  });

  test('the provider’s clock can be wrong', async () => {
    const now = Date.UTC(2026, 0, 1);
    const { sandbox, token } = await broken({ clockOffsetMs: -3_600_000 }, { now: () => now });
    const { body, headers } = await ask(sandbox, '/api/v1/sync.json?since=2025-12-31T22:30:00Z', token);
    expect(body.meta).toMatchObject({ rwgps_datetime: '2025-12-31T23:00:00Z' });
    expect(headers.get('x-rwgps-datetime')).toBe('2025-12-31T23:00:00Z');
    expect(sandbox.object('trip', sandbox.world.create(1, 'trip').id)).toMatchObject({
      created_at: '2025-12-31T23:00:00Z',
    });
  });
});

describe('what was asked', () => {
  test('requests are kept and counted by path, with rider and status', async () => {
    const { sandbox, token, path } = await broken({});
    await ask(sandbox, `${path}?privacy_code=a`, token);
    await ask(sandbox, path);
    await fetch(`${sandbox.url}/sandbox`);
    expect(sandbox.requests).toMatchObject([
      { method: 'GET', path, query: 'privacy_code=a', status: 200, rider: 1 },
      { method: 'GET', path, status: 401, rider: null },
    ]);
    expect(sandbox.count(path)).toBe(2);
    expect(sandbox.count('/api/v1/')).toBe(2);
    sandbox.forgetRequests();
    expect([sandbox.requests.length, sandbox.count('/')]).toEqual([0, 0]);
  });

  test('how many run at once is known for an item and for all', async () => {
    const { sandbox, token, trip, path } = await broken({ latencyMs: 50 });
    await Promise.all([
      ask(sandbox, path, token),
      ask(sandbox, `/trips/${trip.id}.json`, token),
      ask(sandbox, '/current.json', token),
    ]);
    expect(sandbox.concurrent(`trip/${trip.id}`)).toEqual({ current: 0, max: 2 });
    expect(sandbox.concurrent().max).toBe(3);
  });
});

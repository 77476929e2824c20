import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeadLetter } from '../src/storage/sync.ts';
import { type Browser, type Installation, SECRET, startInstallation, webhookUrl } from './support/slipstream.ts';
import { bodyOf, deliver, notification, sign } from './support/webhook.ts';

let here: Installation;
let browser: Browser;
let url: string;

beforeAll(async () => {
  const env = {
    RWGPS_WEBHOOK_SECRETS: 'the-secret-before-it-was-rotated, another-one',
    RWGPS_CLIENTS: JSON.stringify([
      { api_key: 'second-key', client_id: 'id2', client_secret: 'the-second-clients-secret' },
    ]),
  };
  here = await startInstallation({ env, connectsWebhooks: false });
  browser = await here.connect();
  url = webhookUrl(here.app);
});
afterAll(() => here.close());

const tasksBefore = async () => (await here.app.inbox.counts({ source: 'ridewithgps', account: '1' })).pending;
async function error(response: Response) {
  const text = await response.text();
  expect(text).not.toMatch(/\bat .*\.ts:\d+|node_modules|Error:/);
  return (JSON.parse(text) as { error: { code: string; message: string } }).error;
}

describe('what the sender is told', () => {
  test('a signed delivery is acknowledged with 200', async () => {
    const response = await deliver(url, bodyOf(notification()));
    expect(response.status).toBe(200);
  });

  test.each([
    ['unknown', 'unheard-of'],
    ['switched off', 'rye'],
    ['switched off', 'tradegecko/7067'],
    ['switched off', 'ecovelo?secret=guessed'],
    ['one without accounts in its address', 'ridewithgps/1'],
    ['one with accounts in its address', 'pryv'],
    ['one with accounts, and this is the form of none', 'pryv/..%2F..%2Fetc'],
    ['not named', ''],
    ['hidden behind more', 'ridewithgps/1/2'],
    ['no text', '%E0%A4%A'],
  ])('a source that is %s is 404, whatever the method (%s)', async (_, address) => {
    for (const method of ['POST', 'GET']) {
      const response = await fetch(`${here.app.url}/webhooks/${address}`, { method, redirect: 'manual' });
      expect([response.status, (await error(response)).code]).toEqual([404, 'unknown_source']);
    }
  });

  test('another method than POST is 405 and names POST', async () => {
    const response = await fetch(url, { method: 'PUT', body: '{}' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('more than 1 MiB is 413, announced or not', async () => {
    const large = Buffer.alloc(1024 * 1024 + 1, 'x');
    expect((await error(await deliver(url, large))).code).toBe('too_large');
    const chunked = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const init = { method: 'POST', body: chunked, duplex: 'half', headers: { 'content-type': 'application/json' } };
    const response = await fetch(url, init as RequestInit);
    expect(response.status).toBe(413);
  });

  test.each([
    ['too much', 'ridewithgps', 413],
    ['to nobody', 'unheard-of', 404],
  ])('who sends %s and listens only afterwards is told all the same', async (_, source, status) => {
    const { hostname, port } = new URL(url);
    const body = Buffer.alloc(12 * 1024 * 1024);
    const socket = connect(Number(port), hostname);
    const answer = await new Promise<string>((resolve, reject) => {
      socket.on('error', reject);
      socket.write(`POST /webhooks/${source} HTTP/1.1\r\nhost: here\r\ncontent-length: ${body.length}\r\n\r\n`);
      socket.write(body, () => {
        let text = '';
        socket.on('data', (chunk) => (text += chunk));
        socket.on('close', () => resolve(text));
      });
    });
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { code: expect.any(String) } });
  });

  test('who sends without end is not listened to for ever', async () => {
    const { hostname, port } = new URL(url);
    const piece = Buffer.alloc(1024 * 1024);
    const socket = connect(Number(port), hostname);
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    socket.on('error', () => {});
    socket.resume().write('POST /webhooks/ridewithgps HTTP/1.1\r\nhost: here\r\ncontent-length: 1099511627776\r\n\r\n');
    let sent = 0;
    const send = () => {
      while (!socket.destroyed && socket.write(piece)) sent += 1;
    };
    socket.on('drain', send);
    send();
    await closed;
    expect(sent).toBeLessThan(1024);
  });

  test('exactly 1 MiB is not too large', async () => {
    const body = `${bodyOf()}${' '.repeat(1024 * 1024 - bodyOf().length)}`;
    expect((await deliver(url, body)).status).toBe(200);
  });

  test('another type than JSON, or compressed bytes, are 415', async () => {
    expect((await deliver(url, bodyOf(), { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await deliver(url, bodyOf(), { 'content-type': 'application/jsonp' })).status).toBe(415);
    expect((await deliver(url, bodyOf(), { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await deliver(url, bodyOf(), { 'content-encoding': 'Identity' })).status).toBe(200);
    expect((await deliver(url, bodyOf(), { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await deliver(url, bodyOf(), { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
  });

  test('no, an unknown and a foreign API key are 401', async () => {
    for (const key of [undefined, 'unknown', 'second-key', 'test-key, test-key', '__proto__', '']) {
      const response = await deliver(url, bodyOf(), { 'x-rwgps-api-key': key });
      expect([key, response.status, (await error(response)).code]).toEqual([key, 401, 'unauthorized']);
    }
  });

  test('a signature that is not exactly the right one is 401', async () => {
    const body = bodyOf(notification());
    const right = sign(body);
    const wrong = [
      undefined,
      '',
      right.toUpperCase(),
      right.slice(0, -1),
      `${right}00`,
      `${right}zz`,
      ` ${right.slice(0, -2)}`,
      `sha256=${right}`,
      `${right}, ${right}`,
      sign(`${body} `),
      sign(body, ''),
      sign(body, 'guess'),
      right.replace(/^../, 'zz'),
      Buffer.from(right, 'hex').toString('base64'),
    ];
    for (const signature of wrong) {
      const response = await deliver(url, body, { 'x-rwgps-signature': signature });
      expect([signature, response.status]).toEqual([signature, 401]);
    }
  });

  test('a signature header that is sent twice is 401, even when both are right', async () => {
    const body = bodyOf(notification());
    const answer = await raw(body, [`x-rwgps-signature: ${sign(body)}`, `x-rwgps-signature: ${sign(body)}`]);
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
  });

  test('the raw bytes are signed, not what they mean', async () => {
    const spaced = `{ "notifications" : [ ] }`;
    expect((await deliver(url, spaced)).status).toBe(200);
    expect((await deliver(url, spaced, { 'x-rwgps-signature': sign(bodyOf()) })).status).toBe(401);
  });

  test('while a secret is rotated, the old and the new one verify', async () => {
    for (const secret of [SECRET, 'the-secret-before-it-was-rotated', 'another-one']) {
      const body = bodyOf();
      expect((await deliver(url, body, { 'x-rwgps-signature': sign(body, secret) })).status).toBe(200);
    }
  });

  test('one receiver serves several API clients, each with its own secret', async () => {
    const body = bodyOf();
    const headers = { 'x-rwgps-api-key': 'second-key', 'x-rwgps-signature': sign(body, 'the-second-clients-secret') };
    expect((await deliver(url, body, headers)).status).toBe(200);
    expect((await deliver(url, body, { 'x-rwgps-api-key': 'second-key' })).status).toBe(401);
  });

  test('signed but unreadable is 400, and kept as a dead letter that says what to do', async () => {
    const bodies: [string | Buffer, string][] = [
      ['{"notifications":[{"user_id":1}{"user_id":2},]}', 'not_json'],
      ['', 'not_json'],
      [randomBytes(200), 'not_json'],
      ['[]', 'no_notifications'],
      ['{"notifications":{}}', 'no_notifications'],
      ['null', 'no_notifications'],
    ];
    for (const [body, code] of bodies) {
      const response = await deliver(url, body);
      expect([response.status, (await error(response)).code]).toEqual([400, code]);
    }
    const kept = (await letters()).filter(({ kind }) => kind === 'delivery');
    expect(kept).toHaveLength(bodies.length);
    expect(kept[0]?.sentence).toMatch(/kept.*reconciliation/s);
  });

  test('one bad element among good ones costs only itself', async () => {
    const good = here.sandbox.world.items(1, 'trip')[0];
    here.sandbox.forgetRequests();
    const response = await deliver(
      url,
      bodyOf(notification({ item_id: good?.id }), { user_id: 1, item_type: 'yak' }, 'what?', null),
    );
    expect(response.status).toBe(200);
    await here.settled();
    expect(here.sandbox.count(`/api/v1/trips/${good?.id}`)).toBe(1);
    expect((await letters()).filter(({ kind }) => kind === 'notification')).toHaveLength(3);
  });

  test('a sender that goes away in the middle of a body harms nobody', async () => {
    const socket = connect(Number(new URL(here.app.url).port), '127.0.0.1');
    socket.write(
      'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"noti',
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.destroy();
    expect((await deliver(url, bodyOf())).status).toBe(200);
  });
});

test('two edits may send identical bytes: neither is taken for the other', async () => {
  const trip = here.sandbox.world.items(1, 'trip')[1];
  const body = bodyOf(notification({ item_id: trip?.id }));
  here.sandbox.forgetRequests();
  await deliver(url, body);
  await here.settled();
  await deliver(url, body);
  await here.settled();
  expect(here.sandbox.count(`/api/v1/trips/${trip?.id}`)).toBe(2);
});

test('notifications that wait for the same item are one fetch', async () => {
  const trip = here.sandbox.world.items(1, 'trip')[2];
  here.sandbox.forgetRequests();
  await deliver(url, bodyOf(...Array.from({ length: 100 }, () => notification({ item_id: trip?.id }))));
  await here.settled();
  expect(here.sandbox.count(`/api/v1/trips/${trip?.id}`)).toBe(1);
  expect(await tasksBefore()).toBe(0);
});

const letters = async (): Promise<DeadLetter[]> =>
  (await browser.json<{ items: DeadLetter[] }>('/api/v1/dead-letters')).items;

/** One request with headers that a well-behaved client cannot send. */
function raw(body: string, headers: string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(here.app.url).port), '127.0.0.1');
    const head = [
      'POST /webhooks/ridewithgps HTTP/1.1',
      'host: x',
      'connection: close',
      'content-type: application/json',
      'x-rwgps-api-key: test-key',
      `content-length: ${Buffer.byteLength(body)}`,
      ...headers,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('close', () => resolve(answer));
  });
}

test('acknowledging waits neither for a locked mirror nor for workers that hang', async () => {
  const trips = here.sandbox.world.items(1, 'trip').map(({ id }) => id);
  here.sandbox.faults.set({ hangItems: trips.map((id) => `trip/${id}`) });
  const lock = new Database(join(here.dataDir, 'mirror.db'));
  lock.exec('BEGIN IMMEDIATE');
  try {
    const began = Date.now();
    for (let round = 0; round < 20; round += 1) {
      const body = bodyOf(
        ...trips.map((id) => notification({ item_id: id })),
        notification({ item_id: 99, action: 'pinned' }),
      );
      expect((await deliver(url, body)).status).toBe(200);
    }
    // Whoever waits for the lock waits three seconds, each time.
    expect(Date.now() - began).toBeLessThan(30_000);
  } finally {
    lock.exec('ROLLBACK');
    lock.close();
    here.sandbox.faults.clear();
  }
});

import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/sandbox/random.ts';
import { reportFigure } from '../support/figures.ts';
import { type Browser, type Installation, startInstallation, webhookUrl } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { deliver, notification } from '../support/webhook.ts';
import { oddNotification } from './odd-json.ts';
import { sendRaw, statusesIn } from './raw.ts';
import { type HostileRequest, hostileRequest, isSigned } from './requests.ts';

const REQUESTS = 10_000;
const CONNECTIONS = 16;
const LETTERS_KEPT = 1_000;

/** Another one each time; the one of a failure is in its message, and comes again with ATTACK_SEED. */
const SEED = Number(process.env.ATTACK_SEED ?? Date.now() % 2 ** 31);
const again = `ATTACK_SEED=${SEED} brings it back`;

let here: Installation;
let browser: Browser;
let url: string;

beforeAll(async () => {
  here = await startInstallation({ connectsWebhooks: false });
  browser = await here.connect();
  url = webhookUrl(here.app);
});
afterAll(() => here.close());

function stored<T>(read: (db: Database.Database) => T): T {
  const db = new Database(join(here.dataDir, 'inbox.db'), { readonly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}
const count = (sql: string): number => stored((db) => db.prepare<[], number>(sql).pluck().get() ?? 0);
const deliveries = () => count('SELECT count(*) FROM deliveries');
const letters = () => count('SELECT count(*) FROM dead_letters');

describe(`${REQUESTS} random and mutated requests`, () => {
  test('crash nothing, are answered without a 5xx, and leave nothing that was not signed', async () => {
    const random = createRandom(SEED);
    const pool = new Pool(here.app.url, { connections: CONNECTIONS });
    const before = deliveries();
    const wrong: string[] = [];
    const answers = new Map<number, number>();
    let [sent, signed, kept] = [0, 0, 0];

    async function send(): Promise<void> {
      while (sent < REQUESTS) {
        const number = sent++;
        const request = hostileRequest(random);
        const mayPass = isSigned(request);
        const status = await answerTo(pool, request);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        if (mayPass) signed += 1;
        // A signed one is stored when it was taken, and when it was unreadable.
        const wasKept = mayPass && (status === 200 || status === 400) && isTheEndpoint(request);
        if (wasKept) kept += 1;
        if (status >= 500 || (status === 200 && !mayPass)) wrong.push(`request ${number}: ${status} ${shown(request)}`);
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, send));
    await pool.close();

    const fiveHundreds = [...answers].reduce((sum, [status, times]) => sum + (status >= 500 ? times : 0), 0);
    reportFigure({
      name: 'hostile requests',
      value: `${sent.toLocaleString('en')}, ${wrong.length - fiveHundreds} accepted without a signature, ${fiveHundreds} five-hundreds`,
      required: `${REQUESTS.toLocaleString('en')}, 0 accepted, 0 five-hundreds`,
      reached: wrong.length === 0,
      command: 'npm test',
    });
    expect(wrong, again).toEqual([]);
    expect(signed, again).toBeGreaterThan(REQUESTS / 10);
    expect([...answers.keys()], again).toEqual(expect.arrayContaining([200, 400, 401, 404, 405, 415]));
    await here.settled();
    expect(deliveries() - before, again).toBeLessThanOrEqual(kept);
    expect(letters(), again).toBeLessThanOrEqual(LETTERS_KEPT);
    expect((await fetch(`${here.app.url}/readyz`)).status, again).toBe(200);
    expect(Object.keys(Object.prototype), again).toEqual([]);
  }, 120_000);

  test('of which the signed ones cost nothing but what is wrong in them', async () => {
    const random = createRandom(SEED);
    for (let round = 0; round < 60; round += 1) {
      const [trip] = here.sandbox.world.items(1, 'trip');
      const elements = Array.from({ length: random.integer(1, 20) }, () => oddNotification(random));
      elements.splice(random.integer(0, elements.length), 0, JSON.stringify(notification({ item_id: trip?.id })));
      here.sandbox.forgetRequests();
      const { status } = await deliver(url, `{"notifications":[${elements.join()}]}`);
      expect([round, status], again).toEqual([round, 200]);
      await until(() => here.sandbox.count(`/api/v1/trips/${trip?.id}`) > 0, 30_000);
    }
    await here.settled();
    // Nothing was fetched but what a notification may name: an item by its number, the pins, and who the token is of.
    const paths = here.sandbox.requests.map(({ path }) => path);
    expect(
      paths.filter(
        (path) => !/^\/api\/v1\/(?:(?:trips|routes)\/\d{1,19}|collections\/pinned|users\/current)\.json$/.test(path),
      ),
      again,
    ).toEqual([]);
  }, 60_000);
});

describe('what is no HTTP at all', () => {
  test('is refused or cut off, and the next request is answered', async () => {
    const random = createRandom(SEED + 1);
    const valid =
      'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
    const junk: Buffer[] = [
      ...CLASSICS.map((each) => Buffer.from(each, 'latin1')),
      ...Array.from({ length: 150 }, () => noise(random)),
      ...Array.from({ length: 150 }, () => mutated(Buffer.from(valid), random)),
    ];
    for (let at = 0; at < junk.length; at += 25) {
      const answers = await Promise.all(
        junk.slice(at, at + 25).map((each) => sendRaw(url, each, { patienceMs: 2_000 })),
      );
      for (const [index, answer] of answers.entries()) {
        const bad = statusesIn(answer).filter((status) => status < 300 || status >= 500);
        expect([junk[at + index]?.toString('latin1').slice(0, 200), bad], again).toEqual([expect.anything(), []]);
      }
      expect((await fetch(`${here.app.url}/healthz`)).status, again).toBe(200);
    }
  }, 60_000);
});

describe('dead letters of what was signed and could not be read', () => {
  test('are capped, the oldest goes with its body, and it is said how many went', async () => {
    for (let n = 0; n < 1_200; n += 100) {
      const answers = await Promise.all(Array.from({ length: 100 }, (_, each) => deliver(url, `{"n":${n + each}`)));
      for (const { status } of answers) expect(status).toBe(400);
    }
    expect(letters()).toBeLessThanOrEqual(LETTERS_KEPT);
    expect(letters()).toBeGreaterThanOrEqual(LETTERS_KEPT * 0.9);
    expect(count('SELECT count(*) FROM deliveries WHERE unreadable IS NOT NULL')).toBeLessThanOrEqual(LETTERS_KEPT);
    const answer = await browser.json<{ meta: { dropped: number } }>('/api/v1/dead-letters');
    expect(answer.meta.dropped).toBeGreaterThanOrEqual(200);
    const metrics = await (await fetch(`${here.app.url}/metrics`)).text();
    expect(metrics).toContain(`slipstream_dead_letters_dropped ${answer.meta.dropped}`);
  });
});

async function answerTo(pool: Pool, { method, path, headers, body }: HostileRequest): Promise<number> {
  const noBody = method === 'GET' || method === 'HEAD';
  const answer = await pool.request({
    method: method as 'POST',
    path,
    headers,
    ...(!noBody && { body }),
  });
  await answer.body.dump();
  return answer.statusCode;
}

/** Express takes a slash at the end, and a query; whatever else is another address. */
const isTheEndpoint = ({ path }: HostileRequest): boolean => /^\/webhooks\/ridewithgps\/?(\?.*)?$/i.test(path);

const shown = ({ method, path, headers, body }: HostileRequest): string =>
  `${method} ${path} ${JSON.stringify(headers)} ${body.toString('latin1').slice(0, 300)}`;

const CLASSICS = [
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'GET /x HTTP/9.9\r\nhost: x\r\n\r\n',
  'GET /x HTTP/0.9\r\n\r\n',
  'GET /x\r\n\r\n',
  'POST /webhooks/ridewithgps HTTP/1.1\r\n\r\n',
  'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n',
  'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\nexpect: the worst\r\ncontent-length: 2\r\n\r\n{}',
  'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n',
  'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n',
  'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n',
  'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n',
  'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\n : empty\r\n\r\n',
  'POST /webhooks/ridewithgps HTTP/1.1\nhost: x\ncontent-length: 2\n\n{}',
  'POST http://evil.example/webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}',
  'POST /webhooks/ridewithgps HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\ncontent-length: 2\r\n\r\n{}',
  '\r\n'.repeat(10_000),
  '\0'.repeat(10_000),
  'A'.repeat(200_000),
];

const noise = (random: { integer(low: number, high: number): number }): Buffer =>
  Buffer.from(Array.from({ length: random.integer(1, 400) }, () => random.integer(0, 255)));

function mutated(valid: Buffer, random: { integer(low: number, high: number): number }): Buffer {
  const bytes = Buffer.from(valid);
  for (let time = random.integer(1, 6); time > 0; time -= 1) {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  }
  return bytes.subarray(0, random.integer(1, bytes.length));
}

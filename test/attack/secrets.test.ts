import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/config.ts';
import { sealDeliveries } from '../../src/inbox.ts';
import { createLog } from '../../src/log.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createSeal } from '../../src/seal.ts';
import { createSources } from '../../src/sources/index.ts';
import { openInbox } from '../../src/storage/sqlite/inbox.ts';
import type { DeadLetter, SyncReport } from '../../src/storage/sync.ts';
import { command } from '../cli/in-process.ts';
import { createProgram, type Program, type Running } from '../cli/program.ts';
import { authorize, type Browser, createBrowser } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { bodyOf, deliver, notification, sign } from '../support/webhook.ts';

const CLIENT = {
  apiKey: 'key-of-the-secrets-test',
  clientId: 'id-of-the-secrets-test',
  clientSecret: 'client-secret-that-nobody-may-see',
  dialect: '2022',
} as const;
const FORMER_WEBHOOK_SECRET = 'former-webhook-secret-that-nobody-may-see';
const TRIPS = 6;
/** On a machine with much else to do. */
const LIFE_MS = 180_000;
const LISTENING = /"url":"(http:[^"]+)".*"msg":"Slipstream is listening"/;

let program: Program;
let sandbox: Sandbox;
let environment: Environment;
let dataDir: string;
let running: Running;
/** By what it is, so that a failure says which one was found and not what it is. */
let secrets: Map<string, string>;
/** All that was said to anybody who may not have a secret: by what it is. */
let said: Map<string, string>;

beforeEach(async () => {
  program = createProgram(LIFE_MS);
  dataDir = join(program.folder, 'data');
  secrets = new Map([
    ['client secret', CLIENT.clientSecret],
    ['former webhook secret', FORMER_WEBHOOK_SECRET],
  ]);
  said = new Map();
  sandbox = await startSandbox({
    clients: [CLIENT],
    riders: [{ id: 1, name: 'Robin Field', routes: 1, trips: TRIPS, points: 40 }],
  });
  for (const { id, privacyCode } of sandbox.world.items(1, 'trip')) {
    sandbox.world.edit('trip', id, { visibility: 'private' }, { silent: true });
    secrets.set(`privacy code of ${id}`, privacyCode);
  }
  const port = await freePort();
  environment = {
    DATA_DIR: dataDir,
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    WORKER_THREADS: '1',
    RECONCILE_CRON: 'off',
    AUDIT_CRON: 'off',
    LOG_LEVEL: 'trace',
    RWGPS_BASE_URL: sandbox.url,
    RWGPS_API_KEY: CLIENT.apiKey,
    RWGPS_CLIENT_ID: CLIENT.clientId,
    RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
    RWGPS_WEBHOOK_SECRETS: FORMER_WEBHOOK_SECRET,
  };
});
afterEach(async () => {
  program.close();
  await sandbox.close();
});

test(
  'a whole life leaves no secret in the data folder, the logs, the answers, the metrics or the process list',
  async () => {
    const url = await start();
    sandbox.webhooks.setUrl(CLIENT.apiKey, `${url}/webhooks/ridewithgps`);
    const browser = await connect(url);
    await copied(browser);
    await receive(url);
    await fail(url, browser);
    const link = await makeCredentials(url, browser);
    await ask(url, browser);
    await askOnTheCommandLine();
    lookAtProcess();
    await until(async () => (await queue(browser)).active === 0, 20_000);
    expectNoSecretIn('while it runs');

    running.signal('SIGTERM');
    expect((await running.ended).code).toBe(0);
    said.set('log of the first run', `${running.stdout()}${running.stderr()}`);
    expectNoSecretIn('after it has ended');
    // What was searched is what was said and stored, and not something empty.
    expect(haystack().get('mirror.db')?.includes('Robin Field')).toBe(true);
    expect(said.get('log of the first run')).toMatch(/"level":50.*something failed/);
    expect([...haystack().keys()].filter((name) => name.startsWith('unpacked')).length).toBeGreaterThan(TRIPS);
    expect(rows('inbox', 'deliveries', 'sealed = 1')).toBeGreaterThan(3);
    expect(rows('inbox', 'deliveries', 'packed = 1')).toBeGreaterThan(0);
    expect(rows('mirror', 'items', 'secret IS NOT NULL')).toBe(TRIPS);
    expect(secrets.size).toBeGreaterThan(16);

    // The link that was not used is in the folder as a hash: it still opens.
    expect((await createBrowser(await start()).get(link)).headers.get('location')).toBe('/library');
  },
  LIFE_MS,
);

test('an auth token is in the environment and nowhere else', async () => {
  const token = sandbox.world.issueToken(1, CLIENT.apiKey);
  secrets.set('auth token', token);
  environment = { ...environment, RWGPS_CLIENT_ID: '', RWGPS_CLIENT_SECRET: '', RWGPS_AUTH_TOKEN: token };
  await start();
  secrets.set('login link', (await running.until(/\/login\/(\S+)/))[1] ?? '');
  sandbox.world.revokeAll(1);
  await tell(['reconcile', '--timeout', '3'], ['doctor'], ['status']);
  running.signal('SIGTERM');
  await running.ended;
  // The link is for the person in front of the program, on standard error; the log is standard output.
  said.set('log', running.stdout());
  expectNoSecretIn('after it has ended');
});

test('a privacy code that was acknowledged survives a kill, sealed, and is used afterwards', async () => {
  const url = await start();
  const browser = await connect(url);
  await copied(browser);
  const [trip] = sandbox.world.items(1, 'trip');
  sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Acknowledged' }, { silent: true });
  const code = 'code-of-the-burst';
  secrets.set('code of the burst', code);
  const burst = Array.from({ length: 40 }, () => send(url, withCode(trip?.id, code)));
  expect((await Promise.any(burst)).status).toBe(200);
  running.signal('SIGKILL');
  await Promise.allSettled(burst);
  await running.ended;
  expectNoSecretIn('after the kill');

  sandbox.forgetRequests();
  const again = createBrowser(await start());
  for (const [name, value] of browser.cookies) again.cookies.set(name, value);
  const item = () => again.json<{ item: { name: string } }>(`/api/v1/trips/${trip?.id}`);
  await until(async () => (await item()).item.name === 'Acknowledged', 20_000);
});

test('a dead letter quotes no privacy code, made at the acknowledgement, at the reading or at a replay', async () => {
  mkdirSync(dataDir);
  const sources = createSources(
    { ridewithgps: { baseUrl: sandbox.url, clients: [], authToken: undefined } },
    { subKeys: () => [] },
  );
  const seal = createSeal(['the key of this test alone']);
  const inbox = sealDeliveries(openInbox(dataDir), { sources, seal, onError: (error) => expect.fail(String(error)) });
  const problem = { code: 'unreadable', sentence: 'It could not be read.' };
  const evidence = '{"item_url":"https://x/trips/7.json?privacy_code=quoted-nowhere"}';
  const body = Buffer.from(evidence);
  const source = 'ridewithgps';
  await inbox.keep({ source, client: 'key', receivedAt: 1, headers: {}, body, unreadable: problem });
  const rejection = { source, problem, learntAt: 1, evidence } as const;
  await inbox.take([{ id: 1, notifications: [], rejections: [{ ...rejection, deliveryId: 1 }] }]);
  await inbox.keep({ source, client: 'key', receivedAt: 1, headers: {}, body });
  await inbox.takeNext(1, ({ id, body: read }) => {
    expect(read).toEqual(body);
    return { notifications: [], rejections: [{ ...rejection, deliveryId: id }] };
  });
  const letters = () => inbox.deadLetters({ source, account: '1' }, true);
  const first = (await letters()).at(-1);
  // The bytes are what was signed; who replays them has them whole.
  expect(await inbox.replay(first?.id ?? 0, { source, account: '1' }, true, 1)).toMatchObject({ bytes: body });
  await inbox.closeLetter(first?.id ?? 0, [], [rejection]);
  const kept = (await letters()).map((letter) => letter.evidence);
  await inbox.close();
  for (const each of sources.values()) await each.close();
  expect(kept).toEqual(Array.from({ length: 3 }, () => evidence.replace('quoted-nowhere', '…')));
  expect(readFileSync(join(dataDir, 'inbox.db')).includes('quoted-nowhere')).toBe(false);
});

describe('the log', () => {
  const logged = (write: (log: ReturnType<typeof createLog>) => void): string => {
    let text = '';
    const stream = new Writable({
      write(chunk, _, done) {
        text += chunk;
        done();
      },
    });
    write(createLog('trace', stream));
    return text;
  };

  test('leaves out what is called a secret, at every level', () => {
    for (const name of ['token', 'secret', 'authorization', 'cookie', 'access_token', 'headers', 'data', 'options']) {
      const text = logged((log) => {
        log.trace({ [name]: 'not-for-the-log', kept: 'seen' }, 'said');
        log.error({ request: { [name]: 'not-for-the-log' } }, 'said');
      });
      expect([name, text.includes('not-for-the-log')]).toEqual([name, false]);
      expect(text).toContain('seen');
    }
  });

  test('shows of an error its name, message and stack, without the secrets that these quote', () => {
    const cause = Object.assign(new Error('GET /trips/7.json?privacy_code=not-for-the-log failed'), {
      headers: { authorization: 'Bearer not-for-the-log' },
    });
    const error = new Error('Refused: authorization: Bearer not-for-the-log', { cause });
    const text = logged((log) => {
      log.error({ err: error }, 'failed');
      log.error({ err: 'GET /connect/callback?code=not-for-the-log&state=not-for-the-log' }, 'failed');
      log.error({ err: new Error('GET /login/not-for-the-log') }, 'failed');
    });
    expect(text).not.toContain('not-for-the-log');
    expect(text).toMatch(/Refused: .*secrets\.test\.ts/);
  });
});

async function start(): Promise<string> {
  running = program.start(['serve'], environment);
  return (await running.until(LISTENING))[1] ?? '';
}

/** Connect, Authorize, and back; everything on the way is a secret. */
async function connect(url: string, browser = createBrowser(url)): Promise<Browser> {
  const away = (await browser.get('/connect/ridewithgps')).headers.get('location') ?? '';
  remember('connect cookie', browser.cookies.get('slipstream_connect'));
  const back = new URL(await authorize(away, 1));
  remember('state', back.searchParams.get('state'));
  remember('code', back.searchParams.get('code'));
  expect((await browser.get(`${back.pathname}${back.search}`)).status).toBe(303);
  remember('session', browser.cookies.get('slipstream'));
  remember('access token', sandbox.world.tokens().at(-1)?.token);
  return browser;
}

function remember(what: string, value: string | null | undefined): void {
  expect(value?.length ?? 0, what).toBeGreaterThan(10);
  secrets.set(`${what} (${secrets.size})`, value ?? '');
}

const queue = async (browser: Browser) => (await browser.json<SyncReport>('/api/v1/sync')).queue;

async function copied(browser: Browser): Promise<void> {
  const total = async () => (await browser.json<{ meta: { total: number } }>('/api/v1/trips')).meta.total;
  await until(async () => (await total()) === TRIPS, 30_000);
}

const address = (id: number | undefined, code: string | undefined) => `https://x/trips/${id}.json?privacy_code=${code}`;

const withCode = (id: number | undefined, code: string, over: Record<string, unknown> = {}) =>
  bodyOf(notification({ item_id: id, item_url: address(id, code), ...over }));

const send = (url: string, body: string | Buffer, secret: string = CLIENT.clientSecret) =>
  deliver(`${url}/webhooks/ridewithgps`, body, {
    'x-rwgps-api-key': CLIENT.apiKey,
    'x-rwgps-signature': sign(body, secret),
  });

/** Webhooks with codes: the provider's own, large ones, and such as cannot be read. */
async function receive(url: string): Promise<void> {
  const trips = sandbox.world.items(1, 'trip');
  for (const { id } of trips) sandbox.world.edit('trip', id, { name: `Edited ${id}` });
  await sandbox.webhooks.drain();
  const batch = Array.from({ length: 90 }, (_, n) => trips[n % trips.length]);
  const code = trips[0]?.privacyCode ?? '';
  const bodies: [body: string | Buffer, status: number][] = [
    [
      bodyOf(
        ...batch.map((trip) => notification({ item_id: trip?.id, item_url: address(trip?.id, trip?.privacyCode) })),
      ),
      200,
    ],
    [bodyOf(...batch.map((trip) => notification({ item_id: trip?.id }))), 200],
    [withCode(1, code, { item_type: 'yak' }), 200],
    [bodyOf({ privacy_code: code }), 200],
    [withCode(1, code).slice(0, -2), 400],
    [`{"item_url":"https:\\/\\/x\\/?a=1\\u0026privacy_code=${code}"`, 400],
    [Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(withCode(1, code))]), 400],
  ];
  for (const [body, status] of bodies) {
    const answer = await send(url, body, FORMER_WEBHOOK_SECRET);
    expect(answer.status).toBe(status);
    said.set(`answer ${said.size} to a webhook`, await answer.text());
  }
  const forged = await send(url, withCode(1, code), 'not-the-secret');
  expect(forged.status).toBe(401);
  said.set('answer to a forged webhook', await forged.text());
}

/** What goes wrong is what is logged. */
async function fail(url: string, browser: Browser): Promise<void> {
  const [trip, other] = sandbox.world.items(1, 'trip');
  const faults = [
    { nextStatus: [500, 403] },
    { cutAnswers: 1 },
    { htmlInsteadOfJson: 1 },
    { bodies: { [`trip/${trip?.id}`]: '{"trip":{"id":0}}' } },
    { statusItems: { [`trip/${other?.id}`]: 400 } },
  ];
  for (const fault of faults) {
    sandbox.faults.set(fault);
    sandbox.forgetRequests();
    for (const each of [trip, other]) await send(url, withCode(each?.id, each?.privacyCode ?? ''));
    await until(() => sandbox.count('/api/v1/trips/') > 0, 20_000);
    await until(async () => (await queue(browser)).active === 0, 20_000);
    sandbox.faults.clear();
  }
  const stranger = createBrowser(url);
  said.set('a forged state', await textOf(stranger, '/connect/ridewithgps/callback?code=made-up&state=made-up'));
  for (const [given, status] of [
    [500, 502],
    [400, 400],
  ] as const) {
    const away = (await stranger.get('/connect/ridewithgps')).headers.get('location') ?? '';
    const back = new URL(await authorize(away, 1));
    remember('code that fails', back.searchParams.get('code'));
    remember('state that fails', back.searchParams.get('state'));
    sandbox.faults.set({ nextStatus: [given] });
    const answer = await stranger.get(`${back.pathname}${back.search}`);
    expect(answer.status).toBe(status);
    said.set(`an exchange that failed with ${status}`, await answer.text());
    sandbox.faults.clear();
  }

  // The token is refused, asked about once more, and the account comes back with another one.
  sandbox.world.revokeAll(1);
  await browser.post('/sync/reconcile');
  const state = async () => (await browser.json<SyncReport>('/api/v1/sync')).accounts[0]?.state;
  await until(async () => (await state()) === 'reconnect', 40_000);
  await connect(url, browser);
  await until(async () => (await state()) === 'active', 20_000);
}

/** Personal tokens and login links, in the browser and by command. @returns the path of a link that was not used. */
async function makeCredentials(url: string, browser: Browser): Promise<string> {
  const page = await (await browser.post('/settings/tokens', { name: 'made in the browser' })).text();
  remember('personal token', /[\w-]{43}/.exec(page.slice(page.indexOf('made in the browser')))?.[0]);
  const { token } = await made<{ token: string }>('token', 'create', 'made by command');
  remember('personal token', token);
  said.set('an answer to a token', await (await fetch(`${url}/api/v1/trips`, bearer(token))).text());
  const [used, unused] = [await made<{ url: string }>('login-link'), await made<{ url: string }>('login-link')].map(
    (link) => new URL(link.url).pathname,
  );
  for (const link of [used, unused]) remember('login link', link?.split('/')[2]);
  expect((await createBrowser(url).get(used ?? '')).status).toBe(303);
  said.set('a link that was used', await textOf(createBrowser(url), used ?? ''));
  return unused ?? '';
}

const made = async <T>(...args: string[]): Promise<T> =>
  JSON.parse((await command([...args, '--json'], environment)).stdout) as T;

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** Every kind of page and answer; none of them has a reason to show a secret. */
async function ask(url: string, browser: Browser): Promise<void> {
  const [trip] = sandbox.world.items(1, 'trip');
  const letters = (await browser.json<{ items: DeadLetter[] }>('/api/v1/dead-letters')).items;
  expect(letters.length).toBeGreaterThan(4);
  const paths = ['/', '/library', '/sync', '/settings', '/nothing', '/%E0%A4%A', '/metrics', '/healthz', '/readyz'];
  const ofTrip = ['', '.json', '.geojson', '.gpx', '.tcx', '.fit', '.exe'].map(
    (extension) => `/api/v1/trips/${trip?.id}${extension}`,
  );
  const more = ['/api/v1/trips?page=0', '/api/v1/dead-letters', '/api/v1/sync', '/control/tokens', '/webhooks/nobody'];
  for (const path of [...paths, ...ofTrip, ...more, `/trips/${trip?.id}`, `/trips/${trip?.id}/track.json`]) {
    said.set(path, await textOf(browser, path));
  }
  for (const { id } of letters) {
    said.set(`replay of ${id}`, await (await browser.post(`/api/v1/dead-letters/${id}/replay`)).text());
  }
  const elsewhere = await browser.post('/sign-out', {}, { 'sec-fetch-site': 'cross-site' });
  said.set('a change from elsewhere', await elsewhere.text());
  said.set('nobody', await (await fetch(`${url}/api/v1/trips`, bearer('made-up-token-of-nobody'))).text());
}

async function textOf(browser: Browser, path: string): Promise<string> {
  const response = await browser.get(path);
  const headers = [...response.headers].map((header) => header.join(': ')).join('\n');
  return `${headers}\n\n${await response.text()}`;
}

async function tell(...commands: string[][]): Promise<void> {
  for (const args of commands) {
    // What is started says more than its command: Node's own warnings, and what is logged.
    const isStarted = args.length === 1 || args[0] === 'serve';
    const { stdout, stderr } = await (isStarted ? program.run(args, environment) : command(args, environment));
    said.set(`slipstream ${args.join(' ')}`, `${stdout}${stderr}`);
  }
}

/** What the commands print that make no secret; also of mistakes, with the stack that LOG_LEVEL=trace adds. */
async function askOnTheCommandLine(): Promise<void> {
  await tell(['status'], ['accounts'], ['dead-letters'], ['doctor'], ['token', 'list'], ['replay', '99999'], ['serve']);
  await tell(['status', '--json'], ['accounts', '--json'], ['dead-letters', '--json'], ['doctor', '--json']);
  await tell(['replay', '--all'], ['rotate-key'], ['export', '--out', join(program.folder, 'out'), '--json']);
  const rightful = environment;
  remember('key that is too short', 'short-secret');
  environment = { ...rightful, PORT: 'many', SECRET_KEY: 'short-secret', RWGPS_CLIENTS: CLIENT.clientSecret };
  await tell(['serve', '--json'], ['doctor', '--json']);
  environment = rightful;
}

/** What every user of a machine sees of a process: its command line and the names of its threads. */
function lookAtProcess(): void {
  const folder = `/proc/${running.pid}`;
  if (!existsSync(folder)) return;
  const threads = readdirSync(`${folder}/task`).map((id) => readFileSync(`${folder}/task/${id}/comm`, 'utf8'));
  said.set('process', `${readFileSync(`${folder}/cmdline`, 'utf8')}\n${threads.join('')}`);
  expect(said.get('process')).toContain('serve');
}

/** Everything that is looked through, by its name. */
function haystack(): Map<string, Buffer<ArrayBuffer>> {
  const found = new Map([...said].map(([name, text]) => [name, Buffer.from(text)]));
  if (!said.has('log')) found.set('log', Buffer.from(`${running.stdout()}${running.stderr()}`));
  for (const file of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) found.set(file.name, readFileSync(join(file.parentPath, file.name)));
  }
  for (const [name, bytes] of unpacked()) found.set(name, bytes);
  return found;
}

/** What is packed in the databases would hide from a search in the files. */
function unpacked(): [name: string, bytes: Buffer<ArrayBuffer>][] {
  return [
    ...read('inbox', 'SELECT id, body FROM deliveries WHERE packed = 1'),
    ...read('mirror', 'SELECT id, zstd AS body FROM bodies'),
  ].map(({ id, body }, index) => [`unpacked ${index}, row ${id}`, zstdDecompressSync(body)]);
}

const rows = (name: string, table: string, where: string): number =>
  read(name, `SELECT 1 AS id, '' AS body FROM ${table} WHERE ${where}`).length;

function read(name: string, query: string): { id: number; body: Buffer }[] {
  const db = new Database(join(dataDir, `${name}.db`), { readonly: true });
  try {
    return db.prepare<[], { id: number; body: Buffer }>(query).all();
  } finally {
    db.close();
  }
}

/** In plain, and as they are written in headers and dumps. */
function expectNoSecretIn(when: string): void {
  const key = readFileSync(join(dataDir, 'secret.key'), 'utf8').trim();
  const found: string[] = [];
  for (const [place, bytes] of haystack()) {
    for (const [name, secret] of [...secrets, ['secret key', key] as const]) {
      if (place === 'secret.key' && name === 'secret key') continue;
      const encoded = Buffer.from(secret);
      const forms = [secret, encoded.toString('hex'), encoded.toString('base64url').slice(0, -2)];
      if (forms.some((form) => bytes.includes(form))) found.push(`${name} in ${place}`);
    }
  }
  expect(found, when).toEqual([]);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });
}

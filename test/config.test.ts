import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { parseCronItem } from 'graphile-worker';
import { describe, expect, test } from 'vitest';
import { missingCredentials, readConfig, WrongConfig } from '../src/config.ts';
import { createSeal, Unsealable } from '../src/seal.ts';

describe('the configuration', () => {
  test('has a default for everything that can have one', () => {
    expect(readConfig({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:3000',
      reconcileCron: '*/15 * * * *',
      auditCron: '0 3 * * *',
      signup: 'first',
      ridewithgps: { baseUrl: 'https://ridewithgps.com', clients: [] },
    });
  });

  test('takes an empty variable for one that is not set', () => {
    expect(readConfig({ PORT: '', RWGPS_AUTH_TOKEN: '  ' })).toMatchObject({
      port: 3000,
      ridewithgps: { authToken: undefined },
    });
  });

  test.each([
    [{ PORT: 'http' }, 'PORT'],
    [{ PORT: '70000' }, 'PORT'],
    [{ PORT: '0x50' }, 'PORT'],
    [{ PORT: '3e3' }, 'PORT'],
    [{ TRUST_PROXY: 'yes' }, 'TRUST_PROXY'],
    [{ TRUST_PROXY: '-1' }, 'TRUST_PROXY'],
    [{ TRUST_PROXY: '10.0.0.1, 10.0.0.0/33' }, 'TRUST_PROXY'],
    [{ PUBLIC_URL: 'rides.example' }, 'PUBLIC_URL'],
    [{ MAP_STYLE_URL: 'http://tiles.example/style.json' }, 'MAP_STYLE_URL'],
    [{ MAP_STYLE_URL: 'https://me:secret@tiles.example/style.json' }, 'MAP_STYLE_URL'],
    [{ RECONCILE_CRON: '* * * * * *' }, 'RECONCILE_CRON'],
    [{ AUDIT_CRON: '61 * * * *' }, 'AUDIT_CRON'],
    [{ SECRET_KEY: 'short' }, 'SECRET_KEY'],
    [{ DATABASE_URL: 'localhost/slipstream' }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'mysql://localhost/slipstream' }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'postgres://me:a#b@localhost/slipstream' }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'postgres://me:a?b@localhost/slipstream' }, 'DATABASE_URL'],
    [{ RWGPS_CLIENTS: '{' }, 'RWGPS_CLIENTS'],
    [{ RWGPS_CLIENTS: '[{"client_id":"x"}]' }, 'RWGPS_CLIENTS'],
    [{ RWGPS_CLIENTS: '[{"api_key":"k","client_secret":""}]' }, 'RWGPS_CLIENTS'],
    [{ RWGPS_CLIENTS: '[{"api_key":"k","webhook_secrets":["a",""]}]' }, 'RWGPS_CLIENTS'],
    [{ RWGPS_CLIENTS: '[{"api_key":"k","webhook_secrets":"a,"}]' }, 'RWGPS_CLIENTS'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    [{ WORKER_THREADS: '0' }, 'WORKER_THREADS'],
    [{ RWGPS_API_KEY: 'k', RWGPS_WEBHOOK_SECRETS: ' , ' }, 'RWGPS_WEBHOOK_SECRETS'],
  ])('%j is refused, by its name', (environment, name) => {
    expect(() => readConfig(environment)).toThrow(WrongConfig);
    expect(() => readConfig(environment)).toThrow(name);
  });

  test.each([
    ...['*/15 * * * *', '0 3 * * 5-7', '0 3 * * 7', '0 3 * * 0-7', '0 0 1,15 * *', '*/5,7 8-20 * * 0', '00  03 * * *'],
    ...[
      '0 0 * JAN *',
      '0 0 * * MON',
      '0 0 L * *',
      '0-30/5 * * * *',
      '3-3 * * * *',
      '0 0 ? * *',
      '0 0 * * 1#2',
      '0 0 15W * *',
    ],
  ])("the schedule %s is taken by PostgreSQL's processes if graphile-worker takes it", (pattern) => {
    const reads = (read: () => unknown): boolean => {
      try {
        read();
        return true;
      } catch {
        return false;
      }
    };
    const taken = reads(() => parseCronItem({ task: 'any', match: pattern, identifier: 'any' }));
    for (const name of ['RECONCILE_CRON', 'AUDIT_CRON']) {
      expect(reads(() => readConfig({ [name]: pattern }))).toBe(true);
      const environment = { [name]: pattern, DATABASE_URL: 'postgres://localhost/rides' };
      expect(reads(() => readConfig(environment))).toBe(taken);
      if (!taken) expect(() => readConfig(environment)).toThrow(`${name}: with DATABASE_URL it takes numbers`);
    }
  });

  test.each([
    'postgres://me@db.example/rides',
    'postgresql://me:a%23b@[::1]:5433/rides?sslmode=require',
    'postgres:///rides',
    'postgres://me:a%23b@/rides?host=/run/postgresql',
  ])('takes %s for a database, as it is', (url) =>
    expect(readConfig({ DATABASE_URL: ` ${url} ` }).databaseUrl).toBe(url),
  );

  test('never shows the password of a database', () => {
    const wrong = () => readConfig({ DATABASE_URL: 'http://me:hush@localhost/slipstream' });
    expect(wrong).toThrow(/^((?!hush)[\s\S])*$/);
  });

  test('of a client makes its secret the first that verifies, and adds those of a rotation', () => {
    const { clients } = readConfig({
      RWGPS_API_KEY: 'k',
      RWGPS_CLIENT_ID: 'i',
      RWGPS_CLIENT_SECRET: 's',
      RWGPS_WEBHOOK_SECRETS: 'a, b',
    }).ridewithgps;
    expect(clients).toEqual([
      { apiKey: 'k', oauth: { clientId: 'i', clientSecret: 's' }, webhookSecrets: ['s', 'a', 'b'] },
    ]);
  });

  test('calls itself by the port that it listens on, unless told otherwise', () => {
    expect(readConfig({ PORT: '4567' }).publicUrl).toBe('http://localhost:4567');
    expect(readConfig({ PORT: '80' }).publicUrl).toBe('http://localhost');
    expect(readConfig({ PORT: '0' }).publicUrl).toBe('http://localhost:3000');
    expect(readConfig({ PORT: '4567', PUBLIC_URL: 'https://rides.example' }).publicUrl).toBe('https://rides.example');
  });

  test('takes the clients of one receiver as people write them', () => {
    const RWGPS_CLIENTS = JSON.stringify([
      { api_key: 'a', client_id: 'i', client_secret: 's', webhook_secrets: 'old, older' },
      { api_key: 'b', client_id: null, client_secret: null, webhook_secrets: null },
      { api_key: 'c', webhook_secrets: ['x'] },
    ]);
    expect(readConfig({ RWGPS_CLIENTS }).ridewithgps.clients).toEqual([
      { apiKey: 'a', oauth: { clientId: 'i', clientSecret: 's' }, webhookSecrets: ['s', 'old', 'older'] },
      { apiKey: 'b', webhookSecrets: [] },
      { apiKey: 'c', webhookSecrets: ['x'] },
    ]);
  });

  test('takes words in capitals, and proxies as Express does', () => {
    expect(readConfig({ LOG_LEVEL: 'WARN', RECONCILE_CRON: 'Off', AUDIT_CRON: 'OFF', SIGNUP: 'First ' })).toMatchObject(
      {
        logLevel: 'warn',
        reconcileCron: undefined,
        auditCron: undefined,
        signup: 'first',
      },
    );
    for (const TRUST_PROXY of ['loopback', 'loopback, 10.0.0.0/8', '::1', 'fc00::/7', '10.0.0.0/255.0.0.0'])
      expect(readConfig({ TRUST_PROXY }).trustProxy).toBe(TRUST_PROXY);
    expect(readConfig({ TRUST_PROXY: '0' }).trustProxy).toBe(0);
  });

  test('says which credentials are missing, and nothing when there are enough', () => {
    expect(missingCredentials(readConfig({})).join(' ')).toMatch(/RWGPS_API_KEY.*RWGPS_CLIENT_ID.*RWGPS_AUTH_TOKEN/);
    expect(missingCredentials(readConfig({ RWGPS_API_KEY: 'k', RWGPS_AUTH_TOKEN: 't' }))).toEqual([]);
    expect(
      missingCredentials(readConfig({ RWGPS_API_KEY: 'k', RWGPS_CLIENT_ID: 'i', RWGPS_CLIENT_SECRET: 's' })),
    ).toEqual([]);
  });

  test('can be handed to a worker thread', () => {
    const config = readConfig({ SIGNUP: '1,2', TRUST_PROXY: '1' });
    expect(structuredClone(config)).toEqual(config);
    expect(config).toMatchObject({ signup: ['1', '2'], trustProxy: 1 });
  });
});

describe('a sealed token', () => {
  const owner = { source: 'ridewithgps', account: '1' } as const;
  const [old, fresh] = ['an-old-key-of-sixteen', 'a-new-key-of-sixteen'] as const;

  test('opens with any of the keys, and the first one seals', () => {
    const sealed = createSeal([old]).seal('token', owner);
    expect(createSeal([fresh, old]).open(sealed, owner)).toBe('token');
    const sealedAnew = createSeal([fresh, old]).seal('token', owner);
    expect(() => createSeal([old]).open(sealedAnew, owner)).toThrow(Unsealable);
  });

  test('is bound to its source and account', () => {
    const seal = createSeal([old]);
    const sealed = seal.seal('token', owner);
    expect(() => seal.open(sealed, { ...owner, account: '2' })).toThrow(Unsealable);
    expect(() => seal.open(sealed, { ...owner, source: 'rye' })).toThrow(Unsealable);
  });

  test('is another one each time, and worthless when a bit of it is changed', () => {
    const seal = createSeal([old]);
    const sealed = seal.seal('token', owner);
    expect(seal.seal('token', owner)).not.toEqual(sealed);
    for (let at = 0; at < sealed.length; at += 1) {
      const broken = Buffer.from(sealed);
      broken[at] = (broken[at] ?? 0) ^ 1;
      expect(() => seal.open(broken, owner)).toThrow(Unsealable);
    }
    expect(() => seal.open(Buffer.alloc(0), owner)).toThrow(Unsealable);
  });
});

test('processes that start on one new folder at the same moment have one key, the one in the file', async () => {
  const folders = Array.from({ length: 20 }, () => mkdtempSync(join(tmpdir(), 'slipstream-')));
  // Nobody begins with a folder before everybody has come to it.
  const program = `
    const { parentPort, workerData: { seal, folders, together, all } } = require('node:worker_threads');
    import(seal).then(({ secretKeysIn }) => {
      const here = new Int32Array(together);
      parentPort.postMessage(folders.map((folder, index) => {
        const last = Atomics.add(here, 0, 1) + 1 === all * (index + 1);
        if (last) Atomics.notify(here, 0);
        for (let n = Atomics.load(here, 0); n < all * (index + 1); n = Atomics.load(here, 0)) Atomics.wait(here, 0, n);
        return secretKeysIn(folder);
      }));
    });`;
  const seal = new URL('../src/seal.ts', import.meta.url).href;
  const workerData = { seal, folders, together: new SharedArrayBuffer(4), all: 4 };
  const threads = Array.from({ length: 4 }, () => new Worker(program, { eval: true, workerData }));
  const keys = await Promise.all(threads.map(async (thread) => (await once(thread, 'message'))[0] as string[][]));
  await Promise.all(threads.map((thread) => thread.terminate()));
  const inFiles = folders.map((folder) => [readFileSync(join(folder, 'secret.key'), 'utf8').trim()]);
  for (const each of keys) expect(each).toEqual(inFiles);
  for (const folder of folders) {
    expect(readdirSync(folder)).toEqual(['secret.key']);
    rmSync(folder, { recursive: true });
  }
});

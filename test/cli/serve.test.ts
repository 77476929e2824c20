import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/config.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import type { SyncReport } from '../../src/storage/sync.ts';
import { createBrowser } from '../support/slipstream.ts';
import { createProgram, type Program } from './program.ts';

const CLIENT = { apiKey: 'cli-key', clientId: 'cli-id', clientSecret: 'cli-secret-of-the-tests' };

let program: Program;
let sandbox: Sandbox;
let environment: Environment;

beforeEach(async () => {
  program = createProgram();
  sandbox = await startSandbox({
    clients: [CLIENT],
    riders: [{ id: 1, name: 'Robin Field', routes: 1, trips: 2, points: 40 }],
  });
  environment = {
    PORT: '0',
    WORKER_THREADS: '1',
    RECONCILE_CRON: 'off',
    AUDIT_CRON: 'off',
    RWGPS_BASE_URL: sandbox.url,
    RWGPS_API_KEY: CLIENT.apiKey,
    RWGPS_CLIENT_ID: CLIENT.clientId,
    RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
  };
});
afterEach(async () => {
  program.close();
  await sandbox.close();
});

const LISTENING = /"url":"(http:[^"]+)".*"msg":"Slipstream is listening"/;

describe('serve, when it cannot start', () => {
  test('names the credentials that are missing, where they come from, and the demo that needs none', async () => {
    const { code, stdout, stderr } = await program.run(['serve']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    for (const word of ['RWGPS_API_KEY', 'RWGPS_CLIENT_SECRET', 'Settings → Developers', 'npm run demo']) {
      expect(stderr).toContain(word);
    }
  });

  test('a wrong variable names itself and what it should be', async () => {
    const { code, stderr } = await program.run(['serve'], { ...environment, RECONCILE_CRON: 'often', PORT: 'three' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/PORT: must be a port number/);
    expect(stderr).toMatch(/RECONCILE_CRON: must be five cron fields/);
    expectNoStack(stderr);
  });

  test('a port that is taken is named', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, stderr } = await program.run(['serve'], { ...environment, PORT: String(port) });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is taken`);
    expectNoStack(stderr);
  });

  test('a data folder that is a file is named', async () => {
    const file = join(program.folder, 'not-a-folder');
    writeFileSync(file, '');
    const { code, stderr } = await program.run(['serve'], { ...environment, DATA_DIR: file });
    expect(code).toBe(1);
    expect(stderr).toMatch(/not-a-folder is a file and no folder/);
    expectNoStack(stderr);
  });

  test('a data folder that is no folder is named', async () => {
    const file = join(program.folder, 'a-file');
    writeFileSync(file, '');
    const { code, stderr } = await program.run(['serve'], { ...environment, DATA_DIR: join(file, 'data') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/a-file.* is a file and no folder/);
    expectNoStack(stderr);
  });

  test('a database of a newer version is left alone', async () => {
    const data = join(program.folder, 'data');
    mkdirSync(data);
    const db = new Database(join(data, 'mirror.db'));
    db.pragma('user_version = 999');
    db.close();
    const { code, stderr } = await program.run(['serve'], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/written by a newer Slipstream/);
    expectNoStack(stderr);
  });

  test('what is no database is named, and where it broke only when asked for', async () => {
    const data = join(program.folder, 'data');
    mkdirSync(data);
    writeFileSync(
      join(data, 'mirror.db'),
      'these are no tables, though they are long enough to be looked at'.repeat(20),
    );
    const plain = await program.run(['serve'], environment);
    expect(plain.code).toBe(1);
    expect(plain.stderr).toMatch(/damaged or is no database/);
    expectNoStack(plain.stderr);
    const debug = await program.run(['serve'], { ...environment, LOG_LEVEL: 'debug' });
    expect(debug.stderr).toMatch(/\n +at /);
  });

  test('a second one on the same data does not start, and the first goes on', async () => {
    const first = program.start(['serve'], environment);
    const url = (await first.until(LISTENING))[1];
    const second = await program.run(['serve'], environment);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/is running for DATA_DIR .* already/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await program.run(['status', '--json'])).stdout).toContain('"running": true');
  });
});

describe('serve', () => {
  test('reads .env, says as a log line where it listens, and ends with SIGTERM', async () => {
    writeFileSync(
      join(program.folder, '.env'),
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}`)
        .join('\n'),
    );
    const running = program.start(['serve']);
    const url = (await running.until(LISTENING))[1];
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(statSync(join(program.folder, 'data')).mode & 0o777).toBe(0o700);
    const facts = JSON.parse(running.stdout().split('\n')[0] ?? '');
    expect(facts).toMatchObject({
      redirect_uri: 'http://localhost:3000/connect/ridewithgps/callback',
      webhook_url: 'http://localhost:3000/webhooks/ridewithgps',
    });

    const asked = Date.now();
    running.signal('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(10_000);
  });

  test('warns when PUBLIC_URL leads to another port than the one it listens on', async () => {
    const running = program.start(['serve'], environment);
    await running.until(/PUBLIC_URL is http:\/\/localhost:3000, but Slipstream listens on port \d+/);
  });

  test('on a public address shows the set-up code to the person, never to the log', async () => {
    const running = program.start(['serve'], { ...environment, PUBLIC_URL: 'https://rides.example.org' });
    const code = (await running.until(/Set-up code: (\d{4}-\d{4})/))[1] ?? '';
    const url = (await running.until(LISTENING))[1];
    expect(running.stderr()).toContain(code);
    expect(running.stdout()).not.toContain(code);
    expect((await fetch(`${url}/connect/ridewithgps?setup_code=${code}`, { redirect: 'manual' })).status).toBe(303);
    expect((await fetch(`${url}/connect/ridewithgps?setup_code=0000`, { redirect: 'manual' })).status).toBe(403);
  });

  test('with an auth token offers a link that signs in, once', async () => {
    const token = sandbox.world.issueToken(1, CLIENT.apiKey);
    const running = program.start(['serve'], {
      ...environment,
      RWGPS_CLIENT_ID: '',
      RWGPS_CLIENT_SECRET: '',
      RWGPS_AUTH_TOKEN: token,
    });
    const path = (await running.until(/Login link for Robin Field[^\n]*\n +http:\/\/localhost:3000(\/login\/\S+)/))[1];
    const url = (await running.until(LISTENING))[1] ?? '';
    expect(running.stdout()).not.toContain('/login/');
    const browser = createBrowser(url);
    expect((await browser.get(path ?? '')).headers.get('location')).toBe('/library');
    expect((await browser.json<SyncReport>('/api/v1/sync')).accounts[0]).toMatchObject({ name: 'Robin Field' });
  });
});

function expectNoStack(text: string): void {
  expect(text).not.toMatch(/\n +at |node:internal/);
}

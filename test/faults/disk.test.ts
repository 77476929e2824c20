import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createPool } from '../../src/pool.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createGroupCommit } from '../../src/storage/sqlite/group-commit.ts';
import { prepareMirror } from '../../src/storage/sqlite/mirror.ts';
import { openForWriting } from '../../src/storage/sqlite/open.ts';
import type { SyncReport } from '../../src/storage/sync.ts';
import { createProgram, type Program, type Running } from '../cli/program.ts';
import { createBrowser, type Installation, SECRET, startInstallation, webhookUrl } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { bodyOf, deliver, notification } from '../support/webhook.ts';
import { type SmallDisk, smallDisks } from './full-disk.ts';
import { lock } from './locker.ts';
import { differences, letters, nameOf } from './truth.ts';

/** Far from what a wait for a lock would take, also where much else is being done. */
const BUSY_MS = 4_000;

const CLIENT = { apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET };

let sandbox: Sandbox;
let program: Program;
beforeEach(async () => {
  program = createProgram();
  sandbox = await startSandbox({
    clients: [CLIENT],
    riders: [{ id: 1, name: 'Robin Field', routes: 1, trips: 3, points: 200 }],
  });
});
afterEach(async () => {
  program.close();
  await sandbox.close();
});

const environment = (dataDir: string) => ({
  PORT: '0',
  DATA_DIR: dataDir,
  WORKER_THREADS: '1',
  RECONCILE_CRON: 'off',
  AUDIT_CRON: 'off',
  RWGPS_BASE_URL: sandbox.url,
  RWGPS_API_KEY: CLIENT.apiKey,
  RWGPS_CLIENT_ID: CLIENT.clientId,
  RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
});

async function serve(dataDir: string): Promise<Running & { url: string }> {
  const running = program.start(['serve'], environment(dataDir));
  const [, url = ''] = await running.until(/"url":"(http:[^"]+)".*"msg":"Slipstream is listening"/);
  return { ...running, url };
}

describe.each(smallDisks())('a disk %s', (_, make) => {
  let disk: SmallDisk;
  beforeEach(() => {
    disk = make();
  });
  afterEach(() => {
    program.close();
    disk.remove();
  });

  test('acknowledges nothing that is not stored, shows what is there, and heals without a restart', async () => {
    const { pid, url } = await serve(disk.folder);
    const hook = `${url}/webhooks/ridewithgps`;
    sandbox.webhooks.setUrl(CLIENT.apiKey, hook);
    const browser = createBrowser(url);
    await browser.connect();
    await until(async () => (await differences({ sandbox }, browser)).length === 0, 10_000);

    // A fetch that is under way, and comes back to a disk that is full.
    const [late = 0, lost = 0] = sandbox.world.items(1, 'trip').map(({ id }) => id);
    const hold = sandbox.faults.hold(`trip/${late}`);
    sandbox.world.edit('trip', late, { name: 'Fetched into a full disk' });
    await hold.arrived;
    disk.fill(pid);

    const answers: { status: number; text: string; mark: string }[] = [];
    const send = async () => {
      const mark = randomBytes(150_000).toString('base64');
      const response = await deliver(hook, bodyOf(notification({ item_id: lost, mark })));
      answers.push({ status: response.status, text: await response.text(), mark });
      return response;
    };
    let refused = await send();
    for (let n = 0; n < 40 && refused.status !== 503; n += 1) refused = await send();
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers.at(-1)?.text).toContain('not_stored');
    sandbox.world.edit('trip', lost, { name: 'Told while nothing could be stored' }, { silent: true });
    hold.release();

    await until(async () => (await fetch(`${url}/readyz`)).status === 503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    for (const page of ['/library', '/sync', `/trips/${late}`]) expect((await browser.get(page)).status).toBe(200);
    expect(await nameOf(browser, late)).not.toBe('Fetched into a full disk');
    expect((await send()).status).toBe(503);

    disk.makeRoom(pid);
    await until(async () => (await send()).status === 200, 10_000);
    await until(async () => (await differences({ sandbox }, browser)).length === 0, 20_000);
    await until(async () => (await fetch(`${url}/readyz`)).status === 200);
    expect(await letters(browser)).toEqual([]);

    const db = new Database(join(disk.folder, 'inbox.db'), { readonly: true });
    expect(db.prepare("SELECT count(*) FROM tasks WHERE attempts > 0 AND state <> 'active'").pluck().get()).toBe(0);
    const stored = db.prepare('SELECT count(*) FROM deliveries').pluck().get();
    db.close();
    // One each for those of the sandbox, and every one of ours that was acknowledged; none that was not.
    expect(stored).toBe(answers.filter(({ status }) => status === 200).length + sandbox.webhooks.sent.length);
  });
});

describe('a disk that SQLite itself calls full', () => {
  let dataDir: string;
  let db: Database.Database;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
    db = openForWriting(dataDir, 'inbox');
    db.exec('CREATE TABLE kept (body BLOB)');
  });
  afterEach(() => {
    db.close();
    rmSync(dataDir, { recursive: true });
  });

  test('refuses everybody who shared the commit, since it ended the whole of it; and the next one begins anew', async () => {
    const write = createGroupCommit(db);
    const insert = db.prepare('INSERT INTO kept VALUES (?)');
    const keep = (bytes: number) => write(() => insert.run(randomBytes(bytes)).changes);
    const kept = () => db.prepare('SELECT count(*) FROM kept').pluck().get();
    const pages = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${pages + 4}`);
    const shared = await Promise.allSettled([keep(10), keep(1_000_000), keep(10)]);
    expect(shared.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(shared[0]).toMatchObject({ reason: { code: 'SQLITE_FULL' } });
    expect(kept()).toBe(0);
    expect(await keep(10)).toBe(1);
    db.pragma('max_page_count = 1000000');
    expect(await keep(1_000_000)).toBe(1);
    expect(kept()).toBe(2);
  });
});

test('what a worker has done counts as done only when the disk has it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  prepareMirror(dataDir);
  let refusals = 1;
  const pool = createPool({
    config: readConfig(environment(dataDir)),
    secretKeys: ['a key of sixteen characters'],
    now: Date.now,
    flush: async () => {
      refusals -= 1;
      if (refusals >= 0) throw Object.assign(new Error('The disk is full.'), { code: 'ENOSPC' });
    },
  });
  const claim = {
    task: 1,
    key: { source: 'ridewithgps', account: '1', type: 'trip', id: '7' },
    seq: 1,
    attempts: 1,
    origin: 'webhook',
    action: 'updated',
    announcesDeletion: false,
    firstLearntAt: 0,
    lastLearntAt: 0,
    notifications: 1,
    webhook: null,
    claimedAt: 0,
  } as const;
  expect(await pool.fetch(claim)).toEqual({ kind: 'storage-down', reason: 'The disk is full.' });
  expect(await pool.fetch(claim)).toEqual({ kind: 'nobody' });
  const ref = { source: 'ridewithgps', account: '1' } as const;
  for (const work of [() => pool.renewToken(ref, 'stale'), () => pool.call('accounts', 'setState', [ref, 'active'])]) {
    refusals = 1;
    await expect(work()).rejects.toMatchObject({ code: 'ENOSPC' });
    await work();
  }
  await pool.close();
  rmSync(dataDir, { recursive: true });
});

describe('a data folder that may only be read', () => {
  /** Root may write everywhere, unless it gives that right away. */
  const under = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override'] : [];

  test.each<[string, (folder: string) => Promise<void>]>([
    ['empty', async () => {}],
    [
      'with what was stored before',
      async (folder) => {
        const { signal, ended } = await serve(folder);
        signal('SIGTERM');
        await ended;
      },
    ],
  ])('%s, is named in a sentence with what to do', async (_, prepare) => {
    const folder = join(program.folder, 'read-only');
    mkdirSync(folder);
    await prepare(folder);
    chmodSync(folder, 0o555);
    const { code, stdout, stderr } = await program.run(['serve'], environment(folder), under);
    chmodSync(folder, 0o755);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/cannot be (written|opened)/);
    expect(stderr).toMatch(/DATA_DIR/);
    expect(stderr).toMatch(/user that runs Slipstream/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('a database that another program has locked', () => {
  let here: Installation;
  let ahead = 0;
  beforeEach(async () => {
    ahead = 0;
    here = await startInstallation({ appNow: () => Date.now() + ahead, env: { WORKER_THREADS: '1' } });
  });
  afterEach(() => here.close());

  const timed = async (work: () => Promise<Response>) => {
    const began = performance.now();
    const { status } = await work();
    return { status, ms: performance.now() - began };
  };

  test('the inbox: webhooks are refused within their second, everything else goes on, and it heals', async () => {
    const browser = await here.connect();
    const [trip = 0] = here.sandbox.world.items(1, 'trip').map(({ id }) => id);
    const send = () => timed(() => deliver(webhookUrl(here.app), bodyOf(notification({ item_id: trip }))));
    const unlock = await lock(join(here.dataDir, 'inbox.db'));
    here.sandbox.world.edit('trip', trip, { name: 'Told at last' }, { silent: true });

    const first = send();
    // The thread does not stand still meanwhile.
    const health = await timed(() => fetch(`${here.app.url}/healthz`));
    const { status, ms } = await first;
    expect(health.status).toBe(200);
    expect(health.ms).toBeLessThan(ms / 2);
    expect(status).toBe(503);
    expect(ms).toBeLessThan(BUSY_MS);
    // Whoever comes late is not made to wait for what is known to take long.
    const second = await send();
    expect(second.status).toBe(503);
    expect(second.ms).toBeLessThan(ms / 2);
    for (const page of ['/library', '/sync', `/trips/${trip}`]) expect((await browser.get(page)).status).toBe(200);

    await unlock();
    expect((await send()).status).toBe(200);
    await here.settled();
    expect(await nameOf(browser, trip)).toBe('Told at last');
    expect(await letters(browser)).toEqual([]);
  });

  test('the inbox for a moment: the webhook is acknowledged all the same', async () => {
    await here.connect();
    const unlock = await lock(join(here.dataDir, 'inbox.db'));
    const answer = timed(() => deliver(webhookUrl(here.app), bodyOf(notification())));
    await new Promise((resolve) => setTimeout(resolve, 150));
    await unlock();
    expect((await answer).status).toBe(200);
  });

  test('the mirror: webhooks are taken, pages show what is there, no attempt is spent, and it heals', async () => {
    const browser = await here.connect();
    const [trip = 0] = here.sandbox.world.items(1, 'trip').map(({ id }) => id);
    const unlock = await lock(join(here.dataDir, 'mirror.db'));
    here.sandbox.world.edit('trip', trip, { name: 'Stored at last' });
    const taken = await timed(() => deliver(webhookUrl(here.app), bodyOf(notification({ item_id: trip }))));
    expect(taken.status).toBe(200);
    expect(taken.ms).toBeLessThan(BUSY_MS);
    const inbox = new Database(join(here.dataDir, 'inbox.db'), { readonly: true });
    const refused = inbox.prepare("SELECT attempts FROM tasks WHERE state = 'pending' AND last_error LIKE '%locked%'");
    await until(() => refused.all().length === 1, 10_000);
    expect(refused.get()).toEqual({ attempts: 0 });
    inbox.close();
    for (const page of ['/library', '/sync', `/trips/${trip}`]) expect((await browser.get(page)).status).toBe(200);
    expect((await browser.json<SyncReport>('/api/v1/sync')).queue).toMatchObject({ dead: 0 });

    await unlock();
    ahead += 60_000;
    await here.settled();
    expect(await nameOf(browser, trip)).toBe('Stored at last');
    expect(await letters(browser)).toEqual([]);
  });
});

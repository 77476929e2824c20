import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { postgres } from '../../src/cli/doctor/postgres.ts';
import { explain } from '../../src/cli/failure.ts';
import { withStored } from '../../src/cli/stored.ts';
import { readConfig } from '../../src/config.ts';
import { assertSameKey, keyWord } from '../../src/same-key.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createSeal, secretKeysIn } from '../../src/seal.ts';
import { whileAlone } from '../../src/storage/postgres/alone.ts';
import { openBoard } from '../../src/storage/postgres/board.ts';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { shareConnections } from '../../src/storage/postgres/look.ts';
import { migrate } from '../../src/storage/postgres/migrate.ts';
import { openSession } from '../../src/storage/postgres/session.ts';
import { openStore } from '../../src/storage/postgres/store.ts';
import { command } from '../cli/in-process.ts';
import { createProgram, type Program, type Ran, type Running } from '../cli/program.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';
import { authorize, createBrowser, type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';

const [FORMER, FRESH] = ['the-former-secret-key-1', 'the-fresh-secret-key-22'] as const;
const CLIENT = { apiKey: 'cli-key', clientId: 'cli-id', clientSecret: 'cli-secret-of-the-tests' };
const ROBIN = { source: 'ridewithgps', account: '1' } as const;

let url: string;
let db: Database;
let program: Program;
let opened: AsyncDisposableStack;
beforeAll(async () => {
  url = (await freshDatabase()).url;
  db = openDatabase(url, { most: 2 });
  // Three of them are shared by several tests.
  program = createProgram(300_000);
});
afterEach(async () => {
  await opened?.disposeAsync();
  opened = new AsyncDisposableStack();
});
afterAll(async () => {
  program.close();
  await db.close();
  await stopPostgres();
});

/** A database with nothing in it, not even our tables. */
async function emptyDatabase(): Promise<string> {
  const name = `empty_${Math.random().toString(36).slice(2)}`;
  await db.run(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  return at({ pathname: `/${name}` });
}

const at = (parts: Partial<URL>): string => Object.assign(new URL(url), parts).href;

/** What is said to the person who asks for what is stored there. */
const saidOf = (databaseUrl: string): Promise<string> =>
  withStored({ dataDir: '/nowhere', databaseUrl }, async ({ accounts }) => JSON.stringify(await accounts.list())).catch(
    (error: unknown) => explain(error, undefined),
  );

describe('what is stored', () => {
  test('is looked for in the database, and what is wrong with that is said without the password', async () => {
    expect(await saidOf(url)).toBe('[]');
    const closed = 'postgres://slipstream:hush-hush@127.0.0.1:1/slipstream';
    expect(await saidOf(closed)).toMatch(/^Nobody listens where DATABASE_URL points to\. Start PostgreSQL/);
    expect(await saidOf(closed.replace('127.0.0.1', 'localhost'))).toMatch(/^Nobody listens where DATABASE_URL/);
    expect(await saidOf(at({ password: 'hush-hush' }))).toMatch(/^PostgreSQL refuses the user or the password/);
    expect(await saidOf(at({ search: '?sslmode=verify-full' }))).toMatch(/^PostgreSQL takes no encrypted connections/);
    expect(await saidOf(at({ pathname: '/nothing' }))).toMatch(/^The database that DATABASE_URL names does not exist/);
    expect(await saidOf(await emptyDatabase())).toMatch(/^There is no library in the database in DATABASE_URL yet/);
  });

  test('by another version is said to be so', async () => {
    const other = await emptyDatabase();
    const { to } = await migrate(other);
    const there = openDatabase(other, { most: 1 });
    await there.run('DELETE FROM migrations WHERE number = @to', { to });
    expect(await saidOf(other)).toMatch(/^The database .* earlier version of Slipstream. Run "slipstream migrate"/);
    await there.run("INSERT INTO migrations (number, name) VALUES (9999, 'later')");
    expect(await saidOf(other)).toMatch(/written by a newer Slipstream \(its version is 9999/);
    await there.close();
  });
});

describe('doctor', () => {
  const config = readConfig({ DATABASE_URL: 'postgres://unused', SECRET_KEY: FORMER });
  const verdicts = async (of: string) =>
    Object.fromEntries((await postgres(config, of)).map((verdict) => [verdict.check, verdict]));

  test('says of a good server what it is, and of one that forgets at a power cut that it breaks the first promise', async () => {
    const empty = await emptyDatabase();
    const before = await verdicts(empty);
    expect(before.PostgreSQL?.message).toMatch(/answers\. It is PostgreSQL \d+\.\d+; no process is at work on it\.$/);
    expect(before.PostgreSQL?.message).not.toContain(new URL(url).password);
    expect(before).toMatchObject({ tables: { status: 'ok' }, connections: { status: 'ok' } });
    expect(before).not.toHaveProperty('connection');
    expect(before).not.toHaveProperty('encoding');
    expect(before).not.toHaveProperty('same key');

    const there = openDatabase(empty, { most: 1 });
    const { fsync = '' } = (await there.get<{ fsync: string }>('SHOW fsync')) ?? {};
    await there.run(`ALTER DATABASE ${new URL(empty).pathname.slice(1)} SET synchronous_commit = off`);
    const after = await verdicts(empty);
    expect(after.durability).toMatchObject({ status: 'failed' });
    expect(after.durability?.message).toMatch(/synchronous_commit is off: .*acknowledged webhooks away\. Set it to on/);
    expect(after.durability?.message.includes('fsync is off')).toBe(fsync === 'off');
    expect(after.durability?.message).not.toContain('full_page_writes');
    await there.close();
  });

  test('knows another key, and counts who is at work', async () => {
    const session = openSession(url);
    const board = await openBoard(db, session);
    const others: unknown[] = [];
    await assertSameKey(board, createSeal([FORMER]), (error) => others.push(error));
    expect(await verdicts(url)).toMatchObject({
      'same key': { status: 'ok' },
      PostgreSQL: { message: expect.stringMatching(/one process is at work on it/) },
    });
    await expect(assertSameKey(board, createSeal([FRESH]), () => {})).rejects.toThrow('another SECRET_KEY');
    await assertSameKey(board, createSeal([FRESH, FORMER]), () => {});

    // Changed under the hands of a process that was away.
    await board.put('key', keyWord(createSeal([FRESH])));
    await until(() => others.length === 1);
    expect(await verdicts(url)).toMatchObject({ 'same key': { status: 'failed' } });
    await board.put('key', undefined);
    await board.close();
    await session.close();
  });

  test('knows a pooler that hands out connections by the transaction', async () => {
    const [one, other] = [openDatabase(url, { most: 1 }), openDatabase(url, { most: 1 })];
    expect(await shareConnections(one, other)).toBe(false);
    // As such a pooler does: both have whatever connection is free.
    expect(await shareConnections(db, db)).toBe(true);
    await one.close();
    await other.close();
  });

  test('says why a server cannot be used', async () => {
    expect(await postgres(config, at({ password: 'hush-hush' }))).toEqual([
      { check: 'PostgreSQL', status: 'failed', message: expect.stringMatching(/refuses the user or the password/) },
    ]);
  });
});

test('who changes everything is alone: nobody starts meanwhile, and nobody is at work', async () => {
  const done = await whileAlone(url, async () => {
    await expect(openStore(url)).rejects.toThrow('A command is changing the database');
    await expect(whileAlone(url, async () => 'two')).rejects.toThrow('Another command is changing');
    return 'one';
  });
  expect(done).toBe('one');
  const store = await openStore(url);
  await expect(whileAlone(url, async () => 'two')).rejects.toThrow('A Slipstream is at work on the database');
  await store.close();
  expect(await whileAlone(url, async () => 'two')).toBe('two');
});

describe('with several processes', () => {
  let sandbox: Sandbox;
  let first: Running;
  let second: Running;
  let worker: Running;
  let urls: string[];
  const LISTENING = /"url":"(http:[^"]+)".*"msg":"Slipstream is (?:listening|working)"/;

  beforeAll(async () => {
    sandbox = await startSandbox({
      clients: [CLIENT],
      riders: [{ id: 1, name: 'Robin Field', routes: 1, trips: 2, points: 40 }],
    });
    first = start('receive');
    const [, one = ''] = await first.until(LISTENING);
    [second, worker] = [start('receive'), start('work')];
    const [, two = ''] = await second.until(LISTENING);
    const [, three = ''] = await worker.until(LISTENING);
    urls = [one, two, three];
  });
  afterAll(() => sandbox.close());

  const environment = () => ({
    DATABASE_URL: url,
    SECRET_KEY: FORMER,
    PORT: '0',
    PUBLIC_URL: 'https://rides.example',
    WORKER_THREADS: '1',
    RECONCILE_CRON: 'off',
    AUDIT_CRON: 'off',
    RWGPS_BASE_URL: sandbox.url,
    RWGPS_API_KEY: CLIENT.apiKey,
    RWGPS_CLIENT_ID: CLIENT.clientId,
    RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
  });
  const start = (role: string, over = {}) => program.start([role], { ...environment(), ...over });
  const data = () => join(program.folder, 'data');
  const run = (args: string[], over = {}): Promise<Ran> =>
    command(args, { DATA_DIR: data(), ...environment(), ...over });
  const answer = async (...args: string[]) => JSON.parse((await run([...args, '--json'])).stdout);
  const names = async () => (await db.all<{ name: string }>('SELECT name FROM board')).map(({ name }) => name);

  test('the set-up code is one, whichever prints it and whichever is asked, until somebody is in', async () => {
    const pattern = /Set-up code: (\d{4}-\d{4})/;
    const [[, code = ''], [, other]] = await Promise.all([first.until(pattern), second.until(pattern)]);
    expect(other).toBe(code);
    const browser = createBrowser(urls[1] ?? '');
    expect((await browser.get('/connect/ridewithgps?setup_code=0000-0000')).status).toBe(403);
    const away = await browser.get(`/connect/ridewithgps?setup_code=${code}`);
    const back = new URL(await authorize(away.headers.get('location') ?? '', 1));
    // Begun at the second, ended at the first.
    const ending = createBrowser(urls[0] ?? '');
    for (const cookie of browser.cookies) ending.cookies.set(...cookie);
    expect((await ending.get(`${back.pathname}${back.search}`)).status).toBe(303);
    expect((await ending.get('/sync')).status).toBe(200);
    expect(await names()).not.toContain('set-up code');
    await until(async () => (await answer('accounts'))[0]?.items.active === 3, 30_000);
  });

  test('each command answers from the database, with a process beside it or not', async () => {
    const elsewhere = { DATA_DIR: join(program.folder, 'elsewhere') };
    const [here, there, records, why, letters, exported] = await Promise.all([
      run(['status', '--json']),
      run(['status', '--json'], elsewhere),
      run(['records', 'ridewithgps']),
      run(['why', 'trips/1'], elsewhere),
      run(['dead-letters'], elsewhere),
      run(['export', '--json', '--out', join(program.folder, 'files')], elsewhere),
    ]);
    expect(JSON.parse(here.stdout)).toMatchObject({ running: true, accounts: [{ user_id: '1' }] });
    expect(JSON.parse(there.stdout)).toEqual({ ...JSON.parse(here.stdout), running: false });
    expect(records).toMatchObject({ code: 0 });
    expect(why).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Trip 1/) });
    expect(letters).toMatchObject({ code: 0, stdout: 'Nothing needs you.\n' });
    expect(JSON.parse(exported.stdout)).toMatchObject({ written: 3 });
  });

  test('what needs a process says where to ask, what must be alone says who is in the way', async () => {
    const [link, kept, doctor] = await Promise.all([
      run(['login-link'], { DATA_DIR: join(program.folder, 'elsewhere') }),
      run(['backup']),
      run(['doctor', '--json']),
    ]);
    const rotated = await run(['rotate-key'], { SECRET_KEY: `${FRESH},${FORMER}` });
    const rewound = await run(['restore', '--rewind']);
    expect(link).toMatchObject({ code: 1, stdout: '' });
    expect(link.stderr).toMatch(
      /No "slipstream serve" or "slipstream receive" runs here for DATA_DIR .* Run this command where/,
    );
    for (const refused of [rotated, rewound]) {
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(/A Slipstream is at work on the database .*changed nothing/);
    }
    expect(kept).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/pg_dump[\s\S]*SECRET_KEY[\s\S]*restore --rewind/),
    });
    expect(JSON.parse(doctor.stdout)).toEqual(
      expect.arrayContaining([
        { check: 'PostgreSQL', status: 'ok', message: expect.stringMatching(/3 processes are at work/) },
        expect.objectContaining({ check: 'tables', status: 'ok' }),
        expect.objectContaining({ check: 'jobs', status: 'ok', message: 'The tables of graphile-worker are there.' }),
        expect.objectContaining({ check: 'same key', status: 'ok' }),
        expect.objectContaining({ check: 'photos', status: 'ok' }),
        expect.objectContaining({ check: 'account Robin Field', status: 'ok' }),
        expect.objectContaining({ check: 'running', status: 'ok' }),
      ]),
    );
    expect(doctor.stdout).not.toMatch(/mirror\.db|inbox\.db/);
  });

  test('one of them answers the commands, and when it is killed another one does', async () => {
    const madeAt = () => statSync(join(data(), 'control.sock'), { throwIfNoEntry: false })?.ctimeMs;
    const made = madeAt();
    expect(await answer('login-link')).toMatchObject({ url: expect.stringMatching(/\/login\//) });
    first.signal('SIGKILL');
    await until(async () => (await run(['login-link'])).code === 0, 20_000);
    expect(madeAt()).not.toBe(made);
    expect(await answer('login-link')).toMatchObject({ url: expect.stringMatching(/\/login\//) });
    expect((await run(['reconcile', '--no-wait'])).code).toBe(0);
    // What ended in order gives it up itself, and one that comes later has it at once.
    const third = program.start(['receive', '--json'], environment());
    await third.until(/"role": "receive",\s+"url": "http/);
    expect(await ended(second)).toMatchObject({ code: 0 });
    await until(async () => (await run(['login-link'])).code === 0, 20_000);
    const { code, stdout } = await ended(third);
    expect(code).toBe(0);
    expect(stdout).not.toContain(new URL(url).password);
    expect(stdout).toMatch(/"database": "[^"@]+\/slipstream_/);
    expect(await ended(worker)).toMatchObject({ code: 0 });
    expect((await run(['login-link'])).code).toBe(1);
  });

  async function sameKey(key: string): Promise<string | undefined> {
    const config = readConfig({ ...environment(), SECRET_KEY: key });
    return (await postgres(config, url)).find(({ check }) => check === 'same key')?.status;
  }

  /** Told to stop. */
  async function ended(process: Running): Promise<Ran> {
    const began = performance.now();
    process.signal('SIGTERM');
    const ran = await process.ended;
    expect(performance.now() - began).toBeLessThan(9_000);
    return ran;
  }

  test('the first key of the list takes over, and who has the former one alone does not start', async () => {
    const before = await run(['rotate-key'], { SECRET_KEY: FRESH });
    expect(before).toMatchObject({ code: 1, stdout: '' });
    expect(before.stderr).toMatch(/key that the database is sealed with is not here, so nothing was changed/);
    const rotated = await run(['rotate-key', '--json'], { SECRET_KEY: `${FRESH},${FORMER}` });
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(rotated.stdout)).toMatchObject({ key: 'SECRET_KEY', resealed: { tokens: 1 }, unopenable: 0 });
    const refused = await start('work').ended;
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toMatch(/^This process has another SECRET_KEY than the one/);
    expect(await sameKey(FRESH)).toBe('ok');
    expect(await sameKey(FORMER)).toBe('failed');
  });

  test('a key in the data folder is made anew; one that is lost is left behind by a word of the operator', async () => {
    const none = { SECRET_KEY: '' };
    expect((await run(['rotate-key'], none)).stderr).toMatch(/is not here, so nothing was changed/);
    writeFileSync(join(data(), 'secret.key'), `${FRESH}\n`, { mode: 0o600 });
    const rotated = await run(['rotate-key', '--json'], none);
    expect(JSON.parse(rotated.stdout)).toMatchObject({ key: 'secret.key', resealed: { tokens: 1 }, unopenable: 0 });
    const keys = secretKeysIn(data());
    expect(keys).toHaveLength(1);
    expect(keys).not.toContain(FRESH);

    const lost = await run(['rotate-key', '--lost'], { SECRET_KEY: FORMER });
    expect(lost).toMatchObject({ code: 1, stdout: expect.stringMatching(/1 cannot be opened .*connect again/) });
    expect(await sameKey(FORMER)).toBe('ok');
  });
});

describe('a dump that was put back', () => {
  let here: Installation;
  let copy: string;
  beforeAll(async () => {
    here = await startInstallation({
      env: { DATABASE_URL: (await freshDatabase()).url, SECRET_KEY: FORMER, RECONCILE_CRON: '0 0 1 1 *' },
    });
  });
  afterAll(() => here.close());

  const name = (of: string) => new URL(of).pathname.slice(1);
  const sequence = async (of: string): Promise<number> => {
    const client = new pg.Client({ connectionString: of });
    await client.connect();
    const { rows } = await client.query('SELECT last_value FROM fetch_sequence');
    await client.end();
    return Number(rows[0].last_value);
  };

  test('catches up with everything that happened since, and its fetches come after all that were', async () => {
    const browser = await here.connect();
    const { world } = here.sandbox;
    const [edited, deleted] = world.items(1, 'trip');
    const original = here.environment.DATABASE_URL ?? '';
    await here.app.auditor.audit(ROBIN);
    await here.app.close();
    copy = at({ pathname: `/${name(original)}_copy` });
    await db.run(`CREATE DATABASE ${name(copy)} TEMPLATE ${name(original)}`);

    await here.restart();
    world.edit('trip', edited?.id ?? 0, { name: 'After the dump' });
    await here.settled();
    await here.app.close();
    world.edit('trip', edited?.id ?? 0, { name: 'After the fire' }, { silent: true });
    world.remove('trip', deleted?.id ?? 0, { silent: true });

    const there = openDatabase(copy, { most: 1 });
    await there.run("INSERT INTO board (name, value) VALUES ('trouble ridewithgps 1', '{}')");
    await there.run("SELECT graphile_worker.add_job('prune')");
    await there.run("UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'who is gone'");
    const ran = await command(['restore', '--rewind'], { DATABASE_URL: copy });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/1 account catches up from where the backup was made .*Everybody is signed out/);
    expect(ran.stdout).not.toContain(new URL(url).password);
    expect(await there.all('SELECT name FROM board')).toEqual([{ name: 'key' }]);
    expect(await there.all('SELECT 1 FROM graphile_worker.jobs WHERE locked_by IS NOT NULL')).toEqual([]);
    expect(await there.all('SELECT 1 FROM accounts WHERE last_audit_at IS NULL AND cursor IS NOT NULL')).toHaveLength(
      1,
    );
    expect(await sequence(copy)).toBeGreaterThan((await sequence(original)) + 1_000_000);
    await there.close();

    here.environment.DATABASE_URL = copy;
    await here.restart();
    const stored = (id: number | undefined) => here.app.library.find(1, 'trip', String(id));
    await until(async () => (await stored(deleted?.id))?.state === 'deleted', 30_000);
    await here.settled();
    expect((await stored(edited?.id))?.name).toBe('After the fire');
    const again = createBrowser(here.app.url);
    for (const cookie of browser.cookies) again.cookies.set(...cookie);
    expect((await again.get('/api/v1/trips')).status).toBe(401);
  });

  test('without --rewind it is said how, and with SQLite that it is nothing for it', async () => {
    const [folder, plain, sqlite] = await Promise.all([
      command(['restore', 'some-folder'], { DATABASE_URL: copy }),
      command(['restore'], { DATABASE_URL: copy }),
      command(['restore', '--rewind'], {}),
    ]);
    for (const refused of [folder, plain]) {
      expect(refused).toMatchObject({ code: 1, stdout: '' });
      expect(refused.stderr).toMatch(/^Nothing was changed[\s\S]*pg_restore[\s\S]*restore --rewind/);
    }
    expect(sqlite).toMatchObject({ code: 1, stderr: expect.stringMatching(/--rewind is for PostgreSQL/) });
  });

  test('what troubled an account goes from the board with the account', async () => {
    const there = openDatabase(here.environment.DATABASE_URL ?? '', { most: 1 });
    for (const each of ['trouble', 'silent', 'circuit'])
      await there.run(`INSERT INTO board (name, value) VALUES ('${each} ridewithgps 1', 'null')`);
    const { connect, accounts } = here.app;
    const robin = await accounts.find(ROBIN);
    if (robin) await connect.disconnect(robin, 'erase');
    const left = await there.all<{ name: string }>("SELECT name FROM board WHERE name LIKE '% ridewithgps 1'");
    expect(left).toEqual([]);
    await there.close();
  });
});

test('migrate makes the tables of a new database, and says so', async () => {
  const DATABASE_URL = await emptyDatabase();
  const ran = await command(['migrate', '--json'], { DATABASE_URL, DATA_DIR: join(program.folder, 'none') });
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ran.stdout)).toEqual([{ database: 'postgres', from: 0, to: expect.any(Number) }]);
  expect(await saidOf(DATABASE_URL)).toBe('[]');
});

test.each(['receive', 'work'])('%s without DATABASE_URL says what is missing', async (role) => {
  const { code, stdout, stderr } = await command([role], {});
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/did not start: .*DATABASE_URL is not set\.\nWith SQLite one process does everything/);
});

import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBrowser, type Installation, startInstallation, webhookUrl } from '../support/slipstream.ts';
import { deliver } from '../support/webhook.ts';
import { command } from './in-process.ts';
import { createProgram, type Program, type Ran } from './program.ts';

let here: Installation;
let program: Program;

beforeAll(async () => {
  program = createProgram();
  here = await startInstallation();
  await here.connect();
});
afterAll(async () => {
  program.close();
  await here.close();
});

const environment = () => ({ DATA_DIR: here.dataDir, RWGPS_BASE_URL: here.sandbox.url });
const slipstream = (...args: string[]): Promise<Ran> => command(args, environment());

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await slipstream(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

describe('while Slipstream runs', () => {
  test('status says how every account is doing, and that it runs', async () => {
    const report = await json<{ running: boolean; accounts: object[]; queue: object }>('status');
    expect(report).toMatchObject({
      running: true,
      accounts: [{ user_id: '1', state: 'active', backfill: { done: 6, total: 6 } }],
      queue: { pending: 0, dead: 0 },
    });
    // As somebody would type it.
    const { code, stdout, stderr } = await program.run(['status'], environment());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Slipstream is running[\s\S]*Robin Field[\s\S]*6 of 6/);
    expect(JSON.parse((await program.run(['status', '--json'], environment())).stdout)).toMatchObject({
      running: true,
    });
  });

  test('accounts lists them with state, mode and counts', async () => {
    const [account] = await json<object[]>('accounts');
    expect(account).toMatchObject({
      user_id: '1',
      name: 'Robin Field',
      owner: true,
      state: 'active',
      items: { active: 6, hidden: 0, deleted: 0 },
    });
    expect((await slipstream('accounts')).stdout).toMatch(/1 +Robin Field +active +\w+ +6 +0 +0 +owner/);
  });

  test('a login link opens a session once, also while the provider is down', async () => {
    here.sandbox.faults.set({ down: true });
    const { url } = await json<{ url: string }>('login-link');
    const { pathname } = new URL(url);
    const browser = createBrowser(here.app.url);
    expect((await browser.get(pathname)).headers.get('location')).toBe('/library');
    expect((await browser.get('/library')).status).toBe(200);
    const again = createBrowser(here.app.url);
    expect((await again.get(pathname)).status).toBeGreaterThanOrEqual(400);
    expect((await again.get('/library')).headers.get('location')).toBe('/');
    here.sandbox.faults.clear();
  });

  test('an account that does not exist is named, with those that do', async () => {
    const { code, stderr } = await program.run(['login-link', '--account', '77'], environment());
    expect(code).toBe(1);
    expect(stderr).toMatch(/no account 77\. There is: 1 \(Robin Field\)/);
  });

  test('a token works from its making to its revoking', async () => {
    const { id, token } = await json<{ id: number; token: string }>('token', 'create', 'a script');
    const asked = () => fetch(`${here.app.url}/api/v1/trips`, { headers: { authorization: `Bearer ${token}` } });
    expect((await asked()).status).toBe(200);
    const listed = await slipstream('token', 'list');
    expect(listed.stdout).toMatch(new RegExp(`${id} +a script +1 `));
    expect(listed.stdout).not.toContain(token);
    await json('token', 'revoke', String(id));
    expect((await asked()).status).toBe(401);
    expect((await slipstream('token', 'revoke', String(id))).stderr).toMatch(/There is no token/);
  });

  test('a token needs no name of its own', async () => {
    const made = await slipstream('token', 'create');
    expect(made.stdout).toMatch(/^[\w-]{43}\n$/);
    const [listed] = await json<{ id: number; name: string }[]>('token');
    expect(listed?.name).toBe('command line');
    await slipstream('token', 'revoke', String(listed?.id));
  });

  test('reconcile fetches what no webhook announced, and waits until it is here', async () => {
    const [trip] = here.sandbox.world.items(1, 'trip');
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Told by nobody' }, { silent: true });
    const [done] = await json<object[]>('reconcile');
    expect(done).toMatchObject({ account: '1', ok: true, message: 'caught up with Ride With GPS.' });
    const stored = (await here.app.library.find(1, 'trip', String(trip?.id)))?.name;
    expect(stored).toBe('Told by nobody');
  });

  test('audit says how much it compared', async () => {
    expect((await slipstream('audit')).stdout).toMatch(/^Robin Field: 6 items compared, /);
  });

  test('reconcile says so when the provider does not answer', async () => {
    here.sandbox.faults.set({ down: true });
    const { code, stdout } = await slipstream('reconcile', '--timeout', '3');
    here.sandbox.faults.clear();
    expect(code).toBe(1);
    expect(stdout).toMatch(/gave no usable answer in time.*slipstream doctor/);
  });

  test('with --no-wait it only asks', async () => {
    expect((await slipstream('audit', '--no-wait')).stdout).toMatch(/asked for; "slipstream status" shows/);
  });

  test('a dead letter is listed with its reason, and replaying what stays unreadable says so', async () => {
    expect((await slipstream('dead-letters')).stdout).toBe('Nothing needs you.\n');
    const body = '{"notifications": nonsense}';
    const answer = await deliver(webhookUrl(here.app), body);
    expect(answer.status).toBe(400);
    const [letter] = await json<{ id: number; kind: string; sentence: string }[]>('dead-letters');
    expect(letter).toMatchObject({ kind: 'delivery' });
    expect((await slipstream('dead-letters')).stdout).toContain(letter?.sentence);

    const replayed = await slipstream('replay', '--all');
    expect(replayed.code).toBe(1);
    expect(replayed.stdout).toMatch(new RegExp(`^${letter?.id}: .*still not readable`));
    expect((await slipstream('replay', '9999')).stderr).toMatch(/no dead letter 9999/);
  });

  test('migrate leaves the files to the running program, and says their versions', async () => {
    const migrated = JSON.parse((await slipstream('migrate', '--json')).stdout);
    expect(migrated).toEqual([
      { database: 'inbox', from: expect.any(Number), to: expect.any(Number) },
      { database: 'mirror', from: expect.any(Number), to: expect.any(Number) },
    ]);
    for (const { from, to } of migrated) expect(from).toBe(to);
  });
});

describe('export', () => {
  const out = () => join(program.folder, 'rides');
  const exportThem = (...args: string[]) => slipstream('export', '--out', out(), ...args);
  const files = (folder: string) => readdirSync(join(out(), folder)).sort();

  test('writes every item under its date, name and id', async () => {
    const { code, stdout } = await program.run(['export', '--out', out()], environment());
    expect(code).toBe(0);
    expect(stdout).toMatch(/^6 written, 0 were there already/);
    expect(files('trips')).toHaveLength(4);
    expect(files('routes')).toHaveLength(2);
    for (const file of files('trips')) expect(file).toMatch(/^\d{4}-\d\d-\d\d .+ \d+\.gpx$/);
    const [first = ''] = files('trips');
    expect(readFileSync(join(out(), 'trips', first), 'utf8')).toMatch(/<gpx [\s\S]+<trkpt /);
    expect(statSync(out()).mode & 0o077).toBe(0);
  });

  test('goes on where it was, and writes again only what is new', async () => {
    const [trip] = here.sandbox.world.items(1, 'trip');
    expect((await exportThem()).stdout).toMatch(/^0 written, 6 were there already/);
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Renamed since' });
    await here.settled();
    expect((await exportThem()).stdout).toMatch(/^1 written, 5 were there already/);
    expect(files('trips')).toHaveLength(4);
    expect(files('trips').filter((file) => file.includes('Renamed since'))).toHaveLength(1);
  });

  test("never writes over a file that is somebody else's or was changed since", async () => {
    const [first = ''] = files('trips');
    const path = join(out(), 'trips', first);
    writeFileSync(path, 'my own notes');
    utimesSync(path, new Date(), new Date());
    expect((await exportThem()).stdout).toMatch(/^1 written/);
    expect(readFileSync(path, 'utf8')).toBe('my own notes');
    expect(existsSync(path.replace('.gpx', ' (2).gpx'))).toBe(true);
    expect((await exportThem()).stdout).toMatch(/^0 written, 6 were there/);
  });

  test('knows the other formats, and answers with JSON', async () => {
    const counts = await json<object>('export', '--out', out(), '--format', 'geojson', '--type', 'routes');
    expect(counts).toMatchObject({ written: 2, there: 0, out: out() });
    const [file = ''] = files('routes').filter((each) => each.endsWith('.geojson'));
    expect(JSON.parse(readFileSync(join(out(), 'routes', file), 'utf8'))).toMatchObject({ type: 'FeatureCollection' });
  });
});

describe('while Slipstream does not run', () => {
  beforeAll(() => here.app.close());

  test('status shows what is stored, and says that it is that', async () => {
    expect(await json('status')).toMatchObject({ running: false, accounts: [{ user_id: '1' }] });
    expect((await slipstream('status')).stdout).toMatch(/Slipstream is not running for .*; this is what is stored/);
  });

  test.each([['login-link'], ['reconcile'], ['audit'], ['token create x'], ['replay --all']])(
    '%s says that it needs the running program, and how to start it',
    async (words) => {
      const { code, stderr } = await slipstream(...words.split(' '));
      expect(code).toBe(1);
      expect(stderr).toMatch(/Slipstream is not running for DATA_DIR \/.*Start it with npm start/);
      expect(stderr).not.toMatch(/\n +at /);
    },
  );

  test('the library can still be listed and exported', async () => {
    expect(await json<object[]>('accounts')).toHaveLength(1);
    expect((await slipstream('export', '--out', join(program.folder, 'again'), '--format', 'json')).code).toBe(0);
  });

  test('a folder without a library is named', async () => {
    const { code, stderr } = await program.run(['accounts']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/There is no library in DATA_DIR/);
  });

  test('migrate makes the databases of a new folder', async () => {
    const { code, stdout } = await program.run(['migrate']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/inbox\.db was made, at version \d+\.\nmirror\.db was made/);
    expect((await program.run(['accounts'])).stdout).toMatch(/No account is connected yet/);
  });
});

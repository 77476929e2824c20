import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { networkFileSystem } from '../../src/cli/doctor/file-systems.ts';
import type { Verdict } from '../../src/cli/doctor/verdict.ts';
import type { Environment } from '../../src/config.ts';
import type { Shape } from '../support/mvt.ts';
import { archiveOf } from '../support/pmtiles.ts';
import { type Installation, startInstallation } from '../support/slipstream.ts';
import { command } from './in-process.ts';
import { createProgram, type Program, type Ran } from './program.ts';

let here: Installation;
let program: Program;
let proxies: Server[];

beforeAll(async () => {
  program = createProgram();
  here = await startInstallation();
  await here.connect();
});
beforeEach(() => {
  proxies = [];
});
afterEach(() => {
  for (const proxy of proxies) proxy.close();
  here.sandbox.faults.clear();
});
afterAll(async () => {
  program.close();
  await here.close();
});

type Ask = (args: readonly string[], environment: Environment) => Promise<Ran>;

async function doctor(
  environment: Environment = {},
  ask: Ask = command,
): Promise<{ code: Ran['code']; of(check: string): Verdict }> {
  const { code, stdout } = await ask(['doctor', '--json'], {
    ...here.environment,
    PUBLIC_URL: here.app.url,
    ...environment,
  });
  const verdicts = JSON.parse(stdout) as Verdict[];
  return {
    code,
    of(check) {
      const found = verdicts.find((verdict) => verdict.check.startsWith(check));
      if (!found) throw new Error(`There is no check ${check} in ${stdout}`);
      return found;
    },
  };
}

/** Something else that answers where PUBLIC_URL leads. */
async function proxy(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  proxies.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

describe('doctor', () => {
  test('finds nothing wrong where nothing is', async () => {
    const { code, of } = await doctor({}, program.run);
    expect(code).toBe(0);
    for (const check of [
      'node',
      'configuration',
      'pages',
      'data folder',
      'inbox.db',
      'mirror.db',
      'photos',
      'secret key',
    ]) {
      expect(of(check)).toMatchObject({ check, status: 'ok' });
    }
    for (const check of ['provider', 'clock', 'API client', 'account Robin', 'running', 'test delivery']) {
      expect(of(check)).toMatchObject({ status: 'ok' });
    }
    expect(of('test delivery').message).toMatch(/acknowledged after \d+ ms/);
    // It is a loopback address, and no webhook ever came.
    expect(of('public address')).toMatchObject({ status: 'warning' });
    expect(of('webhooks Robin')).toMatchObject({ status: 'warning' });
  });

  test('for people each check is a line with its sign', async () => {
    const { stdout, code } = await program.run(['doctor'], { RWGPS_BASE_URL: here.sandbox.url });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✓ node: /m);
    expect(stdout).toMatch(/^✗ configuration: RWGPS_API_KEY is not set/m);
    expect(stdout).toMatch(/^! running: /m);
  });

  test('a wrong variable is named, and what depends on it is not checked', async () => {
    const { code, of } = await doctor({ AUDIT_CRON: 'at night' });
    expect(code).toBe(1);
    expect(of('configuration').message).toMatch(/AUDIT_CRON: must be five cron fields/);
    expect(() => of('provider')).toThrow();
  });

  test('a wrong secret is told from both ends', async () => {
    const { code, of } = await doctor({ RWGPS_CLIENT_SECRET: 'not-the-one-it-runs-with' });
    expect(code).toBe(1);
    expect(of('API client')).toMatchObject({ status: 'failed' });
    expect(of('API client').message).toMatch(/does not accept RWGPS_CLIENT_ID with RWGPS_CLIENT_SECRET/);
    expect(of('test delivery').message).toMatch(/answered 401\. .*another secret/);
  });

  test('an auth token is tried', async () => {
    const token = here.sandbox.world.issueToken(1, here.client.apiKey);
    expect((await doctor({ RWGPS_AUTH_TOKEN: token })).of('auth token')).toMatchObject({ status: 'ok' });
    expect((await doctor({ RWGPS_AUTH_TOKEN: 'wrong' })).of('auth token')).toMatchObject({ status: 'failed' });
  });

  test('a provider that is down, and one that is something else', async () => {
    here.sandbox.faults.set({ down: true });
    const down = await doctor();
    expect(down.code).toBe(1);
    expect(down.of('provider').message).toMatch(/could not be reached.*What is stored can still be looked at/);
    const elsewhere = await proxy((_request, response) => response.end('<h1>Welcome</h1>'));
    expect((await doctor({ RWGPS_BASE_URL: elsewhere })).of('provider').message).toMatch(/something else is there/);
  });

  test('a clock that is wrong', async () => {
    here.sandbox.faults.set({ clockOffsetMs: 90_000 });
    const { code, of } = await doctor();
    expect(code).toBe(0);
    expect(of('clock')).toMatchObject({ status: 'warning' });
    expect(of('clock').message).toMatch(/(89|90|91) s behind/);
  });

  test('an account whose token is refused', async () => {
    await here.app.close();
    const { openMirrorForWriting } = await import('../../src/storage/sqlite/mirror.ts');
    const mirror = openMirrorForWriting(here.dataDir);
    await mirror.accountWriter.setState({ source: 'ridewithgps', account: '1' }, 'reconnect');
    await mirror.close();
    const { code, of } = await doctor();
    expect(code).toBe(1);
    expect(of('account Robin').message).toMatch(/refuses its token.*press Reconnect/);
    expect(of('test delivery').message).toMatch(/Slipstream has to run/);
    await here.restart();
    await here.connect();
  });

  test.each([
    ['a redirect', 308, /follows no redirect/],
    ['a proxy that knows no such path', 404, /does not hand \/webhooks\/ridewithgps on/],
    ['a proxy without Slipstream behind it', 502, /does not reach Slipstream/],
  ])('%s in front of it is told by what it answers', async (_, status, meaning) => {
    const url = await proxy((_request, response) =>
      response.writeHead(status, { location: 'https://elsewhere.example.org/' }).end(),
    );
    const { code, of } = await doctor({ PUBLIC_URL: url });
    expect(code).toBe(1);
    expect(of('test delivery').message).toMatch(meaning);
  });

  test('an acknowledgement that comes too late for the provider', async () => {
    const url = await proxy((_request, response) => void setTimeout(() => response.end('{}'), 1_200));
    expect((await doctor({ PUBLIC_URL: url })).of('test delivery').message).toMatch(/acknowledged after 1\d{3} ms/);
  });

  test('nobody where PUBLIC_URL leads, and a name that does not exist', async () => {
    const nobody = await doctor({ PUBLIC_URL: 'http://127.0.0.1:9' });
    expect(nobody.of('test delivery').message).toMatch(/gave no answer \(ECONNREFUSED\)\. Nobody listens there/);
    const nowhere = await doctor({ PUBLIC_URL: 'https://slipstream.invalid' });
    expect(nowhere.of('public address')).toMatchObject({ status: 'failed' });
  });

  test('a data folder that others can open, a readable key, and a damaged database', async () => {
    const data = join(program.folder, 'data');
    mkdirSync(data);
    chmodSync(data, 0o755);
    writeFileSync(join(data, 'secret.key'), 'a secret that others can read\n');
    chmodSync(join(data, 'secret.key'), 0o644);
    writeFileSync(join(data, 'inbox.db'), 'no tables at all'.repeat(100));
    const { code, of } = await doctor({ DATA_DIR: data });
    expect(code).toBe(1);
    expect(of('privacy').message).toMatch(/mode 755.*chmod 700/);
    expect(of('secret key').message).toMatch(/mode 644.*chmod 600/);
    expect(of('inbox.db').message).toMatch(/cannot be read as it should/);
    expect(of('mirror.db').message).toMatch(/does not exist yet/);
    expect(of('running')).toMatchObject({ status: 'warning' });
  });

  test('tells what a file of map tiles has in it, and that without a good one there is no start', async () => {
    const path = join(program.folder, 'roads.pmtiles');
    const road: Shape = {
      layer: 'roads',
      type: 'LineString',
      properties: {},
      points: [
        [10, 50],
        [11, 51],
      ],
    };
    writeFileSync(path, archiveOf([road], { bounds: [10, 50, 11, 51], maxZoom: 5 }));
    expect((await doctor({ MAP_TILES: path })).of('map tiles')).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/protomaps vector tiles of zoom 0 to 5, from 10\.00, 50\.00 to 11\.00, 51\.00/),
    });
    writeFileSync(path, 'no tiles');
    const { code, of } = await doctor({ MAP_TILES: path });
    expect(code).toBe(1);
    expect(of('map tiles').message).toMatch(/is no PMTiles archive.*does not start/);
  });

  test('file systems that lie across a network are known on Linux', () => {
    expect(networkFileSystem(0x6969, 'linux')).toBe('NFS');
    expect(networkFileSystem(0xff534d42 | 0, 'linux')).toBe('CIFS');
    expect(networkFileSystem(0xef53, 'linux')).toBeUndefined();
    expect(networkFileSystem(0x6969, 'darwin')).toBeUndefined();
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SyncReport } from '../../src/storage/sync.ts';
import { createBrowser } from '../support/slipstream.ts';
import { createProgram, type Program } from './program.ts';

let program: Program;
beforeEach(() => {
  program = createProgram();
});
afterEach(() => program.close());

const ANY_PORTS = { PORT: '0', SANDBOX_PORT: '0', WORKER_THREADS: '1' };

interface Facts {
  app: string;
  provider: string;
  control: string;
  refused: { file: string; reason: string }[];
}

/** With three rides of our own: a library that is here at once. */
async function startDemo(args: readonly string[] = [], environment: Record<string, string> = {}) {
  const tracks = tracksOf({ 'one.gpx': GPX, 'two.gpx': GPX, 'three.gpx': GPX });
  const running = program.start(['demo', '--json', '--tracks', tracks, ...args], { ...ANY_PORTS, ...environment });
  await running.until(/\n\}\n/);
  return { running, facts: JSON.parse(running.stdout()) as Facts };
}

describe('demo', () => {
  test('starts both, connecting works, and a change there arrives here by webhook', async () => {
    const { running, facts } = await startDemo();
    expect((await fetch(facts.control)).status).toBe(200);

    const browser = createBrowser(facts.app.replace('localhost', '127.0.0.1'));
    expect((await browser.connect()).headers.get('location')).toBe('/sync');
    await eventually(async () => {
      const [account] = (await browser.json<SyncReport>('/api/v1/sync')).accounts;
      return account !== undefined && account.backfill.total > 0 && account.backfill.done === account.backfill.total;
    });
    const { items } = await browser.json<{ items: { id: string }[] }>('/api/v1/trips?page_size=1');
    await fetch(`${facts.provider}/sandbox/api/edit`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'trip', id: Number(items[0]?.id), name: 'Edited over there' }),
    });
    await eventually(async () => {
      const { item } = await browser.json<{ item: { name: string } }>(`/api/v1/trips/${items[0]?.id}`);
      return item.name === 'Edited over there';
    });

    running.signal('SIGINT');
    expect((await running.ended).code).toBe(0);
    await expect(fetch(facts.control)).rejects.toThrow();
  });

  test('puts the other four providers beside it, and a record of each arrives', async () => {
    const { running, facts } = await startDemo(['--sources', 'all']);
    const browser = createBrowser(facts.app.replace('localhost', '127.0.0.1'));
    await browser.connect();
    for (const source of ['tradegecko', 'rye', 'pryv', 'ecovelo']) {
      await eventually(async () => {
        const { items } = await browser.json<{ items: { source: string }[] }>(`/api/v1/sources/${source}/records`);
        return items.length > 1 && items.every((item) => item.source === source);
      });
    }
    // By webhook, and not only because it was asked for.
    const metrics = await (await browser.get('/metrics')).text();
    for (const source of ['tradegecko', 'rye', 'pryv', 'ecovelo'])
      expect(metrics).toMatch(
        new RegExp(`slipstream_webhook_requests_total\\{source="${source}",status="200"\\} [1-9]`),
      );
    expect((await browser.get('/sources')).status).toBe(200);
    running.signal('SIGINT');
    expect((await running.ended).code).toBe(0);
  });

  test('names the track files that it cannot use, and goes on with the others', async () => {
    const tracks = tracksOf({ 'broken.gpx': '<gpx><trk>', 'notes.txt': 'not a track', 'loop.gpx': GPX });
    const running = program.start(['demo', '--tracks', tracks], ANY_PORTS);
    await running.until(/Ctrl-C stops both/);
    expect(running.stdout()).toMatch(/broken\.gpx: \S+/);
    expect(running.stdout()).toMatch(/notes\.txt: It is not a GPX, TCX, FIT or KML file/);
    expect(running.stdout()).not.toMatch(/loop\.gpx/);
    expect(running.stdout()).toMatch(/http:\/\/localhost:\d+[\s\S]+http:\/\/127\.0\.0\.1:\d+\/sandbox/);
  });

  test('takes the next free port when one is taken, and says so', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const taken = typeof address === 'object' && address ? address.port : 0;
    const { running, facts } = await startDemo(['--port', String(taken)]);
    other.close();
    expect(running.stderr()).toContain(`Port ${taken} is taken; Slipstream takes `);
    expect((await fetch(`${facts.app.replace('localhost', '127.0.0.1')}/healthz`)).status).toBe(200);
  });

  test('leaves a real installation alone, whatever the environment says', async () => {
    const { facts } = await startDemo([], {
      RWGPS_API_KEY: 'a-real-key',
      RWGPS_BASE_URL: 'http://127.0.0.1:9',
      PUBLIC_URL: 'https://rides.example.org',
    });
    const browser = createBrowser(facts.app.replace('localhost', '127.0.0.1'));
    expect((await browser.connect()).headers.get('location')).toBe('/sync');
    expect((await program.run(['accounts'])).stderr).toMatch(/There is no library/);
  });

  test('does not leave its sandbox behind when it is killed', async () => {
    const { running, facts } = await startDemo();
    running.signal('SIGKILL');
    await running.ended;
    await eventually(() =>
      fetch(facts.control).then(
        () => false,
        () => true,
      ),
    );
  });

  test('a folder that is not there is named, and nothing is started', async () => {
    const { code, stderr } = await program.run(['demo', '--tracks', 'nowhere'], ANY_PORTS);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The folder nowhere cannot be read/);
  });
});

function tracksOf(files: Record<string, string>): string {
  const folder = join(program.folder, 'tracks');
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + 30_000; Date.now() < limit; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('It did not come to pass within 30 seconds.');
}

const GPX = `<?xml version="1.0"?><gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Loop</name><trkseg>
${Array.from({ length: 30 }, (_, i) => `<trkpt lat="${47 + i / 1000}" lon="${8 + i / 1000}"><ele>${400 + i}</ele><time>${new Date(1.7e12 + i * 1000).toISOString()}</time></trkpt>`).join('\n')}
</trkseg></trk></gpx>`;

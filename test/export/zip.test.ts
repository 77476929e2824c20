import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import * as yauzl from 'yauzl';
import type { SignedIn, Viewer } from '../../src/http/auth.ts';
import { addExportZip, type ExportZipParts } from '../../src/http/export-zip.ts';
import type { LibraryItem } from '../../src/storage/library.ts';
import { type Browser, createBrowser, type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { readFit } from './read.ts';

describe('everything as one archive', () => {
  let here: Installation;
  let browser: Browser;

  beforeAll(async () => {
    here = await startInstallation({ riders: [{ id: 1, name: 'Robin Field', routes: 3, trips: 5, points: 30 }] });
    const [first, second] = here.sandbox.world.items(1, 'trip');
    // The same name twice, and one that leads out of any folder.
    for (const item of [first, second])
      here.sandbox.world.edit('trip', item?.id ?? 0, { name: '../../Évening <ride>' });
    browser = await here.connect();
  });
  afterAll(() => here.close());

  const zip = async (query: string) => {
    const answer = await browser.get(`/api/v1/export.zip?${query}`);
    return { answer, files: await unzip(Buffer.from(await answer.arrayBuffer())) };
  };

  test('has each item once, the file that its own address gives', async () => {
    const { answer, files } = await zip('format=gpx');
    expect(answer.headers.get('content-type')).toBe('application/zip');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename=slipstream-library-gpx.zip');
    expect(answer.headers.get('cache-control')).toMatch(/no-store/);
    const items = here.sandbox.world.items(1);
    expect(files.size).toBe(items.length);
    for (const { type, id } of items) {
      const [name, file] =
        [...files].find(([path]) => path.startsWith(type) && path.endsWith(` ${id}.gpx`)) ??
        expect.fail(`${type} ${id}`);
      expect(name).toMatch(new RegExp(`^${type}s/\\d{4}-\\d\\d-\\d\\d [^/\\\\<>]+ ${id}\\.gpx$`));
      expect(XMLValidator.validate(String(file))).toBe(true);
      const alone = await browser.get(`/api/v1/${type}s/${id}.gpx`);
      expect(file.equals(Buffer.from(await alone.arrayBuffer()))).toBe(true);
    }
  });

  test('has what the filters of the lists find, in any format', async () => {
    const fit = await zip('format=fit&type=routes');
    expect(fit.files.size).toBe(3);
    for (const file of fit.files.values()) expect((await readFit(file)).type).toBe('course');
    const found = await zip('format=json&q=evening');
    expect(found.files.size).toBe(2);
    expect([...found.files.keys()]).toEqual([
      expect.stringMatching(/ \d+\.json$/),
      expect.stringMatching(/ \d+\.json$/),
    ]);
    const gone = here.sandbox.world.items(1, 'route')[0]?.id ?? 0;
    here.sandbox.world.remove('route', gone);
    await here.settled();
    expect([...(await zip('state=deleted')).files.keys()]).toEqual([
      expect.stringMatching(new RegExp(` ${gone}\\.gpx$`)),
    ]);
  });

  test('says how far it is to whoever asked for it, and to nobody else', async () => {
    const ask = (ticket: string, who = browser) => who.get(`/api/v1/export/progress?ticket=${ticket}`);
    expect((await ask('not-begun-yet')).status).toBe(404);
    expect((await browser.get('/api/v1/export.zip?ticket=short')).status).toBe(400);
    const { size } = (await zip('ticket=ticket-of-robin')).files;
    expect(size).toBeGreaterThan(5);
    expect(await (await ask('ticket-of-robin')).json()).toEqual({ done: size, total: size, state: 'done' });
    const kim = createBrowser(here.app.url);
    expect((await ask('ticket-of-robin', kim)).status).toBe(401);
  });

  test('is an empty archive where nothing is found', async () => {
    const { answer, files } = await zip('q=nothing-is-called-so');
    expect([answer.status, files.size]).toEqual([200, 0]);
  });

  test.each(['format=exe', 'type=yaks', 'since=yesterday', 'state=gone'])(
    'is refused for ?%s, with the reason',
    async (query) => {
      const answer = await browser.get(`/api/v1/export.zip?${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain(query.split('=')[0]);
    },
  );

  test('is nobody’s without a session or token', async () => {
    expect((await fetch(`${here.app.url}/api/v1/export.zip`)).status).toBe(401);
  });

  test('is offered on the page of the library, for what is shown there', async () => {
    const page = await (await browser.get('/library?show=trips&q=evening')).text();
    const form = /<form class="take-out".*?<\/form>/s.exec(page)?.[0] ?? '';
    expect(form).toContain('Download 2 files');
    const fields = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(
      ([, name, value]) => `${name}=${value}`,
    );
    expect((await zip(`format=tcx&${fields.join('&')}`)).files.size).toBe(2);
  });
});

describe('a large archive', () => {
  const ITEMS = 80;
  const BYTES = 512 * 1024;
  /** Nothing that packs well, so that all of it has to go over the wire. */
  const noise = Buffer.from(Float64Array.from({ length: BYTES / 8 }, (_, at) => Math.sin(at * at)).buffer);

  async function serve(file: (made: number) => Promise<Uint8Array | undefined>, items = ITEMS) {
    let [made, atOnce, most] = [0, 0, 0];
    const errors: unknown[] = [];
    const parts = {
      library: {
        list: async (_: number, { page, pageSize }: { page: number; pageSize: number }) => {
          const count = Math.max(0, Math.min(pageSize, items - (page - 1) * pageSize));
          const rows = Array.from({ length: count }, (__, at) => ({
            type: 'trip',
            id: String((page - 1) * pageSize + at),
            name: 'Ride',
            departed_at: '2026-05-01T08:00:00Z',
            updated_at: '',
          }));
          return { items: rows as unknown as LibraryItem[], meta: { total: items, page, page_size: pageSize } };
        },
      },
      readers: {
        file: async () => {
          made += 1;
          atOnce += 1;
          most = Math.max(most, atOnce);
          return file(made).finally(() => (atOnce -= 1));
        },
      },
      onError: (error: unknown) => errors.push(error),
    } as unknown as ExportZipParts;
    const signedIn: SignedIn = (handler) => async (request, response) => {
      await handler({ account: { id: 1 } } as unknown as Viewer, request, response);
    };
    const app = express();
    addExportZip(app, parts, signedIn);
    const server: Server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/export.zip`, port, errors, made: () => made, most: () => most };
  }

  test('is made item by item, and no faster than somebody takes it', async () => {
    const { made, most, port } = await serve(async () => noise);
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /export.zip HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'readable');
    // Nobody reads on: what the sockets hold is all that is made.
    await stillness(made);
    expect(made()).toBeLessThan(ITEMS / 2);
    expect(most()).toBe(1);
    socket.destroy();
  });

  test('stops when whoever wanted it goes away', async () => {
    const { url, made } = await serve(async () => noise);
    const gone = new AbortController();
    const answer = await fetch(url, { signal: gone.signal });
    const reader = answer.body?.getReader();
    for (let bytes = 0; bytes < 5 * BYTES; ) {
      const piece = await reader?.read();
      expect(piece?.done).toBe(false);
      bytes += piece?.value?.length ?? 0;
    }
    gone.abort();
    await stillness(made);
    expect(made()).toBeLessThan(ITEMS / 2);
  });

  test('is never far ahead of whoever takes it, from the first item to the last', async () => {
    const { url, made } = await serve(async () => noise);
    const reader = (await fetch(url)).body?.getReader();
    const seen: { bytes: number; made: number }[] = [];
    for (let bytes = 0; ; ) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) break;
      bytes += value?.length ?? 0;
      seen.push({ bytes, made: made() });
    }
    expect(made()).toBe(ITEMS);
    const each = (seen.at(-1)?.bytes ?? 0) / ITEMS;
    expect(each).toBeGreaterThan(BYTES / 2);
    expect(Math.max(...seen.map((then) => then.made - then.bytes / each))).toBeLessThan(ITEMS / 2);
  });

  test('is one of many that share a single turn at the workers', async () => {
    const { url, most, made } = await serve(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return Buffer.from('x');
    }, 20);
    await Promise.all([1, 2, 3].map(async () => (await fetch(url)).arrayBuffer()));
    expect([made(), most()]).toEqual([60, 1]);
  });

  test('says itself what it lacks', async () => {
    const { url, errors } = await serve(async (made) => {
      if (made === 2) throw new Error('The worker thread died.');
      return made === 3 ? undefined : Buffer.from('x');
    }, 4);
    const files = await unzip(Buffer.from(await (await fetch(url)).arrayBuffer()));
    expect(files.size).toBe(3);
    expect(String(files.get('NOT IN HERE.txt'))).toContain('trips/2026-05-01 Ride 1\ntrips/2026-05-01 Ride 2');
    expect(errors).toHaveLength(1);
  });
});

/** Waits until a number has not moved for half a second. */
async function stillness(count: () => number): Promise<void> {
  let [before, since] = [-1, Date.now()];
  await until(() => {
    if (count() !== before) [before, since] = [count(), Date.now()];
    return Date.now() - since > 500;
  }, 20_000);
}

/** Every entry by its name; yauzl refuses unsafe names and wrong checksums. */
async function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.fromBuffer(bytes, { lazyEntries: true, strictFileNames: true }, (error, opened) =>
      opened ? resolve(opened) : reject(error),
    ),
  );
  const files = new Map<string, Buffer>();
  return new Promise((resolve, reject) => {
    zip.on('error', reject).on('end', () => resolve(files));
    zip.on('entry', (entry: yauzl.Entry) => {
      zip.openReadStream(entry, async (error, stream) => {
        if (!stream) return reject(error);
        if (files.has(entry.fileName)) return reject(new Error(`${entry.fileName} is there twice.`));
        files.set(entry.fileName, Buffer.concat(await stream.toArray()));
        return zip.readEntry();
      });
    });
    zip.readEntry();
  });
}

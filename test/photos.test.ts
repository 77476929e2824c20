import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StoredPhoto } from '../src/storage/photos.ts';
import { type Front, startEvil, startFront } from './attack/listeners.ts';
import { createProgram } from './cli/program.ts';
import { pictureOf } from './support/picture.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';
import { until } from './support/until.ts';

const TWO_RIDERS = [
  { id: 1, name: 'Robin Field', routes: 0, trips: 2, points: 20 },
  { id: 2, name: 'Kim Brook', routes: 0, trips: 1, points: 20 },
];
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

let evil: Awaited<ReturnType<typeof startEvil>>;
let here: Installation;
let front: Front;
let ahead = 0;

beforeAll(async () => {
  evil = await startEvil();
  here = await startInstallation({ riders: TWO_RIDERS, env: { SIGNUP: 'open' }, appNow: () => Date.now() + ahead });
  front = await startFront(here.sandbox.url);
  // The same program, with the front as its provider, which gives out the photos too.
  here.environment.RWGPS_BASE_URL = front.url;
  for (const { type, id } of [...here.sandbox.world.items(1), ...here.sandbox.world.items(2)])
    here.sandbox.world.edit(type, id, { photos: [] });
  await here.restart();
});
afterAll(async () => {
  await here.close();
  await front.close();
  await evil.close();
});

let robin: Browser;
let kim: Browser;
beforeEach(async () => {
  robin = await here.connect(1);
  kim = await here.connect(2);
  front.heard.length = 0;
});
// Whatever a test does: not a request went anywhere else.
afterEach(() => {
  front.pass();
  expect(evil.heard).toEqual([]);
});

const send =
  (body: Buffer | string, status = 200, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'image/png', ...headers }).end(body);

const tripOf = (rider: number) => here.sandbox.world.items(rider, 'trip')[0]?.id ?? expect.fail('There is no trip.');
const asked = (path: string) => front.heard.filter(({ url }) => url === path);

let lastId = 0;
/** Gives the rider's trip photos of these addresses, and waits until they are copied or put off. */
async function photograph(urls: string[], rider = 1, ids = urls.map(() => ++lastId)): Promise<StoredPhoto[]> {
  const photos = urls.map((url, at) => ({ id: ids[at], url, caption: `Photo ${ids[at]}` }));
  here.sandbox.world.edit('trip', tripOf(rider), { photos });
  await here.settled();
  await here.app.photoCopier.settled();
  return stored(rider, ids);
}

async function stored(rider: number, ids: number[]): Promise<StoredPhoto[]> {
  const account = (await here.app.accounts.list()).find(({ user_id }) => user_id === String(rider));
  const all = await here.app.photos.of({ accountId: account?.id ?? 0, type: 'trip', id: String(tripOf(rider)) });
  return ids.map((id) => all.find((photo) => photo.id === String(id)) ?? expect.fail(`Photo ${id} is not noted.`));
}

const fileOf = (hash: string) => join(here.dataDir, 'photos', hash.slice(0, 2), hash);
const filesIn = (dataDir: string) => {
  const folder = join(dataDir, 'photos');
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return names.filter((name) => name.length > 2);
};

async function later(ms: number): Promise<void> {
  ahead += ms;
  here.app.photoCopier.wake();
  await here.app.photoCopier.settled();
}

describe('a photo', () => {
  test('is copied without the token, once, and shown to its owner out of our own store', async () => {
    const bytes = pictureOf(1, { width: 60, height: 45 });
    front.answer('/photos/', send(bytes, 200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }));
    const [copy] = await photograph([`${front.url}/photos/1/large.jpg`]);
    const picture = { hash: hashOf(bytes), bytes: bytes.length, media: 'image/png', width: 60, height: 45 };
    expect(copy).toMatchObject({ state: 'copied', picture });

    const [request, ...more] = asked('/photos/1/large.jpg');
    expect(more).toEqual([]);
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
    // Those for the item do carry it.
    expect(front.heard.some(({ headers }) => headers.authorization !== undefined)).toBe(true);

    const answer = await robin.get(`/photos/${picture.hash}`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-security-policy': expect.stringMatching(/^default-src 'none';(?!.*script-src)/),
    });
    const page = await (await robin.get(`/trips/${tripOf(1)}`)).text();
    expect(page).toContain(`<img src="/photos/${picture.hash}" width="60" height="45" alt="Photo ${copy?.id}"`);
    expect(page).not.toMatch(/(src|href)="http[^"]*\/photos/);
    const { item } = await robin.json<{ item: { photos: unknown[]; body: { trip: { photos: unknown[] } } } }>(
      `/api/v1/trips/${tripOf(1)}`,
    );
    expect(item.photos).toContainEqual({
      ...{ id: copy?.id, state: 'copied', url: `/photos/${picture.hash}`, content_type: 'image/png' },
      ...{ bytes: bytes.length, width: 60, height: 45 },
    });

    const metrics = await (await fetch(`${here.app.url}/metrics`)).text();
    expect(metrics).toMatch(/slipstream_photos\{state="copied"\} 1\n.*state="waiting"\} 0\n.*state="failed"\} 0\n/);

    // An edit of the ride asks for nothing again.
    here.sandbox.world.edit('trip', tripOf(1), { name: 'Renamed' });
    await here.settled();
    await here.app.photoCopier.settled();
    expect(asked('/photos/1/large.jpg')).toHaveLength(1);
  });

  test('is nobody else’s: another rider and a visitor are told that there is none', async () => {
    const bytes = pictureOf(2);
    front.answer('/photos/', send(bytes));
    await photograph(['/photos/2/large.jpg']);
    const path = `/photos/${hashOf(bytes)}`;
    expect((await robin.get(path)).status).toBe(200);
    const [foreign, absent] = [await kim.get(path), await kim.get(`/photos/${'0'.repeat(64)}`)];
    expect([foreign.status, absent.status]).toEqual([404, 404]);
    expect(await foreign.text()).toBe(await absent.text());
    expect((await fetch(`${here.app.url}${path}`, { redirect: 'manual' })).status).toBe(303);
    for (const odd of ['..%2f..%2fmirror.db', '%00', 'A'.repeat(64), '1'])
      expect((await robin.get(`/photos/${odd}`)).status).toBe(404);
  });

  test('with the bytes of another one is stored once, and stays as long as somebody has it', async () => {
    const bytes = pictureOf(3);
    front.answer('/photos/3', send(bytes));
    const before = filesIn(here.dataDir).length;
    await photograph(['/photos/31/large.jpg', '/photos/32/large.jpg']);
    await photograph(['/photos/33/large.jpg'], 2);
    expect(filesIn(here.dataDir)).toHaveLength(before + 1);
    expect(readFileSync(fileOf(hashOf(bytes)))).toEqual(bytes);

    const own = pictureOf(4);
    front.answer('/photos/own', send(own));
    await photograph(['/photos/own/large.jpg'], 2);
    expect(existsSync(fileOf(hashOf(own)))).toBe(true);
    await kim.post('/disconnect', { data: 'erase' });
    expect(existsSync(fileOf(hashOf(own)))).toBe(false);
    expect(existsSync(fileOf(hashOf(bytes)))).toBe(true);
    expect(filesIn(here.dataDir)).toHaveLength(before + 1);
    expect((await robin.get(`/photos/${hashOf(bytes)}`)).status).toBe(200);
    for (const name of ['mirror.db', 'mirror.db-wal'])
      expect(readFileSync(join(here.dataDir, name)).includes(Buffer.from(hashOf(own), 'hex'))).toBe(false);
  });

  test('stays when its ride is deleted, and when a later version of the ride has it no more', async () => {
    const [first, second] = [pictureOf(5), pictureOf(6)];
    front.answer('/photos/51', send(first));
    front.answer('/photos/52', send(second));
    const [, trip] = here.sandbox.world.items(1, 'trip');
    const edit = (photos: object[]) => here.sandbox.world.edit('trip', trip?.id ?? 0, { photos });
    edit([{ id: 51, url: '/photos/51/large.jpg' }]);
    await here.settled();
    await here.app.photoCopier.settled();
    edit([{ id: 52, url: '/photos/52/large.jpg', caption: 'The last one' }]);
    await here.settled();
    await here.app.photoCopier.settled();
    here.sandbox.world.remove('trip', trip?.id ?? 0);
    await here.settled();
    const page = await (await robin.get(`/trips/${trip?.id}`)).text();
    expect(page).toContain('class="item deleted"');
    expect(page).toContain(`<img src="/photos/${hashOf(second)}"`);
    for (const bytes of [first, second]) expect((await robin.get(`/photos/${hashOf(bytes)}`)).status).toBe(200);
  });
});

describe('nothing is asked for or taken', () => {
  test('at any other host, whatever the address looks like, nor by way of a redirect', async () => {
    const { host } = evil;
    const own = new URL(front.url).host;
    front.answer('/away', send('', 302, { location: `${evil.url}/photos/1.png` }));
    front.answer('/beside', send('', 301, { location: `http://user@${own}/photos/1.png` }));
    front.answer('/file', send('', 307, { location: 'file:///etc/passwd' }));
    const photos = await photograph([
      ...[`${evil.url}/1.png`, `//${host}/1.png`, `http://${own}@${host}/1.png`, `http:\\\\${host}\\1.png`],
      ...[`http://user:password@${own}/1.png`, `https://${own}/1.png`, 'http://169.254.169.254/latest/meta-data'],
      ...['http://ridewithgps.com/photos/1.png', 'https://ridewithgps.com.evil.example/1.png', 'javascript:alert(1)'],
      ...['data:image/png;base64,AAAA', 'file:///etc/passwd', 'http://[', '/away', '/beside', '/file'],
    ]);
    expect(new Set(photos.map((photo) => [photo.state, 'problem' in photo && photo.problem].join()))).toEqual(
      new Set(['failed,elsewhere']),
    );
    const page = await (await robin.get(`/trips/${tripOf(1)}`)).text();
    expect(page).toContain('not kept at Ride With GPS, and Slipstream asks nobody else');
    expect(page).not.toMatch(new RegExp(`(src|href)="[^"]*${host}`));
  });

  test('by way of more redirects than a few, though one at the provider is followed', async () => {
    front.answer('/photos/61', send(pictureOf(61)));
    front.answer('/moved', send('', 302, { location: '/photos/61/large.jpg' }));
    front.answer('/round', send('', 302, { location: '/round' }));
    expect(await photograph(['/moved', '/round'])).toMatchObject([
      { state: 'copied' },
      { state: 'waiting', problem: 'missing' },
    ]);
    expect(asked('/round')).toHaveLength(4);
  });

  test('that is larger than 20 MiB, however long it says it is', async () => {
    const large = pictureOf(7, { bytes: 20 * 1024 * 1024 });
    let sent = 0;
    front.answer('/stated', send(large));
    front.answer('/endless', (_request, response) => {
      response.write(pictureOf(8));
      const more = (): void => {
        while (!response.destroyed && response.write(large.subarray(0, 64 * 1024))) sent += 64 * 1024;
      };
      response.on('drain', more);
      more();
    });
    const photos = await photograph(['/stated', '/endless']);
    expect(photos).toMatchObject([
      { state: 'failed', problem: 'too-large' },
      { state: 'failed', problem: 'too-large' },
    ]);
    expect(sent).toBeLessThan(200 * 1024 * 1024);
  });

  test('that is no picture of dots, whatever it is called', async () => {
    const bodies = [SVG, `\uFEFF${SVG}`, '<html><body>Sign in</body></html>', '', 'GIF89a', '%PDF-1.7'];
    bodies.forEach((body, at) => void front.answer(`/odd/${at}`, send(body, 200, { 'content-type': 'image/jpeg' })));
    const photos = await photograph(bodies.map((_, at) => `/odd/${at}`));
    for (const photo of photos) expect(photo).toMatchObject({ state: 'failed', problem: 'no-picture' });
    expect(await (await robin.get(`/trips/${tripOf(1)}`)).text()).toContain('is no picture');
  });
});

describe('a photo that fails', () => {
  test('is tried again with growing waits, is given up some day, and is tried once more when its rider asks', async () => {
    front.answer('/photos/71', send('no', 404));
    const [first] = await photograph(['/photos/71/large.jpg']);
    expect(first).toMatchObject({ state: 'waiting', problem: 'missing' });
    await later(0);
    await later(29_000);
    expect(asked('/photos/71/large.jpg')).toHaveLength(1);
    await later(2_000);
    expect(asked('/photos/71/large.jpg')).toHaveLength(2);
    for (let day = 0; day < 20; day += 1) await later(86_400_000);
    expect(asked('/photos/71/large.jpg')).toHaveLength(7);
    expect(await stored(1, [Number(first?.id)])).toMatchObject([{ state: 'failed', problem: 'missing' }]);
    // The ride is none the worse for it.
    expect(await robin.json(`/api/v1/trips/${tripOf(1)}`)).toMatchObject({ item: { state: 'active' } });
    expect(await robin.json('/api/v1/dead-letters')).toMatchObject({ items: [] });

    const bytes = pictureOf(71);
    front.answer('/photos/71', send(bytes));
    const page = await (await robin.get(`/trips/${tripOf(1)}`)).text();
    const [, action = ''] = /<form method="post" action="([^"]*retry)"/.exec(page) ?? [];
    expect((await kim.post(action)).status).toBe(404);
    const answer = await robin.post(action);
    expect(answer.headers.get('location')).toBe(`/trips/${tripOf(1)}#photos`);
    await here.app.photoCopier.settled();
    expect((await robin.get(`/photos/${hashOf(bytes)}`)).status).toBe(200);
  });

  test('because the provider asked to slow down is put off as long as it says, and no attempt is spent', async () => {
    front.answer('/photos/72', send('', 429, { 'retry-after': '90' }));
    const [photo] = await photograph(['/photos/72/large.jpg']);
    for (let more = 0; more < 10; more += 1) await later(91_000);
    const times = asked('/photos/72/large.jpg').length;
    expect(times).toBe(11);
    await later(80_000);
    expect(asked('/photos/72/large.jpg')).toHaveLength(times);
    front.answer('/photos/72', send(pictureOf(72)));
    await later(11_000);
    expect(await stored(1, [Number(photo?.id)])).toMatchObject([{ state: 'copied' }]);
  });

  test('because nobody answers keeps the others waiting, not failing', async () => {
    front.answer('/photos/8', (request) => void request.socket.destroy());
    const urls = Array.from({ length: 9 }, (_, at) => `/photos/8${at}/large.jpg`);
    const photos = await photograph(urls);
    const tried = front.heard.filter(({ url }) => url.startsWith('/photos/8')).length;
    expect(tried).toBe(3);
    expect(photos.filter((photo) => photo.state === 'waiting' && photo.problem === null)).toHaveLength(6);
    front.pass();
    urls.forEach((url, at) => void front.answer(url, send(pictureOf(80 + at))));
    await later(31_000);
    await later(31_000);
    expect(
      (
        await stored(
          1,
          photos.map(({ id }) => Number(id)),
        )
      ).map(({ state }) => state),
    ).toEqual(urls.map(() => 'copied'));
  });
});

describe('after a start', () => {
  test('what was being copied when the program was killed is copied', async () => {
    await here.app.close();
    here.sandbox.world.edit('trip', tripOf(1), { photos: [{ id: 910, url: '/photos/91/large.jpg' }] });
    const heard = Promise.withResolvers<void>();
    front.answer('/photos/91', () => heard.resolve());
    const program = createProgram();
    const running = program.start(['serve'], { ...here.environment, RECONCILE_CRON: '*/15 * * * *' });
    await heard.promise;
    running.signal('SIGKILL');
    await running.ended;
    program.close();

    front.pass();
    front.answer('/photos/91', send(pictureOf(91)));
    await here.restart();
    await until(async () => (await stored(1, [910]))[0]?.state === 'copied', 20_000);
  });

  test('a photo that ended whatever read it, as often as any may be tried, is given up', async () => {
    front.answer('/photos/93', send('', 503));
    const [photo] = await photograph(['/photos/93/large.jpg']);
    await here.app.close();
    const db = new Database(join(here.dataDir, 'mirror.db'));
    db.prepare('UPDATE photos SET attempts = 7, begun_at = 1 WHERE photo_id = ?').run(photo?.id);
    db.close();
    front.heard.length = 0;
    await here.restart();
    await until(async () => (await stored(1, [Number(photo?.id)]))[0]?.state === 'failed', 20_000);
    expect(asked('/photos/93/large.jpg')).toEqual([]);
  });

  test('a picture whose file is lost is copied once more, and a file that is nobody’s is gone', async () => {
    const [bytes, orphan] = [pictureOf(92), pictureOf(94)];
    front.answer('/photos/92', send(bytes));
    front.answer('/photos/94', send(orphan));
    const [photo, other] = await photograph(['/photos/92/large.jpg', '/photos/94/large.jpg']);
    await here.app.close();
    rmSync(fileOf(hashOf(bytes)));
    const db = new Database(join(here.dataDir, 'mirror.db'));
    db.prepare('DELETE FROM photos WHERE photo_id = ?').run(other?.id);
    db.close();
    expect(existsSync(fileOf(hashOf(orphan)))).toBe(true);
    await here.restart();
    await until(() => existsSync(fileOf(hashOf(bytes))), 20_000);
    await here.app.photoCopier.settled();
    expect(await stored(1, [Number(photo?.id)])).toMatchObject([{ state: 'copied' }]);
    expect(existsSync(fileOf(hashOf(orphan)))).toBe(false);
  });
});

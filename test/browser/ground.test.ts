import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { encodeTile, type Shape } from '../support/mvt.ts';
import { type ArchiveOptions, archiveOf } from '../support/pmtiles.ts';
import { TOWN, townShapes } from '../support/town.ts';
import { until } from '../support/until.ts';
import { countPixels } from '../web/pixels.ts';
import { buildClient, type Seat, takeSeat } from './support.ts';

const RIDER = { id: 1, name: 'Robin Field', routes: 1, trips: 1, points: 300 };
const WOOD = { light: '#d6e0c7', dark: '#1c3328' };
/** Enough for the zooms at which a short ride is shown. */
const ARCHIVE: ArchiveOptions = { ...TOWN, maxZoom: 13 };

const [west, south, east, north] = TOWN.bounds;
const SHAPES: Shape[] = [
  ...townShapes().filter(({ layer }) => layer !== 'buildings'),
  // So large that no ride leaves it.
  {
    layer: 'landuse',
    type: 'Polygon',
    properties: { kind: 'wood' },
    points: [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
    ],
  },
];

let browser: Browser;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipstream-ground-'));
  file = join(folder, 'town.pmtiles');
  writeFileSync(file, archiveOf(SHAPES, ARCHIVE));
  [browser] = await Promise.all([launchBrowser(), buildClient()]);
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Signed in, with the origins that the browser asked from then on. */
async function seated(env: Record<string, string>): Promise<{ seat: Seat; asked: Set<string>; show(): Promise<void> }> {
  const seat = await takeSeat(browser, { riders: [RIDER], env, browser: { viewport: { width: 600, height: 700 } } });
  await seat.signIn();
  const asked = new Set<string>();
  seat.page.on('request', (request) => {
    if (request.url().startsWith('http')) asked.add(new URL(request.url()).origin);
  });
  const [trip] = seat.sandbox.world.items(1, 'trip');
  return { seat, asked, show: () => seat.show(`/trips/${trip?.id}`) };
}

const credits = (seat: Seat) => seat.page.locator('.maplibregl-ctrl-attrib').textContent();
const policyOf = async (seat: Seat): Promise<string> => {
  const answer = await seat.page.request.get(seat.page.url());
  return answer.headers()['content-security-policy'] ?? '';
};

test('streets come from our own disk, in the colours of the theme, and nobody else is asked', {
  timeout: 180_000,
}, async () => {
  const { seat, asked, show } = await seated({ MAP_TILES: file });
  await show();
  expect(await countPixels(seat.page, '.map canvas', WOOD.light)).toBeGreaterThan(50_000);
  expect(await credits(seat)).toContain('Protomaps © OpenStreetMap');
  await seat.page.emulateMedia({ colorScheme: 'dark' });
  await expect
    .poll(() => countPixels(seat.page, '.map canvas', WOOD.dark), { timeout: 20_000, interval: 500 })
    .toBeGreaterThan(50_000);
  const wooded = await countPixels(seat.page, '.map canvas', WOOD.dark);
  expect([...asked]).toEqual([seat.url]);
  expect(await policyOf(seat)).toContain("connect-src 'self';");
  expect(seat.complaints).toEqual([]);

  // A file that is put in its place is what is shown from then on.
  const bare = SHAPES.filter(({ layer }) => layer !== 'landuse');
  writeFileSync(file, archiveOf(bare, ARCHIVE));
  await show();
  expect(await countPixels(seat.page, '.map canvas', WOOD.dark)).toBeLessThan(wooded / 5);
  // And one that broke leaves the plain ground and a sentence.
  writeFileSync(file, 'PMTilesnothing of the kind');
  await show();
  expect(await credits(seat)).toMatch(/cannot be read; the log says why/);
  expect([...asked]).toEqual([seat.url]);
});

test('a foreign style is asked for where one is set, with nothing of the rider, and the policy names its origins and no other', async () => {
  const tiles = await foreign(({ url }) => (url?.endsWith('.pbf') ? encodeTile([]) : undefined));
  const styles = await foreign(({ url }) =>
    url === '/list.json'
      ? JSON.stringify({
          tilejson: '3.0.0',
          tiles: [`${tiles.url}/{z}/{x}/{y}.pbf`],
          maxzoom: 4,
          attribution: 'By Them',
        })
      : JSON.stringify(styleOf(styles.url)),
  );
  const { seat, asked, show } = await seated({ MAP_STYLE_URL: `${styles.url}/style.json?key=k` });
  // What the style leads to is read at the start, while the rider connects.
  await until(async () => (await answerOf(seat)).includes(tiles.url), 15_000);
  await show();
  expect(await countPixels(seat.page, '.map canvas', '#cceeaa')).toBeGreaterThan(50_000);
  expect(await countPixels(seat.page, '.map canvas', '#cc4218')).toBeGreaterThan(200);
  expect(await credits(seat)).toContain('By Them');
  expect([...asked].toSorted()).toEqual([seat.url, styles.url, tiles.url].toSorted());
  const policy = await policyOf(seat);
  expect(policy.split(';')).toContain(`connect-src 'self' ${styles.url} ${tiles.url}`);
  expect(policy.replace(`${styles.url} ${tiles.url}`, '')).not.toContain(tiles.url);
  // Only where a map is.
  const sync = await seat.page.request.get(`${seat.url}/sync`);
  expect(sync.headers()['content-security-policy']).not.toContain(tiles.url);
  const heard = [...styles.heard, ...tiles.heard];
  expect(heard.length).toBeGreaterThan(3);
  expect(heard.filter(({ headers }) => headers.referer ?? headers.cookie ?? headers.authorization)).toEqual([]);
  expect(seat.complaints).toEqual([]);

  async function answerOf({ url, page, sandbox }: Seat): Promise<string> {
    const [trip] = sandbox.world.items(1, 'trip');
    const answer = await page.request.get(`${url}/trips/${trip?.id}`);
    return answer.headers()['content-security-policy'] ?? '';
  }
});

test('a foreign style that cannot be read leaves the plain ground and a sentence, and the policy closed', async () => {
  const broken = await foreign(() => undefined);
  const { seat, asked, show } = await seated({ MAP_STYLE_URL: `${broken.url}/style.json` });
  await until(() => broken.heard.length > 0, 10_000);
  await show();
  await until(async () => {
    await show();
    return /could not be read/.test((await credits(seat)) ?? '');
  }, 15_000);
  expect([...asked]).toEqual([seat.url]);
  expect(await policyOf(seat)).toContain("connect-src 'self';");
  expect(seat.complaints).toEqual([]);
});

function styleOf(url: string) {
  return {
    version: 8,
    sources: { theirs: { type: 'vector', url: `${url}/list.json` } },
    layers: [
      { id: 'track', type: 'background', paint: { 'background-color': '#cceeaa' } },
      { id: 'poi', type: 'line', source: 'theirs', 'source-layer': 'any' },
    ],
  };
}

/** Somebody else on this machine. Closes with the browser of the tests. */
async function foreign(answer: (request: IncomingMessage) => string | Buffer | undefined) {
  const heard: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    heard.push(request);
    const body = answer(request);
    response.setHeader('access-control-allow-origin', '*');
    response.writeHead(body === undefined ? 500 : 200).end(body);
  });
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

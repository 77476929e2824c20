import { join } from 'node:path';
import { VectorTile } from '@mapbox/vector-tile';
import Database from 'better-sqlite3';
import { PbfReader } from 'pbf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';

/** What the real program answers about the map: tiles, places, names. */

let here: Installation;
let robin: Browser;
let kim: Browser;
beforeAll(async () => {
  here = await startInstallation({
    riders: [
      { id: 1, name: 'Robin Field', routes: 2, trips: 6, points: 200 },
      { id: 2, name: 'Kim Brook', routes: 1, trips: 3, points: 200 },
    ],
    env: { SIGNUP: 'open' },
  });
  robin = await here.connect(1);
  kim = await here.connect(2);
});
afterAll(() => here.close());

async function tile(browser: Browser, address = '0/0/0', query = ''): Promise<string[]> {
  const answer = await browser.get(`/map/tiles/${address}.pbf${query}`);
  if (answer.status === 204) return [];
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/vnd.mapbox-vector-tile']);
  const layer = new VectorTile(new PbfReader(new Uint8Array(await answer.arrayBuffer()))).layers.tracks;
  return Array.from({ length: layer?.length ?? 0 }, (_, at) => String(layer?.feature(at).properties.item)).toSorted();
}

const named = (rider: number, type?: 'route' | 'trip'): string[] =>
  here.sandbox.world
    .items(rider, type)
    .map((item) => `${item.type}/${item.id}`)
    .toSorted();

describe('the tiles', () => {
  test('have every track of the rider who asks, and none of another one', async () => {
    expect(await tile(robin)).toEqual(named(1));
    expect(await tile(kim)).toEqual(named(2));
    expect((await here.app.library.count(1)).active).toBe(8);
  });

  test('go by the filters of the library', async () => {
    expect(await tile(robin, '0/0/0', '?show=routes')).toEqual(named(1, 'route'));
    const { items } = await here.app.library.list(1, { types: ['trip'], sort: 'distance', page: 1, pageSize: 9 });
    const [longest, next] = items;
    expect(longest?.distance).toBeGreaterThan(next?.distance ?? 0);
    const kilometres = ((longest?.distance ?? 0) + (next?.distance ?? 0)) / 2_000;
    expect(await tile(robin, '0/0/0', `?show=trips&min_km=${kilometres.toFixed(3)}`)).toEqual([`trip/${longest?.id}`]);
    expect(await tile(robin, '0/0/0', '?q=nothing-has-this-name')).toEqual([]);
  });

  test('are the same again for whoever has them, and others after each change', async () => {
    const [trip, gone] = here.sandbox.world.items(1, 'trip');
    const first = await robin.get('/map/tiles/0/0/0.pbf?show=trips');
    const etag = first.headers.get('etag') ?? '';
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    const again = (of: string) => headersOf(robin, '/map/tiles/0/0/0.pbf?show=trips', { 'if-none-match': of });
    expect((await again(etag)).status).toBe(304);

    const before = await tile(robin, '0/0/0', '?q=moved-far-away');
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Moved-far-away' });
    await here.settled();
    expect([before, await tile(robin, '0/0/0', '?q=moved-far-away')]).toEqual([[], [`trip/${trip?.id}`]]);
    // Nothing that this tile shows is different, so nothing is sent.
    expect((await again(etag)).status).toBe(304);

    here.sandbox.world.remove('trip', gone?.id ?? 0);
    await here.settled();
    expect((await again(etag)).status).toBe(200);
    expect(await tile(robin, '0/0/0', '?show=trips')).toEqual(named(1, 'trip'));
    expect(await tile(robin, '0/0/0', '?show=deleted')).toEqual([`trip/${gone?.id}`]);
  });

  test('that do not exist are refused, and whoever is not signed in gets none', async () => {
    for (const [address, status] of [
      ['0/0/1', 404],
      ['3/8/0', 404],
      ['15/0/0', 404],
      ['14/16384/0', 404],
      ['a/0/0', 400],
      ['0/-1/0', 400],
      ['0/1e0/0', 400],
      ['99999999/0/0', 400],
    ] as const) {
      expect([address, (await robin.get(`/map/tiles/${address}.pbf`)).status]).toEqual([address, status]);
    }
    const stranger = await fetch(`${here.app.url}/map/tiles/0/0/0.pbf`, { redirect: 'manual' });
    expect(stranger.status).toBe(303);
    // Where nobody was, nothing is said at length.
    expect((await robin.get('/map/tiles/14/0/16383.pbf')).status).toBe(204);
  });

  test('are small where the whole world is one', async () => {
    const answer = await headersOf(robin, '/map/tiles/0/0/0.pbf', {});
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect((await answer.arrayBuffer()).byteLength).toBeLessThan(8 * 200);
  });
});

describe('what lies somewhere', () => {
  test('is told to its owner alone', async () => {
    const [robins, kims] = [named(1)[0], named(2)[0]];
    const items = `item=${robins}&item=${kims}&item=trip/../x&item=photo/1`;
    const list = await (await robin.get(`/map/items?${items}`)).text();
    expect(list.match(/<li>/g)).toHaveLength(1);
    expect(list).toContain(`href="/${robins?.replace('/', 's/')}"`);
    const where = await robin.json<{ tracks: number; bounds: number[]; places: Record<string, number[]> }>(
      `/map/where?show=routes&${items}`,
    );
    expect(where.tracks).toBe(2);
    expect(Object.keys(where.places)).toEqual([robins]);
    const [west = 0, south = 0, east = 0, north = 0] = where.bounds;
    expect(west).toBeLessThan(east);
    expect(south).toBeLessThan(north);
  });

  test('is in the page as words too, with a way to the list of the same', async () => {
    const page = await (await robin.get('/map?show=trips&min_km=1&as=heat')).text();
    expect(page).toContain('All of them are on the map.');
    expect(page).toMatch(/href="\/library\?show=trips&amp;min_km=1"[^>]*>.*As a list/);
    expect(page).toMatch(/data-tiles="\/map\/tiles\/\{z\}\/\{x\}\/\{y\}\.pbf\?show=trips&amp;min_km=1"/);
    expect(page).toContain('action="/map"');
    const empty = await (await robin.get('/map?q=nothing-has-this-name')).text();
    expect(empty).toContain('Nothing that these filters leave has a track.');
    expect(empty).not.toContain('data-tracks');
  });
});

test('erasing leaves no line', async () => {
  expect(await tile(kim)).toEqual(named(2));
  await kim.post('/disconnect', { data: 'erase' });
  const db = new Database(join(here.dataDir, 'mirror.db'), { readonly: true });
  const left = (table: string) =>
    db.prepare(`SELECT count(*) FROM ${table} WHERE item NOT IN (SELECT id FROM items)`).pluck().get();
  expect([left('lines'), left('outlines')]).toEqual([0, 0]);
  expect(db.prepare('SELECT count(DISTINCT account_id) FROM lines').pluck().get()).toBe(1);
  db.close();
  expect(await tile(robin)).toEqual(named(1));
});

/** As a browser asks that has it already. */
function headersOf(browser: Browser, path: string, headers: Record<string, string>): Promise<Response> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return fetch(here.app.url + path, { headers: { cookie, ...headers } });
}

import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LibraryItem, LibraryPage } from '../src/storage/library.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';

let here: Installation;
let browser: Browser;
let token: string;

beforeAll(async () => {
  here = await startInstallation({ riders: [{ id: 1, name: 'Robin Field', routes: 3, trips: 7, points: 40 }] });
  browser = await here.connect();
  const made = await (await browser.post('/settings/tokens', { name: 'for the tests' })).text();
  token = /[\w-]{43}/.exec(made.slice(made.indexOf('for the tests')))?.[0] ?? '';
});
afterAll(() => here.close());

const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
  fetch(`${here.app.url}${path}`, { headers });
const list = async (path: string) => (await (await get(path)).json()) as LibraryPage;
const anyTrip = () => here.sandbox.world.items(1, 'trip')[0]?.id ?? 0;

describe('the API', () => {
  test('takes a personal token or the session, and nobody without', async () => {
    expect((await get('/api/v1/trips')).status).toBe(200);
    expect((await browser.get('/api/v1/trips')).status).toBe(200);
    for (const headers of [
      {},
      { authorization: 'Bearer nothing-like-it-at-all-00000' },
      { authorization: `Basic ${token}` },
      { cookie: 'slipstream=made-up' },
    ] as Record<string, string>[]) {
      for (const path of ['/api/v1/trips', '/api/v1/sync', '/api/v1/dead-letters', `/api/v1/trips/${anyTrip()}.gpx`]) {
        const response = await get(path, headers);
        expect([path, response.status]).toEqual([path, 401]);
        expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } });
      }
    }
  });

  test('knows a token by whatever case the word before it has', async () => {
    for (const word of ['bearer', 'BEARER', 'Bearer '])
      expect((await get('/api/v1/trips', { authorization: `${word} ${token}` })).status).toBe(200);
    const asked = { method: 'POST', headers: { authorization: `bearer ${token}`, cookie: 'of=somebody-else' } };
    expect((await fetch(`${here.app.url}/api/v1/sync/reconcile`, asked)).status).toBe(202);
    await here.settled();
  });

  test('lists in pages, newest first, with what it promises of each item', async () => {
    const all = await list('/api/v1/trips');
    expect(all.meta).toEqual({ total: 7, page: 1, page_size: 50 });
    expect(Object.keys(all.items[0] ?? {}).sort()).toEqual([
      'deleted_at',
      'departed_at',
      'distance',
      'elevation_gain',
      'fetched_at',
      'id',
      'name',
      'owned',
      'pinned',
      'state',
      'type',
      'updated_at',
    ]);
    const departures = all.items.map(({ departed_at }) => departed_at ?? '');
    expect(departures).toEqual([...departures].sort().reverse());
    const second = await list('/api/v1/trips?page=2&page_size=3');
    expect(second.items.map(({ id }) => id)).toEqual(all.items.slice(3, 6).map(({ id }) => id));
  });

  test.each([
    'page=0',
    'page_size=201',
    'page=x',
    'state=gone',
    'pinned=maybe',
    'since=yesterday',
    'from=2026-13-01',
    'to=today',
    'distance_min=-1',
    'climbing_max=x',
    'sort=luck',
    'order=up',
  ])('answers 400 to ?%s and says what is wrong', async (query) => {
    const response = await get(`/api/v1/trips?${query}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain(query.split('=')[0]);
  });

  test('takes fields that were left empty, and an instant as people and programs write it', async () => {
    const all = (await list('/api/v1/trips')).meta;
    expect((await list('/api/v1/trips?page=&page_size=&q=&since=&state=&pinned=&sort=&distance_min=')).meta).toEqual(
      all,
    );
    const edge = (await list('/api/v1/trips?sort=updated')).items[2]?.updated_at ?? '';
    const hours = (add: number, zone: string) =>
      new Date(Date.parse(edge) + add * 3_600_000).toISOString().replace('Z', zone);
    const same = [edge, edge.replace('Z', ''), hours(2, '%2B02:00'), hours(2, '+02:00'), hours(-5, '-05:00')];
    const totals = await Promise.all(
      same.map(async (since) => (await list(`/api/v1/trips?since=${since}`)).meta.total),
    );
    expect(new Set(totals).size).toBe(1);
    expect(totals[0]).toBeGreaterThanOrEqual(3);
    for (const path of ['/api/v1/statistics?year=&q=', '/api/v1/sync/runs?page=', '/api/v1/export.zip?format=&type='])
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    const records = '/api/v1/sources/ridewithgps/records';
    expect((await list(`${records}?type=&state=&q=&page=&page_size=`)).meta).toEqual((await list(records)).meta);
  });

  test('filters by words, state, pin and time of change', async () => {
    const id = anyTrip();
    here.sandbox.world.edit('trip', id, { name: 'A needle', description: 'in a haystack' });
    await here.settled();
    expect((await list('/api/v1/trips?q=haystack')).items.map((item) => item.id)).toEqual([String(id)]);
    expect((await list('/api/v1/trips?state=deleted')).meta.total).toBe(0);
    expect((await list('/api/v1/trips?pinned=true')).meta.total).toBe(0);
    expect(
      (await list(`/api/v1/trips?since=${new Date(Date.now() - 60_000).toISOString()}`)).items.map((item) => item.id),
    ).toEqual([String(id)]);
  });

  test('filters by figures, days, activity, bike and place, sorts, and sums up what it found', async () => {
    const [one, two, three] = here.sandbox.world.items(1, 'trip').map(({ id }) => id);
    const edit = (id: number | undefined, attributes: Record<string, unknown>) =>
      here.sandbox.world.edit('trip', id ?? 0, attributes);
    const common = { country_code: 'NZ', administrative_area: 'Otago', activity_type: 'cycling:unicycling' };
    const gear = { id: 987, make: 'One', model: 'Wheel', description: null };
    edit(one, {
      ...common,
      name: 'Aa',
      departed_at: '2001-05-01T08:00:00Z',
      distance: 1_000,
      elevation_gain: 30,
      gear,
    });
    edit(two, { ...common, name: 'Bb', departed_at: '2001-06-01T08:00:00Z', distance: 3_000, elevation_gain: 20 });
    edit(three, { ...common, name: 'Cc', departed_at: '2002-06-01T08:00:00Z', distance: 2_000, elevation_gain: 10 });
    await here.settled();
    const found = async (query: string) =>
      (await list(`/api/v1/trips?${query}`)).items.map(({ name }) => name).join(' ');
    expect(await found('country=NZ')).toBe('Cc Bb Aa');
    expect(await found('area=Otago&from=2001-06-01')).toBe('Cc Bb');
    expect(await found('area=Otago&to=2001-06-01')).toBe('Bb Aa');
    expect(await found('activity=cycling:unicycling&distance_min=2000&distance_max=3000')).toBe('Cc Bb');
    expect(await found('country=NZ&climbing_min=20&climbing_max=25')).toBe('Bb');
    expect(await found('gear=987')).toBe('Aa');
    expect(await found('country=NZ&sort=distance')).toBe('Bb Cc Aa');
    expect(await found('country=NZ&sort=climbing&order=asc')).toBe('Cc Bb Aa');
    expect(await found('q=new+zeal&sort=name')).toBe('Aa Bb Cc');
    const answer = await list('/api/v1/trips?country=NZ&page_size=1');
    expect(answer.totals).toMatchObject({ count: 3, distance: 6_000, climbing: 60 });
    expect(answer.facets.years.map(({ value, count }) => [value, count])).toEqual([
      ['2002', 1],
      ['2001', 2],
    ]);
  });

  test('gives the provider’s object whole', async () => {
    const id = anyTrip();
    const { item } = (await (await get(`/api/v1/trips/${id}`)).json()) as { item: LibraryItem & { body: unknown } };
    expect(item.body).toEqual(here.sandbox.object('trip', id));
    expect(item).toMatchObject({ id: String(id), type: 'trip', state: 'active' });
  });

  test('gives files that other programs read', async () => {
    const id = anyTrip();
    const object = here.sandbox.object('trip', id);
    const points = object.track_points as { x: number; y: number; t: number; h: number }[];

    const json = await get(`/api/v1/trips/${id}.json`);
    expect(json.headers.get('content-disposition')).toMatch(/^attachment; filename=".+ \d+\.json"/);
    expect(await json.json()).toEqual(object);

    const geojson = await get(`/api/v1/trips/${id}.geojson`);
    expect(geojson.headers.get('content-type')).toMatch(/^application\/geo\+json/);
    const { features } = (await geojson.json()) as { features: { geometry: { coordinates: number[][][] } }[] };
    expect(features[0]?.geometry.coordinates[0]?.map(([x, y]) => [x, y])).toEqual(points.map(({ x, y }) => [x, y]));

    const gpx = await (await get(`/api/v1/trips/${id}.gpx`)).text();
    expect(XMLValidator.validate(gpx)).toBe(true);
    const read = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(gpx);
    const [first] = read.gpx.trk.trkseg.trkpt;
    expect(read.gpx.trk.trkseg.trkpt).toHaveLength(points.length);
    expect([Number(first.lon), Number(first.lat)]).toEqual([points[0]?.x, points[0]?.y]);
    expect(Date.parse(first.time)).toBe((points[0]?.t ?? 0) * 1_000);
    expect(first.extensions['gpxtpx:TrackPointExtension']['gpxtpx:hr']).toBe(points[0]?.h);
  });

  test('answers 404 for what is not there, as JSON', async () => {
    for (const path of [
      '/api/v1/trips/999999',
      '/api/v1/trips/x',
      '/api/v1/trips/1.exe',
      '/api/v1/yaks',
      '/api/v1/trips/../sync',
      '/api/v1/dead-letters/7/x',
      // What every object of the program has is no kind of item and no kind of file.
      '/api/v1/constructor',
      '/api/v1/constructor/1',
      '/api/v1/constructor/1/why',
      '/api/v1/constructor/1/revisions',
      `/api/v1/trips/${anyTrip()}.constructor`,
      '/api/v2/trips',
      '/api',
    ]) {
      const response = await get(path);
      if (path.includes('..')) continue;
      expect([path, response.status]).toEqual([path, 404]);
      expect(await response.json()).toMatchObject({ error: { code: 'not_found' } });
    }
  });

  test('starts reconciliations and audits, and answers before they are over', async () => {
    for (const verb of ['reconcile', 'audit']) {
      const response = await fetch(`${here.app.url}/api/v1/sync/${verb}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(202);
    }
    await here.settled();
  });

  test('a revoked token is worth nothing', async () => {
    const made = await (await browser.post('/settings/tokens', { name: 'short-lived' })).text();
    const other = /[\w-]{43}/.exec(made.slice(made.indexOf('short-lived')))?.[0] ?? '';
    expect((await get('/api/v1/trips', { authorization: `Bearer ${other}` })).status).toBe(200);
    const id = /tokens\/(\d+)\/revoke/g;
    const ids = [...(await (await browser.get('/settings')).text()).matchAll(id)].map(([, each]) => Number(each));
    await browser.post(`/settings/tokens/${Math.max(...ids)}/revoke`);
    expect((await get('/api/v1/trips', { authorization: `Bearer ${other}` })).status).toBe(401);
  });
});

describe('health', () => {
  test('is told to everybody, and nothing else', async () => {
    expect(await (await get('/healthz', {})).json()).toEqual({ status: 'ok' });
    expect(await (await get('/readyz', {})).json()).toEqual({ status: 'ready' });
  });

  test('metrics are for this machine or the owner’s token, and count what happened', async () => {
    const metrics = await (await get('/metrics', {})).text();
    expect(metrics).toMatch(/slipstream_webhook_requests_total\{source="ridewithgps",status="200"\} \d+/);
    expect(metrics).toMatch(/slipstream_fetches_total\{source="ridewithgps",outcome="done"\} \d+/);
    expect(metrics).toMatch(/slipstream_tasks\{state="pending"\} 0/);
    expect((await get('/metrics', { 'x-forwarded-for': '203.0.113.7' })).status).toBe(401);
    expect((await get('/metrics', { 'x-forwarded-for': '203.0.113.7', authorization: `Bearer ${token}` })).status).toBe(
      200,
    );
  });
});

describe('every answer', () => {
  test('of a page for somebody is kept by nobody else', async () => {
    for (const path of ['/library', '/sync', '/api/v1/trips'])
      expect((await browser.get(path)).headers.get('cache-control')).toMatch(/private.*no-store/);
  });
});

test('statistics are remembered, and say what is so after every change', async () => {
  type Totals = { totals: { rides: number; distance: number } };
  const totals = async () => ((await (await get('/api/v1/statistics?year=all')).json()) as Totals).totals;
  const before = await totals();
  expect(await totals()).toEqual(before);
  const trip = here.sandbox.world.items(1, 'trip').at(-1)?.id ?? 0;
  here.sandbox.world.edit('trip', trip, { distance: 777_000 });
  await here.settled();
  const edited = await totals();
  expect(edited.rides).toBe(before.rides);
  expect(edited.distance).toBeGreaterThan(before.distance + 700_000);
  here.sandbox.world.remove('trip', trip);
  await here.settled();
  expect((await totals()).rides).toBe(before.rides - 1);
});

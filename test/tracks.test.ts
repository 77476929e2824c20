import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import type { FeatureCollection, Position } from 'geojson';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Track } from '../src/export/track.ts';
import type { Item } from '../src/sandbox/model.ts';
import type { LibraryItem } from '../src/storage/library.ts';
import type { SyncReport } from '../src/storage/sync.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';

/** Real recordings and answers lie beside the project where somebody put them; elsewhere small ones stand in for them. */
const REAL = join(import.meta.dirname, '../../shared/realdata');
const TRACKS = join(REAL, 'tracks');
const ANSWERS = join(REAL, 'ridewithgps');

type Fields = Record<string, unknown>;
type TrackPoint = { x?: number; y?: number; d?: number; e?: number; t?: number };

let here: Installation;
let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = existsSync(TRACKS) ? TRACKS : smallTracks();
  here = await startInstallation({ tracks: folder });
  addWhatNoFileHas(here);
  browser = await here.connect();
});

afterAll(async () => {
  await here.close();
  if (folder !== TRACKS) rmSync(folder, { recursive: true });
});

describe('a folder of tracks', () => {
  test('is in the mirror item by item, byte for byte as the provider serves it', async () => {
    const all = items();
    const files = readdirSync(folder);
    // Two more were made by hand; what could not be read is named.
    expect(all.length).toBe(files.length - here.sandbox.skipped.length + 2);
    const token = here.sandbox.world.issueToken(1, here.client.apiKey);
    for (const { type, id } of all) {
      const path = `/api/v1/${type}s/${id}.json`;
      const answer = await fetch(here.sandbox.url + path, { headers: { authorization: `Bearer ${token}` } });
      const served = Buffer.from(await answer.arrayBuffer());
      const kept = await here.app.library.body(await accountId(), type, String(id));
      expect(served.equals(kept ?? Buffer.alloc(0)), `${type} ${id} is kept as it was served`).toBe(true);
    }
    const report = await browser.json<SyncReport>('/api/v1/sync');
    expect(report.queue).toEqual({ pending: 0, active: 0, parked: 0, dead: 0 });
    expect(report.accounts[0]?.backfill).toMatchObject({ done: all.length, total: all.length });
  });

  test('is listed with the names and figures that the provider has', async () => {
    for (const { type, id } of items()) {
      const object = here.sandbox.object(type, id);
      expect((await entry(type, id)).item).toMatchObject({
        id: String(id),
        name: object.name,
        distance: object.distance,
        elevation_gain: object.elevation_gain,
        owned: true,
        pinned: false,
        state: 'active',
        departed_at: timeOf(object.departed_at),
        updated_at: timeOf(object.updated_at),
        body: object,
      });
    }
  });

  test('has files that are refused with a plain reason, and nothing of them is mirrored', () => {
    const { skipped } = here.sandbox;
    for (const { file, reason } of skipped) {
      expect(readdirSync(folder)).toContain(file);
      expect(reason).toMatch(/^[A-Z].+\.$/s);
      expect(reason).not.toMatch(/undefined|\bat .+:\d+/);
    }
    expect(skipped.map(({ file }) => file)).toEqual(expect.arrayContaining(REFUSED.filter(isThere)));
    const used = items().map(({ track }) => track.key);
    expect(skipped.filter(({ file }) => used.includes(`file ${file}`))).toEqual([]);
  });
});

describe('every item as a file', () => {
  test('.json is the whole object of the provider', async () => {
    for (const { type, id } of items()) {
      const answer = await browser.get(`/api/v1/${type}s/${id}.json`);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(await answer.json()).toEqual(here.sandbox.object(type, id));
    }
  });

  test('.geojson is a feature collection as RFC 7946 wants it', async () => {
    for (const { type, id } of items()) {
      const answer = await browser.get(`/api/v1/${type}s/${id}.geojson`);
      expect(answer.headers.get('content-type')).toMatch(/^application\/geo\+json/);
      const collection = (await answer.json()) as FeatureCollection;
      expect(collection.type).toBe('FeatureCollection');
      // Section 4: there is no other reference system than WGS 84, so none is named.
      expect(collection).not.toHaveProperty('crs');
      const object = here.sandbox.object(type, id);
      for (const feature of collection.features) {
        expect(feature).toMatchObject({ type: 'Feature', properties: expect.any(Object) });
        for (const position of positionsOf(feature.geometry)) expect(position).toSatisfy(isPosition);
      }
      const [track] = collection.features;
      expect(track?.properties).toMatchObject({ kind: 'track', name: object.name, id: String(id) });
      if (track?.geometry?.type === 'MultiLineString') {
        for (const line of track.geometry.coordinates) expect(line).toSatisfy(isLine);
      }
      const crossings = cuts(positioned(pointsOf(object)));
      const drawn = track ? positionsOf(track.geometry).length : 0;
      expect(drawn, `${type} ${id}`).toBe(positioned(pointsOf(object)).length + 2 * crossings);
    }
  });

  test('.gpx is well-formed, with every point that has a position and the name as it was written', async () => {
    for (const { type, id } of items()) {
      const answer = await browser.get(`/api/v1/${type}s/${id}.gpx`);
      expect(answer.headers.get('content-type')).toMatch(/^application\/gpx\+xml/);
      const object = here.sandbox.object(type, id);
      const { gpx } = readXml(await answer.text());
      const expected = positioned(pointsOf(object));
      expect(gpx.trk[0]?.name).toBe(object.name);
      const points = (gpx.trk[0]?.trkseg ?? []).flatMap((segment) => (segment === '' ? [] : (segment.trkpt ?? [])));
      expect(points.length, `${type} ${id}`).toBe(expected.length);
      points.forEach(({ lat, lon, ele, time }, at) => {
        const { x, y, e, t } = expected[at] ?? {};
        expect([Number(lat), Number(lon)]).toEqual([y, x]);
        expect(ele === undefined ? undefined : Number(ele)).toBe(e);
        expect(time === undefined ? undefined : Date.parse(time)).toBe(
          t === undefined ? undefined : Math.floor(t * 1_000),
        );
      });
    }
  });

  test('track.json has columns of one length, one row for each point', async () => {
    for (const { type, id } of items()) {
      const track = await browser.json<Track>(`/${type}s/${id}/track.json`);
      const points = pointsOf(here.sandbox.object(type, id));
      const { cues, pois, ...columns } = track;
      expect(Object.keys(columns)).toEqual(expect.arrayContaining(['x', 'y', 'd', 'e']));
      for (const column of Object.values(columns)) expect(column).toHaveLength(points.length);
      expect(track.x).toEqual(points.map(({ x }) => x ?? null));
      expect(track.e).toEqual(points.map(({ e }) => e ?? null));
      expect([Array.isArray(cues), Array.isArray(pois)]).toEqual([true, true]);
    }
  });

  test('is downloaded under a name that says which ride it is, in its own script', async () => {
    const item = named('西脇→海');
    const answer = await browser.get(`/api/v1/${item.type}s/${item.id}.gpx`);
    const header = answer.headers.get('content-disposition') ?? '';
    expect(header).toMatch(/^attachment; filename=/);
    expect(decodeURIComponent(/filename\*=UTF-8''(.+)$/.exec(header)?.[1] ?? '')).toBe(`西脇 海 ${item.id}.gpx`);
  });
});

describe('rides that are unusual', () => {
  test('over the antimeridian are as long as they were, and their line is cut there', async () => {
    const { type, id } = named('西脇→海');
    expect((await entry(type, id)).item.distance).toBeLessThan(20_000);
    const collection = await browser.json<FeatureCollection>(`/api/v1/${type}s/${id}.geojson`);
    const geometry = collection.features[0]?.geometry;
    if (geometry?.type !== 'MultiLineString') throw new Error('The track is no line.');
    expect(geometry.coordinates).toHaveLength(2);
    expect([geometry.coordinates[0]?.at(-1)?.[0], geometry.coordinates[1]?.[0]?.[0]]).toEqual([180, -180]);
    const [row] = (await browser.json<{ items: LibraryItem[] }>('/api/v1/trips?q=西脇')).items;
    expect(row?.id).toBe(String(id));
  });

  test('without elevation have no climbing and no elevation in any file', async () => {
    const flat = items().find(({ type, id }) =>
      pointsOf(here.sandbox.object(type, id)).every(({ e }) => e === undefined),
    );
    if (!flat) throw new Error('There is no ride without elevation.');
    expect((await entry(flat.type, flat.id)).item.elevation_gain).toBe(0);
    const track = await browser.json<Track>(`/${flat.type}s/${flat.id}/track.json`);
    expect(new Set(track.e)).toEqual(new Set([null]));
    expect(await (await browser.get(`/api/v1/${flat.type}s/${flat.id}.gpx`)).text()).not.toContain('<ele>');
  });

  test('indoors have figures and no place, and their files are still valid', async () => {
    const indoors = items().filter(({ type, id }) => positioned(pointsOf(here.sandbox.object(type, id))).length === 0);
    expect(indoors.length).toBeGreaterThan(0);
    for (const { type, id } of indoors) {
      const { item } = await entry(type, id);
      expect(item.body).toMatchObject({ is_stationary: true, first_lat: null });
      const collection = await browser.json<FeatureCollection>(`/api/v1/${type}s/${id}.geojson`);
      expect(collection.features[0]?.geometry).toEqual({ type: 'GeometryCollection', geometries: [] });
      const page = await (await browser.get(`/${type}s/${id}`)).text();
      expect(page).toContain('No positions recorded');
    }
  });
});

describe('answers of the real provider', () => {
  test('recorded legacy trips are mirrored whole, without a dead letter', async () => {
    const trips = legacyTrips();
    const asServed = trips.map((trip) => (id: number) => ({ type: 'trip', trip: { ...trip, id, user_id: 1 } }));
    const { ids } = await mirrored('trip', asServed);
    expect(ids).toHaveLength(trips.length);
  });

  test('its own fixture of a route is mirrored, with all points and cues in its own words and in ours', async () => {
    const fixture = routeFixture();
    const inOurs = {
      name: fixture.opts.name,
      distance: fixture.opts.total_distance,
      track_points: fixture.track_points.map(({ x, y, distance: d, elevation: e }) => ({ x, y, d, e })),
      course_points: fixture.course_points.map(({ x, y, distance: d, type: t, name: n }) => ({ x, y, d, t, n })),
    };
    const { ids, page } = await mirrored('route', [
      (id) => ({ id, user_id: 1, name: fixture.opts.name, ...fixture }),
      (id) => ({ route: { id, user_id: 1, ...inOurs } }),
    ]);
    for (const id of ids) {
      const track = await page.json<Track>(`/routes/${id}/track.json`);
      expect(track.x).toEqual(fixture.track_points.map(({ x }) => x));
      expect(track.cues).toHaveLength(fixture.course_points.length);
    }
    const translated = ids[1];
    const track = await page.json<Track>(`/routes/${translated}/track.json`);
    expect(track.d).toEqual(fixture.track_points.map(({ distance }) => distance));
    expect(track.cues.map(({ text }) => text)).toEqual(fixture.course_points.map(({ name }) => name));
    const { gpx } = readXml(await (await page.get(`/api/v1/routes/${translated}.gpx`)).text());
    expect(gpx.trk[0]?.trkseg).toMatchObject([{ trkpt: { length: fixture.track_points.length } }]);
  });
});

/** Puts answers into a provider that has nothing else, connects, and looks whether each is kept as it was served. */
async function mirrored(
  type: 'route' | 'trip',
  answers: ((id: number) => Fields)[],
): Promise<{ ids: number[]; page: Browser }> {
  const fresh = await startInstallation({ riders: [{ id: 1, name: 'Robin Field', routes: 0, trips: 0 }] });
  onTestFinished(() => fresh.close());
  const bodies = answers.map((answer): [id: number, body: Fields] => {
    const { id } = fresh.sandbox.world.create(1, type, {}, { silent: true });
    return [id, answer(id)];
  });
  const texts = bodies.map(([id, body]): [string, string] => [`${type}/${id}`, JSON.stringify(body)]);
  fresh.sandbox.faults.set({ bodies: Object.fromEntries(texts) });
  const page = await fresh.connect();
  const report = await page.json<SyncReport>('/api/v1/sync');
  expect(report.queue).toEqual({ pending: 0, active: 0, parked: 0, dead: 0 });
  for (const [id, body] of bodies) {
    const inner = (body[type] ?? body) as Fields;
    const { item } = await page.json<{ item: LibraryItem & { body: Fields } }>(`/api/v1/${type}s/${id}`);
    expect(item).toMatchObject({ name: inner.name, state: 'active', owned: true });
    expect(item.distance).toBe(inner.distance ?? null);
    expect(item.body).toEqual(inner);
    const account = (await fresh.app.accounts.list())[0]?.id ?? 0;
    const kept = await fresh.app.library.body(account, type, String(id));
    expect(Buffer.from(kept ?? []).toString()).toBe(JSON.stringify(body));
    for (const extension of ['json', 'geojson', 'gpx']) {
      expect((await page.get(`/api/v1/${type}s/${id}.${extension}`)).status).toBe(200);
    }
    expect((await page.get(`/${type}s/${id}`)).status).toBe(200);
  }
  expect((await page.get('/library')).status).toBe(200);
  return { ids: bodies.map(([id]) => id), page };
}

const items = (): Item[] => here.sandbox.world.items(1);

function named(name: string): Item {
  const item = items().find((one) => one.name === name);
  if (!item) throw new Error(`The sandbox has no ${name}.`);
  return item;
}

async function accountId(): Promise<number> {
  return (await here.app.accounts.list())[0]?.id ?? 0;
}

const entry = (type: string, id: number) =>
  browser.json<{ item: LibraryItem & { body: Fields } }>(`/api/v1/${type}s/${id}`);

const timeOf = (value: unknown): string | null => (typeof value === 'string' ? new Date(value).toISOString() : null);

function pointsOf(object: Fields): TrackPoint[] {
  return Array.isArray(object.track_points) ? object.track_points : [];
}

const positioned = (points: TrackPoint[]): TrackPoint[] =>
  points.filter(({ x, y }) => x !== undefined && y !== undefined);

/** How often a track crosses the antimeridian. */
const cuts = (points: TrackPoint[]): number =>
  points.filter(({ x = 0 }, at) => at > 0 && Math.abs(x - (points[at - 1]?.x ?? 0)) > 180).length;

function positionsOf(geometry: FeatureCollection['features'][number]['geometry']): Position[] {
  if (geometry.type === 'Point') return [geometry.coordinates];
  if (geometry.type === 'LineString') return geometry.coordinates;
  if (geometry.type === 'MultiLineString') return geometry.coordinates.flat();
  if (geometry.type === 'GeometryCollection') return geometry.geometries.flatMap(positionsOf);
  throw new Error(`A ${geometry.type} in a ride?`);
}

function isPosition([x = Number.NaN, y = Number.NaN, ...rest]: Position): boolean {
  return Math.abs(x) <= 180 && Math.abs(y) <= 90 && rest.length <= 1 && rest.every(Number.isFinite);
}

const isLine = (line: Position[]): boolean => line.length >= 2;

interface Gpx {
  gpx: { trk: { name: string; trkseg?: ('' | { trkpt?: GpxPoint[] })[] }[] };
}

interface GpxPoint {
  lat: string;
  lon: string;
  ele?: string;
  time?: string;
}

const reader = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: true,
  isArray: (name) => ['trk', 'trkseg', 'trkpt'].includes(name),
});

/** @throws Error where it is not well-formed. */
const readXml = (text: string): Gpx => reader.parse(text, true);

const isThere = (file: string): boolean => existsSync(join(folder, file));

const REFUSED = [
  'gpxpy_unicode.gpx',
  'togeojson_bad.gpx',
  'togeojson_empty_trk.gpx',
  'tormoder_filecrc_corrupt.fit',
  'waypoints.gpx',
  'broken.fit',
];

/** No recording at hand crosses the antimeridian, and none has hostile signs in its name. */
function addWhatNoFileHas({ sandbox }: Installation): void {
  const points = Array.from({ length: 40 }, (_, at) => ({
    x: Math.round((((179.95 + at / 400 + 180) % 360) - 180) * 1e5) / 1e5,
    y: -16.8,
    e: 10 + at,
    t: 1_700_000_000 + at * 30,
  }));
  sandbox.world.create(1, 'trip', { name: '西脇→海', points, departed_at: '2023-11-14T22:13:20Z' });
  sandbox.world.create(1, 'route', { name: `Čez <Vršič> & "nazaj" 🚴‍♀️ l'été`, points: points.slice(0, 3) });
}

function smallTracks(): string {
  const made = mkdtempSync(join(tmpdir(), 'tracks-'));
  const at = (minute: number) => `<time>2024-05-01T10:${String(minute).padStart(2, '0')}:00Z</time>`;
  const gpx = (inside: string) =>
    `<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">${inside}</gpx>`;
  const track = (name: string, point: (index: number) => string) =>
    gpx(`<trk><name>${name}</name><trkseg>${[0, 1, 2, 3].map(point).join('')}</trkseg></trk>`);
  const place = (index: number, inside: string) => `<trkpt lat="${46 + index / 100}" lon="14.5">${inside}</trkpt>`;
  const trainer = [0, 1, 2].map(
    (index) =>
      `<Trackpoint>${at(index).replace(/time/g, 'Time')}<DistanceMeters>${index * 400}</DistanceMeters><HeartRateBpm><Value>120</Value></HeartRateBpm></Trackpoint>`,
  );
  const files: Record<string, string> = {
    'ride.gpx': track('Runde über den Paß', (index) => place(index, `<ele>${300 + index * 10}</ele>${at(index)}`)),
    'plan.gpx': track('Načrt', (index) => place(index, '<ele>300</ele>')),
    'flat.gpx': track('No heights', (index) => place(index, at(index))),
    'hole.gpx': track('Tunnel', (index) =>
      index === 2 ? `<trkpt lat="x" lon="y">${at(2)}</trkpt>` : place(index, at(index)),
    ),
    'trainer.tcx': `<TrainingCenterDatabase><Activities><Activity Sport="Biking"><Id>x</Id><Lap><Track>${trainer.join('')}</Track></Lap></Activity></Activities></TrainingCenterDatabase>`,
    'waypoints.gpx': gpx('<wpt lat="1" lon="2"/>'),
    'broken.fit': 'no',
  };
  for (const [file, content] of Object.entries(files)) writeFileSync(join(made, file), content);
  return made;
}

/** As recorded; without the recording, an indoor ride with a bounding box turned inside out and a ride with nulls. */
function legacyTrips(): Fields[] {
  const path = join(ANSWERS, 'legacy-user-trips-2026-02.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')).results;
  const trip = {
    created_at: '2026-02-20T18:16:04Z',
    updated_at: '2026-02-20T18:16:04Z',
    visibility: 2,
    description: null,
  };
  const nowhere = { first_lng: null, first_lat: null, sw_lng: 180, sw_lat: 90, ne_lng: -180, ne_lat: -90 };
  return [
    {
      ...trip,
      ...nowhere,
      name: 'Trainer',
      distance: 28_073.7,
      duration: 3_720,
      is_stationary: true,
      avg_speed: 27.41,
    },
    { ...trip, name: 'Lost', distance: null, duration: null, avg_speed: null, max_speed: null, locality: null },
  ];
}

interface RouteFixture {
  opts: { name: string; total_distance: number };
  track_points: { x: number; y: number; distance: number; elevation: number }[];
  course_points: { x: number; y: number; distance: number; type: string; name: string }[];
}

function routeFixture(): RouteFixture {
  const path = join(ANSWERS, 'drummond-route.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
  const track_points = [0, 1, 2].map((at) => ({
    x: -122.7,
    y: 45.58 + at / 1000,
    distance: at * 111,
    elevation: 25 + at,
  }));
  const course_points = [{ x: -122.7, y: 45.581, distance: 111, type: 'right', name: 'North Houghton' }];
  return { opts: { name: 'Round-', total_distance: 222 }, track_points, course_points };
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGrounds } from '../src/ground/grounds.ts';
import { readTiles } from '../src/ground/tiles.ts';
import type { Shape } from './support/mvt.ts';
import { type ArchiveOptions, archiveOf } from './support/pmtiles.ts';
import { type Browser, createBrowser, type Installation, startInstallation } from './support/slipstream.ts';

const ROAD: Shape = {
  layer: 'roads',
  type: 'LineString',
  properties: { kind: 'highway' },
  points: [
    [10, 50],
    [11, 51],
  ],
};
const OPTIONS: ArchiveOptions = { bounds: [10, 50, 11, 51], maxZoom: 6 };

let folder: string;
let file: string;
let here: Installation;
let rider: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipstream-ground-'));
  file = write('roads.pmtiles', archiveOf([ROAD], OPTIONS));
  here = await startInstallation({ env: { MAP_TILES: file } });
  rider = await here.connect();
});

afterAll(async () => {
  await here?.close();
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const raw = (path: string, headers: Record<string, string> = {}) =>
  fetch(here.app.url + path, {
    headers: { cookie: [...rider.cookies].map(([name, value]) => `${name}=${value}`).join('; '), ...headers },
    redirect: 'manual',
  });

test('a tile goes out as it is stored, for good under the address that pages give, and is asked for again under any other', async () => {
  const { version } = await readTiles(file).info();
  const answer = await raw(`/map/ground/6/33/21.mvt?v=${version}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-encoding')).toBe('gzip');
  expect(answer.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
  expect(Buffer.from(await answer.arrayBuffer()).includes('highway')).toBe(true);
  const plain = await raw('/map/ground/6/33/21.mvt', { 'accept-encoding': 'identity' });
  expect(plain.headers.get('content-encoding')).toBeNull();
  expect(plain.headers.get('cache-control')).toBe('private, no-cache');
  expect(Buffer.from(await plain.arrayBuffer()).includes('highway')).toBe(true);
  const again = await raw('/map/ground/6/33/21.mvt', { 'if-none-match': plain.headers.get('etag') ?? '' });
  expect(again.status).toBe(304);
});

test('where the archive has nothing there is nothing, and what is no tile is not looked for', async () => {
  const statusOf = async (place: string) => (await raw(`/map/ground/${place}.mvt`)).status;
  expect(await statusOf('6/0/0')).toBe(204);
  expect(await statusOf('9/268/170')).toBe(204);
  for (const place of ['6/64/0', '6/0/64', '27/0/0', '-1/0/0', '1.5/0/0', 'x/y/z', '6/0/1e1', '6/..%2f/0']) {
    expect([place, await statusOf(place)]).toEqual([place, 404]);
  }
  const stranger = await createBrowser(here.app.url).get('/map/ground/6/33/21.mvt');
  expect([stranger.status, stranger.headers.get('location')]).toEqual([303, '/']);
});

test('a replaced file is read anew', async () => {
  const path = write('replaced.pmtiles', archiveOf([ROAD], OPTIONS));
  const tiles = readTiles(path);
  const before = await tiles.info();
  expect(await tiles.tile(6, 33, 21)).toMatchObject({ encoding: 'gzip' });
  const renamed = { ...ROAD, properties: { kind: 'major_road', name: 'Quite another road' } };
  write('replaced.pmtiles', archiveOf([renamed], { ...OPTIONS, maxZoom: 7 }));
  // Without asking for the facts first, as a browser with an old page does.
  const tile = await tiles.tile(6, 33, 21);
  expect(gunzipSync(tile?.bytes ?? '').includes('Quite another road')).toBe(true);
  const after = await tiles.info();
  expect(after.maxZoom).toBe(7);
  expect(after.version).not.toBe(before.version);
});

test('tells the schema by the layers, and whom the data is from without markup', async () => {
  const metadata = { attribution: '<a href="https://x.example" onclick="y">Made</a> &copy; <b>Them</b><script>z()' };
  const path = write('facts.pmtiles', archiveOf([{ ...ROAD, layer: 'transportation' }], { ...OPTIONS, metadata }));
  expect(await readTiles(path).info()).toMatchObject({
    schema: 'openmaptiles',
    attribution: 'Made © Them z()',
    minZoom: 0,
    maxZoom: 6,
    bounds: [10, 50, 11, 51],
  });
  expect(await readTiles(file).info()).toMatchObject({
    schema: 'protomaps',
    attribution: '© OpenStreetMap contributors',
  });
});

test.each([
  ['a file that is not there', () => join(folder, 'missing.pmtiles'), /missing\.pmtiles does not exist/],
  ['a folder', () => folder, /is a folder/],
  ['no archive', () => write('text.pmtiles', 'Not at all.'), /is no PMTiles archive/],
  ['an archive cut off', () => write('cut.pmtiles', archiveOf([ROAD], OPTIONS).subarray(0, 140)), /damaged one/],
  ['pictures', () => write('png.pmtiles', archiveOf([ROAD], { ...OPTIONS, tileType: 2 })), /no vector tiles/],
  [
    'layers nobody knows',
    () => write('odd.pmtiles', archiveOf([{ ...ROAD, layer: 'odd' }], OPTIONS)),
    /layers are not known/,
  ],
])('%s is no start, and says what is wrong', async (_what, path, why) => {
  await expect(startInstallation({ env: { MAP_TILES: path() } })).rejects.toThrow(why);
});

test('a rider sees the ground they chose, the richest without a choice, and the plain one where theirs is not had', async () => {
  const said: string[] = [];
  const parts = { warn: (sentence: string) => said.push(sentence), now: Date.now };
  const bare = await openGrounds({ ...parts, mapTiles: undefined, mapStyleUrl: undefined });
  for (const choice of ['', 'plain', 'streets', 'remote'] as const) {
    expect(await bare.chosen(choice)).toEqual({ kind: 'plain' });
  }
  const path = write('chosen.pmtiles', archiveOf([ROAD], OPTIONS));
  const streets = await openGrounds({ ...parts, mapTiles: path, mapStyleUrl: undefined });
  expect(await streets.chosen('')).toMatchObject({ kind: 'streets', schema: 'protomaps' });
  expect(await streets.chosen('plain')).toEqual({ kind: 'plain' });
  expect(await streets.chosen('remote')).toEqual({ kind: 'plain' });
  rmSync(path);
  for (let times = 0; times < 3; times++)
    expect(await streets.chosen('')).toMatchObject({ kind: 'plain', trouble: expect.stringContaining('log') });
  expect(said).toEqual([expect.stringMatching(/^MAP_TILES: .*does not exist/)]);
});

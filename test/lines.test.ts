import { gunzipSync } from 'node:zlib';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { describe, expect, test } from 'vitest';
import { createTileCache } from '../src/http/tile-cache.ts';
import { boundsAround } from '../src/lines/bounds.ts';
import { cutTile } from '../src/lines/tile.ts';
import { createTileCutter } from '../src/lines/tiles.ts';
import { outlineOf } from '../src/lines/trace.ts';
import { cellAt, cellZoom, project, stepOf, WORLD } from '../src/lines/world.ts';
import type { ItemName, Lines, Outline } from '../src/storage/lines.ts';

type Position = [lng: number, lat: number];
type Point = [x: number, y: number];

/** A pixel on a screen, in units of a tile. */
const PIXEL = 8;

/** A winding ride of about 30 km around a place. */
function winding(lng: number, lat: number, points = 4_000, degrees = 0.1): Position[] {
  return Array.from({ length: points }, (_, at): Position => {
    const angle = (2 * Math.PI * at) / points;
    const far = degrees * (1 + 0.2 * Math.sin(9 * angle) + 0.02 * Math.sin(101 * angle));
    const x = lng + far * Math.cos(angle);
    return [x > 180 ? x - 360 : x, lat + far * 0.7 * Math.sin(angle)];
  });
}

const rowsOf = (outlines: readonly (Outline | null)[], step: number, cell: number): [number, Uint8Array][] =>
  outlines.flatMap((outline, item) =>
    (outline?.cells ?? [])
      .filter((each) => each.step === step && each.cell === cell)
      .map(({ line }): [number, Uint8Array] => [item, line]),
  );

/** By item its pieces, as an independent reader has them. */
function read(tile: Uint8Array): Map<string, Point[][]> {
  const layer = new VectorTile(new PbfReader(tile)).layers.tracks;
  const found = new Map<string, Point[][]>();
  for (let at = 0; at < (layer?.length ?? 0); at += 1) {
    const feature = layer?.feature(at);
    if (!feature) continue;
    expect([feature.type, feature.extent]).toEqual([2, 4096]);
    found.set(
      String(feature.properties.item),
      feature.loadGeometry().map((piece) => piece.map(({ x, y }): Point => [x, y])),
    );
  }
  return found;
}

function cut(outlines: readonly (Outline | null)[], z: number, x: number, y: number): Map<string, Point[][]> {
  const step = stepOf(z);
  const outwards = 2 ** (z - cellZoom(step));
  const rows = rowsOf(outlines, step, cellAt(step, Math.floor(x / outwards), Math.floor(y / outwards)));
  const names = new Map(outlines.map((_, item): [number, ItemName] => [item, { type: 'trip', id: String(item) }]));
  return read(cutTile({ z, x, y }, step, rows, names, 1e9) ?? new Uint8Array());
}

/** In units of the tile, without anything left out. */
const inTile = ([lng, lat]: Position, z: number, x: number, y: number): Point => {
  const [wx, wy] = project(lng, lat);
  const size = WORLD / 2 ** z;
  return [(wx / size - x) * 4096, (wy / size - y) * 4096];
};

function farFrom([px, py]: Point, pieces: readonly Point[][]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    for (let at = 1; at < piece.length; at += 1) {
      const [[ax, ay], [bx, by]] = [piece[at - 1] as Point, piece[at] as Point];
      const length = (bx - ax) ** 2 + (by - ay) ** 2;
      const share =
        length === 0 ? 0 : Math.min(1, Math.max(0, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length));
      least = Math.min(least, Math.hypot(px - ax - share * (bx - ax), py - ay - share * (by - ay)));
    }
  }
  return least;
}

describe('a tile', () => {
  test.each([
    ['Ljubljana', 14.5, 46.05],
    ['the antimeridian', 180, -17],
    ['the far north', 25.8, 71.1],
    ['the equator at Greenwich', 0, 0],
  ])('has the line that was ridden, and no other, at every zoom, at %s', (_, lng, lat) => {
    const track = winding(lng, lat, 900);
    const outline = outlineOf(track);
    let checked = 0;
    for (let z = 0; z <= 14; z += 1) {
      for (const at of [0, 500]) {
        const [wx, wy] = project(...(track[at] as Position));
        const [x, y] = [Math.floor((wx / WORLD) * 2 ** z), Math.floor((wy / WORLD) * 2 ** z)];
        const pieces = cut([outline], z, x, y).get('trip/0') ?? [];
        const truth = track.map((position) => inTile(position, z, x, y));
        const within = truth.filter(([px, py]) => px >= 0 && px <= 4096 && py >= 0 && py <= 4096);
        expect(within.length).toBeGreaterThan(0);
        for (const point of within.filter((_, nth) => nth % 5 === 0))
          expect(farFrom(point, pieces), `left out at ${z}`).toBeLessThan(PIXEL * 1.5);
        // Around the world once more, where the tile lies at its edge.
        const copies = (lng === 180 ? [-1, 0, 1] : [0]).map((copy) =>
          truth.map(([px, py]): Point => [px + copy * 4096 * 2 ** z, py]),
        );
        for (const point of pieces.flat().filter((_, nth) => nth % 3 === 0)) {
          expect(Math.min(...copies.map((line) => farFrom(point, [line]))), `made up at ${z}`).toBeLessThan(
            PIXEL * 1.5,
          );
          expect(Math.max(...point)).toBeLessThanOrEqual(4096 + 129);
          expect(Math.min(...point)).toBeGreaterThanOrEqual(-129);
          checked += 1;
        }
      }
    }
    expect(checked).toBeGreaterThan(400);
  });

  test('over the antimeridian ends at the edge on both sides, without a line around the world', () => {
    const outline = outlineOf(winding(180, -17));
    expect(outline && outline.east > WORLD).toBe(true);
    const [, wy] = project(180, -17);
    for (const z of [0, 3, 8, 12]) {
      const y = Math.floor((wy / WORLD) * 2 ** z);
      for (const x of new Set([0, 2 ** z - 1])) {
        const pieces = cut([outline], z, x, y).get('trip/0') ?? [];
        expect(pieces.length).toBeGreaterThan(0);
        for (const piece of pieces) {
          for (let at = 1; at < piece.length; at += 1)
            expect(Math.abs((piece[at]?.[0] ?? 0) - (piece[at - 1]?.[0] ?? 0))).toBeLessThan(2_500);
        }
      }
    }
  });

  test('keeps what is smaller than a pixel as a dot, a single point too', () => {
    const tiny = outlineOf(winding(14.5, 46.05, 400, 0.003));
    const point = outlineOf([[14.5, 46.05]]);
    for (const z of [0, 1, 2, 5, 14]) {
      const [wx, wy] = project(14.5, 46.05);
      const found = cut([tiny, point], z, Math.floor((wx / WORLD) * 2 ** z), Math.floor((wy / WORLD) * 2 ** z));
      const pieces = found.get('trip/1') ?? [];
      expect(pieces).toHaveLength(1);
      expect(pieces[0]?.[0]).not.toEqual(pieces[0]?.[1]);
      if (z < 6) expect(found.has('trip/0')).toBe(true);
    }
  });

  test('with too much in it is cut coarser, and nothing is left out', async () => {
    const outlines = Array.from({ length: 150 }, (_, at) => outlineOf(winding(14.5 + at / 1e5, 46.05, 1_000, 0.02)));
    const lines: Lines = {
      version: async () => 1,
      shown: async () =>
        new Map(outlines.map((_, item): [number, ItemName] => [item, { type: 'trip', id: String(item) }])),
      inCell: async (_, step, cell) => rowsOf(outlines, step, cell),
      boxes: async () => ({ tracks: 0, boxes: [] }),
      places: async () => [],
    };
    const [wx, wy] = project(14.5, 46.05);
    const address = { z: 12, x: Math.floor((wx / WORLD) * 4096), y: Math.floor((wy / WORLD) * 4096) };
    const request = { ...address, accountId: 1, filter: { types: ['trip' as const] } };
    const whole = read(gunzipSync(await createTileCutter(lines)(request)));
    const coarse = read(gunzipSync(await createTileCutter(lines, 4_000)(request)));
    const points = (found: Map<string, Point[][]>) => [...found.values()].flat(2).length;
    expect(points(whole)).toBeGreaterThan(4_000);
    expect(points(coarse)).toBeLessThanOrEqual(4_000);
    expect([...coarse.keys()]).toEqual([...whole.keys()]);
  });
});

describe('a line', () => {
  test('of nothing is none, and positions that are nowhere are left to whoever reads them', () => {
    expect(outlineOf([])).toBeNull();
  });

  test('of 100,000 points takes little room', () => {
    const outline = outlineOf(winding(14.5, 46.05, 100_000));
    const bytes = outline?.cells.reduce((sum, { line }) => sum + line.length, 0) ?? 0;
    expect(bytes).toBeGreaterThan(500);
    expect(bytes).toBeLessThan(60_000);
  });

  test('of made-up jumps across the world is drawn from afar, and does not fill the disk', () => {
    const jumps = Array.from({ length: 20_000 }, (_, at): Position => [at % 2 ? 170 : -170, (at % 160) - 80]);
    const outline = outlineOf(jumps.map(([lng, lat], at) => [at % 4 < 2 ? lng / 2 : lng, lat]));
    expect(outline?.cells.filter(({ step }) => step === 0)).toHaveLength(1);
    expect(outline?.cells.length).toBeLessThan(100_000);
  });
});

test('bounds leave out the widest gap around the world', () => {
  const box = (west: number, east: number) => ({
    west: (west / 360) * WORLD,
    east: (east / 360) * WORLD,
    north: WORLD / 4,
    south: WORLD / 2,
  });
  const sides = (...boxes: ReturnType<typeof box>[]) => {
    const found = boundsAround(boxes);
    return found && [Math.round(found[0]), Math.round(found[2])];
  };
  expect(sides()).toBeNull();
  expect(sides(box(180, 190), box(200, 220))).toEqual([0, 40]);
  // New Zealand and Oregon, over the Pacific; and what lies on the antimeridian itself.
  expect(sides(box(350, 355), box(55, 60))).toEqual([170, 240]);
  expect(sides(box(358, 362))).toEqual([178, 182]);
  expect(sides(box(358, 362), box(1, 3), box(100, 110))).toEqual([178, 290]);
});

describe('the cache of tiles', () => {
  test('cuts a tile once, however many ask for it at the same time and afterwards', async () => {
    let cuts = 0;
    const cache = createTileCache(async () => Uint8Array.of(++cuts), 10_000);
    const tiles = await Promise.all([1, 2, 3].map(() => cache.get(1, 'a', () => true)));
    expect([...tiles, await cache.get(1, 'a', () => true)].map((tile) => tile?.body[0])).toEqual([1, 1, 1, 1]);
    expect((await cache.get(2, 'a', () => true))?.body[0], 'of another account').toBe(2);
  });

  test('holds no more than it may, and forgets first what was not used for longest', async () => {
    let cuts = 0;
    const cache = createTileCache(async () => {
      cuts += 1;
      return new Uint8Array(1_000);
    }, 4_000);
    for (const key of ['a', 'b', 'c', 'a', 'd', 'a']) await cache.get(1, key, () => true);
    expect(cuts).toBe(4);
    await cache.get(1, 'b', () => true);
    expect(cuts).toBe(5);
  });

  test('cuts two at a time for one account, and what nobody waits for any more not at all', async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const cache = createTileCache(async (_, key) => {
      begun.push(key);
      await new Promise<void>((resolve) => ends.push(resolve));
      return Uint8Array.of(1);
    }, 10_000);
    const work = ['a', 'b', 'gone', 'c'].map((key) => cache.get(1, key, () => key !== 'gone'));
    const other = cache.get(2, 'other', () => true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual(['a', 'b', 'other']);
    for (const end of ends) end();
    await Promise.all([work[0], work[1], work[2], other]);
    expect(begun).toEqual(['a', 'b', 'other', 'c']);
    ends.at(-1)?.();
    expect((await work[3])?.body[0]).toBe(1);
    expect(await work[2]).toBeUndefined();
  });

  test('a failure is not kept', async () => {
    let broken = true;
    const cache = createTileCache(async () => {
      if (broken) throw new Error('a thread died');
      return Uint8Array.of(1);
    }, 1_000);
    await expect(cache.get(1, 'a', () => true)).rejects.toThrow('died');
    broken = false;
    expect((await cache.get(1, 'a', () => true))?.body[0]).toBe(1);
  });
});

import { gzipSync } from 'node:zlib';
import { zxyToTileId } from 'pmtiles';
import { EXTENT, encodeTile, type Point, type Shape, varint } from './mvt.ts';

export interface ArchiveOptions {
  /** Degrees: west, south, east, north. */
  bounds: [number, number, number, number];
  maxZoom: number;
  /** As the archive's own metadata. */
  metadata?: Record<string, unknown>;
  /** 1: vector tiles, 2: PNG. */
  tileType?: number;
  /** 1: none, 2: gzip. */
  compression?: 1 | 2;
}

const NONE = 1;
const MARGIN = 64;

/** A PMTiles archive, version 3, of these shapes: https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md */
export function archiveOf(shapes: readonly Shape[], options: ArchiveOptions): Buffer {
  const { bounds, maxZoom, tileType = 1, compression = 2 } = options;
  const [west, south, east, north] = bounds;
  const tiles: { id: number; bytes: Buffer }[] = [];
  for (let z = 0; z <= maxZoom; z++) {
    const [left, top] = across([west, north], z).map(Math.floor) as Point;
    const [right, bottom] = across([east, south], z).map(Math.floor) as Point;
    for (let x = left; x <= right; x++) {
      for (let y = top; y <= bottom; y++) {
        const inside = shapes.flatMap((shape) => cut(shape, z, x, y));
        if (inside.length === 0) continue;
        const bytes = encodeTile(inside);
        tiles.push({ id: zxyToTileId(z, x, y), bytes: compression === 2 ? gzipSync(bytes) : bytes });
      }
    }
  }
  tiles.sort((one, other) => one.id - other.id);
  const layers = [...new Set(shapes.map(({ layer }) => layer))];
  const metadata = Buffer.from(
    JSON.stringify({ vector_layers: layers.map((id) => ({ id, fields: {} })), ...options.metadata }),
  );
  const directory = directoryOf(tiles.map(({ id, bytes }) => ({ id, length: bytes.length })));
  const data = Buffer.concat(tiles.map(({ bytes }) => bytes));

  const header = Buffer.alloc(127);
  header.write('PMTiles');
  header.writeUInt8(3, 7);
  const parts = [127, directory.length, 127 + directory.length, metadata.length, 0, 0];
  const start = 127 + directory.length + metadata.length;
  const numbers = [...parts, start, data.length, tiles.length, tiles.length, tiles.length];
  for (const [at, value] of numbers.entries()) header.writeBigUInt64LE(BigInt(value), 8 + 8 * at);
  for (const [at, value] of [1, NONE, compression, tileType, 0, maxZoom].entries()) header.writeUInt8(value, 96 + at);
  for (const [at, degrees] of bounds.entries()) header.writeInt32LE(Math.round(degrees * 1e7), 102 + 4 * at);
  return Buffer.concat([header, directory, metadata, data]);
}

/** One level: the tests' archives are small. */
function directoryOf(entries: readonly { id: number; length: number }[]): Buffer {
  const numbers = [
    entries.length,
    ...entries.map(({ id }, at) => id - (entries[at - 1]?.id ?? 0)),
    ...entries.map(() => 1),
    ...entries.map(({ length }) => length),
    // The first lies at 0, and each of the others behind the one before it.
    ...entries.map((_, at) => (at === 0 ? 1 : 0)),
  ];
  return Buffer.concat(numbers.map(varint));
}

/** In tiles of this zoom, from the north-west corner of the world. */
function across([lng, lat]: Point, z: number): Point {
  const sine = Math.sin((lat * Math.PI) / 180);
  const y = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return [(lng / 360 + 0.5) * 2 ** z, y * 2 ** z];
}

/** What of a shape lies in a tile and a little around it, in units of the tile. */
function cut(shape: Shape, z: number, x: number, y: number): Shape[] {
  const placed = shape.points.map((point): Point => {
    const [px, py] = across(point, z);
    return [Math.round((px - x) * EXTENT), Math.round((py - y) * EXTENT)];
  });
  if (shape.type === 'LineString') return linesWithin(placed).map((points) => ({ ...shape, points }));
  const points = shape.type === 'Point' ? placed.filter(isWithin) : areaWithin(placed);
  return points.length === 0 ? [] : [{ ...shape, points }];
}

const LOW = -MARGIN;
const HIGH = EXTENT + MARGIN;
const isWithin = ([x, y]: Point): boolean => x >= LOW && x <= HIGH && y >= LOW && y <= HIGH;

/** Whole segments that come near: a tile may hold more than it shows, as long as it is not much more. */
function linesWithin(points: readonly Point[]): Point[][] {
  const lines: Point[][] = [];
  for (let at = 1; at < points.length; at++) {
    const [from, to] = [points[at - 1], points[at]];
    const part = from && to && segmentWithin(from, to);
    if (!part) continue;
    const last = lines.at(-1)?.at(-1);
    if (last && last[0] === part[0][0] && last[1] === part[0][1]) lines.at(-1)?.push(part[1]);
    else lines.push([...part]);
  }
  return lines;
}

/** Liang and Barsky. */
function segmentWithin([x1, y1]: Point, [x2, y2]: Point): [Point, Point] | undefined {
  const [dx, dy] = [x2 - x1, y2 - y1];
  let [begin, end] = [0, 1];
  for (const [step, room] of [
    [-dx, x1 - LOW],
    [dx, HIGH - x1],
    [-dy, y1 - LOW],
    [dy, HIGH - y1],
  ] as const) {
    if (step === 0 && room < 0) return undefined;
    if (step < 0) begin = Math.max(begin, room / step);
    if (step > 0) end = Math.min(end, room / step);
  }
  if (begin >= end) return undefined;
  const at = (part: number): Point => [Math.round(x1 + part * dx), Math.round(y1 + part * dy)];
  return [at(begin), at(end)];
}

/** Sutherland and Hodgman. */
function areaWithin(points: readonly Point[]): Point[] {
  let ring = [...points];
  for (const [axis, limit, sign] of [
    [0, LOW, 1],
    [0, HIGH, -1],
    [1, LOW, 1],
    [1, HIGH, -1],
  ] as const) {
    const inside = (point: Point) => sign * (point[axis] - limit) >= 0;
    ring = ring.flatMap((to, at) => {
      const from = ring.at(at - 1) ?? to;
      if (inside(from) === inside(to)) return inside(to) ? [to] : [];
      const part = (limit - from[axis]) / (to[axis] - from[axis]);
      const edge: Point = [
        Math.round(from[0] + part * (to[0] - from[0])),
        Math.round(from[1] + part * (to[1] - from[1])),
      ];
      return inside(to) ? [edge, to] : [edge];
    });
  }
  return ring;
}

/** As much of the Mapbox Vector Tile format (version 2) as the maps of tests need: https://github.com/mapbox/vector-tile-spec */

export type Point = [x: number, y: number];

export interface Shape {
  layer: string;
  type: 'Point' | 'LineString' | 'Polygon';
  properties: Record<string, string | number | boolean>;
  /** In a tile: units of it. On the ground: degrees, east and north. */
  points: Point[];
}

export const EXTENT = 4096;
const TYPES = { Point: 1, LineString: 2, Polygon: 3 };

export function encodeTile(shapes: readonly Shape[]): Buffer {
  const layers = Map.groupBy(shapes, ({ layer }) => layer);
  return Buffer.concat([...layers].map(([name, all]) => field(3, encodeLayer(name, all))));
}

function encodeLayer(name: string, shapes: readonly Shape[]): Buffer {
  const keys = [...new Set(shapes.flatMap(({ properties }) => Object.keys(properties)))];
  const values = [...new Set(shapes.flatMap(({ properties }) => Object.values(properties)))];
  const features = shapes.map(({ type, properties, points }) => {
    const tags = Object.entries(properties).flatMap(([key, value]) => [keys.indexOf(key), values.indexOf(value)]);
    return Buffer.concat([
      field(2, Buffer.concat(tags.map(varint))),
      Buffer.concat([varint(3 << 3), varint(TYPES[type])]),
      field(4, Buffer.concat(geometry(type, points).map(varint))),
    ]);
  });
  return Buffer.concat([
    Buffer.concat([varint(15 << 3), varint(2)]),
    field(1, Buffer.from(name)),
    ...features.map((feature) => field(2, feature)),
    ...keys.map((key) => field(3, Buffer.from(key))),
    ...values.map((value) => field(4, encodeValue(value))),
    Buffer.concat([varint(5 << 3), varint(EXTENT)]),
  ]);
}

function encodeValue(value: string | number | boolean): Buffer {
  if (typeof value === 'string') return field(1, Buffer.from(value));
  if (typeof value === 'boolean') return Buffer.concat([varint(7 << 3), varint(Number(value))]);
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8((3 << 3) | 1);
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

/** Commands: move to the first, a line to the rest, and close. */
function geometry(type: Shape['type'], points: readonly Point[]): number[] {
  let [x, y] = [0, 0];
  const steps = points.map(([toX, toY]) => {
    const step = [zigzag(toX - x), zigzag(toY - y)];
    [x, y] = [toX, toY];
    return step;
  });
  const [first = [], ...rest] = steps;
  if (type === 'Point') return [9, ...first];
  return [9, ...first, (rest.length << 3) | 2, ...rest.flat(), ...(type === 'Polygon' ? [15] : [])];
}

const zigzag = (value: number): number => (value << 1) ^ (value >> 31);

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

import { PbfWriter } from 'pbf';
import type { ItemName } from '../storage/lines.ts';
import { type Box, clip } from './clip.ts';
import { unpack } from './pack.ts';
import { cellSize, cellZoom, DEEPEST, EXTENT, finestZoom, MARGIN } from './world.ts';

export interface TileAddress {
  z: number;
  x: number;
  y: number;
}

/** Points nearer than this to the one before are left out, half a pixel; at the deepest zoom, which is enlarged, hardly any. */
const APART = 4;
/** What has no length would not be drawn: it is made a dot. */
const DOT = 2;

/**
 * The Mapbox Vector Tile (version 2) of what lies in the tile: one layer, `tracks`, a line for each item, with `item` as `trip/123`.
 *
 * @param rows - everything in the cell of the step that the tile lies in.
 * @param most - points. @returns undefined when there would be more.
 */
export function cutTile(
  tile: TileAddress,
  step: number,
  rows: readonly [item: number, line: Uint8Array][],
  shown: ReadonlyMap<number, ItemName>,
  most: number,
): Uint8Array | undefined {
  const draw = createPen(tile, step);
  const features: { name: string; geometry: number[] }[] = [];
  let points = 0;
  for (const [item, line] of rows) {
    const name = shown.get(item);
    if (!name) continue;
    const geometry = draw(line);
    if (geometry.length === 0) continue;
    points += geometry.length / 2;
    if (points > most) return undefined;
    features.push({ name: `${name.type}/${name.id}`, geometry });
  }
  return encode(features);
}

/** Makes the commands of a feature's geometry, in units of the tile. @returns none where the line is not in the tile. */
function createPen({ z, x, y }: TileAddress, step: number): (line: Uint8Array) => number[] {
  const deeper = z - cellZoom(step);
  // Of the tile, in units of the step.
  const size = EXTENT * 2 ** (finestZoom(step) - z);
  const [left, top] = [(x % 2 ** deeper) * size, (y % 2 ** deeper) * size];
  const scale = EXTENT / size;
  const margin = size * MARGIN;
  const box: Box = { west: left - margin, north: top - margin, east: left + size + margin, south: top + size + margin };
  // Lines are stored with the margin of their cell.
  const whole = size === cellSize(step);
  const apart = z === DEEPEST ? 1 : APART;
  const inTile = (value: number, from: number): number => Math.round((value - from) * scale);

  return (line) => {
    const geometry: number[] = [];
    const path: number[] = [];
    let [penX, penY] = [0, 0];
    let [lastX, lastY] = [0, 0];

    function end(): void {
      if (path.length === 0) return;
      // The last point is where the line ends, however near.
      if (path.length > 2 && (path.at(-2) !== lastX || path.at(-1) !== lastY)) path.push(lastX, lastY);
      if (path.length === 2) path.push(lastX === path[0] && lastY === path[1] ? lastX + DOT : lastX, lastY);
      geometry.push(command(1, 1));
      for (let at = 0; at < path.length; at += 2) {
        if (at === 2) geometry.push(command(2, path.length / 2 - 1));
        const [nextX, nextY] = [path[at] as number, path[at + 1] as number];
        geometry.push(zigzag(nextX - penX), zigzag(nextY - penY));
        penX = nextX;
        penY = nextY;
      }
      path.length = 0;
    }

    function begin(atX: number, atY: number): void {
      end();
      lastX = atX;
      lastY = atY;
      path.push(atX, atY);
    }

    function go(toX: number, toY: number): void {
      lastX = toX;
      lastY = toY;
      const [fromX, fromY] = [path[path.length - 2] as number, path[path.length - 1] as number];
      if (Math.abs(toX - fromX) >= apart || Math.abs(toY - fromY) >= apart) path.push(toX, toY);
    }

    let [beforeX, beforeY] = [0, 0];
    unpack(line, (atX, atY, first) => {
      if (whole) {
        if (first) begin(inTile(atX, left), inTile(atY, top));
        else go(inTile(atX, left), inTile(atY, top));
        return;
      }
      const [fromX, fromY] = first ? [atX, atY] : [beforeX, beforeY];
      beforeX = atX;
      beforeY = atY;
      const part = clip(fromX, fromY, atX, atY, box);
      if (!part) return end();
      if (first || part[0] > 0 || path.length === 0) {
        begin(inTile(fromX + part[0] * (atX - fromX), left), inTile(fromY + part[0] * (atY - fromY), top));
      }
      if (!first) go(inTile(fromX + part[1] * (atX - fromX), left), inTile(fromY + part[1] * (atY - fromY), top));
      if (part[1] < 1) end();
    });
    end();
    return geometry;
  };
}

const command = (id: number, times: number): number => (times << 3) | id;
const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

/** Source: Mapbox Vector Tile specification 2.1, section 4. */
function encode(features: readonly { name: string; geometry: number[] }[]): Uint8Array {
  const tile = new PbfWriter();
  if (features.length > 0) tile.writeMessage(3, encodeLayer, features);
  return tile.finish();
}

function encodeLayer(features: readonly { name: string; geometry: number[] }[], layer: PbfWriter): void {
  layer.writeVarintField(15, 2);
  layer.writeStringField(1, 'tracks');
  layer.writeVarintField(5, EXTENT);
  layer.writeStringField(3, 'item');
  for (const [at, feature] of features.entries()) {
    layer.writeMessage(2, encodeFeature, { value: at, geometry: feature.geometry });
    layer.writeMessage(4, encodeValue, feature.name);
  }
}

function encodeFeature({ value, geometry }: { value: number; geometry: number[] }, feature: PbfWriter): void {
  feature.writePackedVarint(2, [0, value]);
  feature.writeVarintField(3, 2);
  feature.writePackedVarint(4, geometry);
}

const encodeValue = (name: string, value: PbfWriter): void => value.writeStringField(1, name);

import type { Box } from '../storage/lines.ts';
import { unproject, WORLD } from './world.ts';

/** West, south, east, north in degrees; the east of what crosses the antimeridian is beyond 180°. */
export type Bounds = [west: number, south: number, east: number, north: number];

export function boundsIn({ west, south, east, north }: Box): Bounds {
  return [...unproject(west, south), ...unproject(east, north)];
}

/** The smallest bounds that hold all of them: the widest gap around the world is left out. Null for none. */
export function boundsAround(boxes: readonly Box[]): Bounds | null {
  if (boxes.length === 0) return null;
  const sorted = boxes.toSorted((a, b) => a.west - b.west);
  // What reaches over the edge of the world covers the beginning of it.
  let reach = Math.max(...sorted.map(({ east }) => east)) - WORLD;
  let [widest, west] = [Number.NEGATIVE_INFINITY, 0];
  for (const box of sorted) {
    if (box.west - reach > widest) {
      widest = box.west - reach;
      west = box.west;
    }
    reach = Math.max(reach, box.east);
  }
  const east = Math.max(...sorted.map((box) => (box.west < west ? box.east + WORLD : box.east)));
  const south = Math.max(...sorted.map((box) => box.south));
  const north = Math.min(...sorted.map((box) => box.north));
  return boundsIn({ west, south, east: Math.min(east, west + WORLD), north });
}

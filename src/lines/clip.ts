export interface Box {
  west: number;
  north: number;
  east: number;
  south: number;
}

const WHOLE: readonly [from: number, to: number] = [0, 1];

/**
 * What of the segment from `a` to `b` lies within a box, as shares of its length; null: nothing. Nearly all are within or beyond
 * one side, and are told by comparing; the rest after Liang and Barsky.
 */
export function clip(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  { west, north, east, south }: Box,
): readonly [from: number, to: number] | null {
  const a = (ax < west ? 1 : ax > east ? 2 : 0) | (ay < north ? 4 : ay > south ? 8 : 0);
  const b = (bx < west ? 1 : bx > east ? 2 : 0) | (by < north ? 4 : by > south ? 8 : 0);
  if ((a | b) === 0) return WHOLE;
  if ((a & b) !== 0) return null;
  const [dx, dy] = [bx - ax, by - ay];
  let [from, to] = [0, 1];
  for (const [speed, room] of [
    [-dx, ax - west],
    [dx, east - ax],
    [-dy, ay - north],
    [dy, south - ay],
  ] as const) {
    if (speed === 0) continue;
    const share = room / speed;
    if (speed < 0) from = Math.max(from, share);
    else to = Math.min(to, share);
  }
  return from > to ? null : [from, to];
}

export interface Box {
  west: number;
  north: number;
  east: number;
  south: number;
}

/** What of a segment lies within a box, as shares of its length; null: nothing. After Liang and Barsky. */
export function clip(
  x: number,
  y: number,
  dx: number,
  dy: number,
  { west, north, east, south }: Box,
): [from: number, to: number] | null {
  let [from, to] = [0, 1];
  for (const [speed, room] of [
    [-dx, x - west],
    [dx, east - x],
    [-dy, y - north],
    [dy, south - y],
  ] as const) {
    if (speed === 0) {
      if (room < 0) return null;
      continue;
    }
    const share = room / speed;
    if (speed < 0) from = Math.max(from, share);
    else to = Math.min(to, share);
    if (from > to) return null;
  }
  return [from, to];
}

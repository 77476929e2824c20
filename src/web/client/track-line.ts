import type { Track } from '../../export/track.ts';

/** Longitude and latitude in degrees. Longitudes go on past 180° where a track crosses the antimeridian. */
export type Position = [lng: number, lat: number];

/** Per point of the track its position, or null; longitudes unwrapped, so that neighbours are never a world apart. */
export function positions({ x, y }: Pick<Track, 'x' | 'y'>): (Position | null)[] {
  let previous: number | null = null;
  return x.map((lng, at) => {
    const lat = y[at];
    if (lng === null || lat === null || lat === undefined) return null;
    const near = previous === null ? lng : lng + 360 * Math.round((previous - lng) / 360);
    previous = near;
    return [near, lat];
  });
}

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Null when there is no position at all. */
export function bounds(points: readonly (Position | null)[]): Bounds | null {
  let found: Bounds | null = null;
  for (const point of points) {
    if (!point) continue;
    const [lng, lat] = point;
    found ??= { west: lng, south: lat, east: lng, north: lat };
    if (lng < found.west) found.west = lng;
    if (lng > found.east) found.east = lng;
    if (lat < found.south) found.south = lat;
    if (lat > found.north) found.north = lat;
  }
  return found;
}

/** A longitude in the copy of the world that the track lies in. */
export function nearTo({ west, east }: Bounds, lng: number): number {
  return lng + 360 * Math.round(((west + east) / 2 - lng) / 360);
}

/** The line to draw: points within `tolerance` degrees of it are left out, places without a position are bridged. */
export function simplify(points: readonly (Position | null)[], tolerance: number): Position[] {
  const line = points.filter((point) => point !== null);
  const kept = new Uint8Array(line.length);
  const spans: [from: number, to: number][] = [[0, line.length - 1]];
  // A stack instead of recursion: a straight road of 100,000 points would be as many calls deep.
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    kept[from] = kept[to] = 1;
    const far = farthest(line, from, to, tolerance);
    if (far !== null) spans.push([from, far], [far, to]);
  }
  return line.filter((_, at) => kept[at] === 1);
}

/** The point between `from` and `to` that is farthest from the straight line between them; null when all are nearer than `tolerance`. */
function farthest(line: readonly Position[], from: number, to: number, tolerance: number): number | null {
  const [a, b] = [line[from], line[to]];
  if (!a || !b) return null;
  const squeeze = Math.cos((a[1] * Math.PI) / 180);
  const [dx, dy] = [(b[0] - a[0]) * squeeze, b[1] - a[1]];
  const length = dx * dx + dy * dy;
  let [found, most] = [null as number | null, tolerance * tolerance];
  for (let at = from + 1; at < to; at++) {
    const point = line[at];
    if (!point) continue;
    const [px, py] = [(point[0] - a[0]) * squeeze, point[1] - a[1]];
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
    const [ox, oy] = [px - along * dx, py - along * dy];
    if (ox * ox + oy * oy > most) [found, most] = [at, ox * ox + oy * oy];
  }
  return found;
}

/** The index of the point nearest to `[lng, lat]`, at most `reach` degrees of latitude away; null when there is none. */
export function nearest(points: readonly (Position | null)[], [lng, lat]: Position, reach: number): number | null {
  const squeeze = Math.cos((lat * Math.PI) / 180);
  let [found, least] = [null as number | null, reach * reach];
  for (let at = 0; at < points.length; at++) {
    const point = points[at];
    if (!point) continue;
    const [dx, dy] = [(point[0] - lng) * squeeze, point[1] - lat];
    if (dx * dx + dy * dy < least) [found, least] = [at, dx * dx + dy * dy];
  }
  return found;
}

import { isObject } from '../element.ts';

const BOX = 48;
const MARGIN = 3;
const MOST_POINTS = 64;

/**
 * The track as a few dozen pairs in a box of 48 × 48, y downwards: what a list shows of a ride, kept beside it so that a list
 * never opens a body. Every n-th point is enough at this size.
 */
export function thumbnailOf(trackPoints: unknown): [number, number][] {
  const points = (Array.isArray(trackPoints) ? trackPoints : []).flatMap((point): [number, number][] =>
    isObject(point) && typeof point.x === 'number' && typeof point.y === 'number' ? [[point.x, point.y]] : [],
  );
  const last = points.at(-1);
  const first = points[0];
  if (!first || !last) return [];
  const step = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  const chosen = [...points.filter((_, index) => index % step === 0), last].map(([x, y]): [number, number] =>
    project(x, y, first[0]),
  );

  const xs = chosen.map(([x]) => x);
  const ys = chosen.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const scale = (BOX - 2 * MARGIN) / Math.max(width, height, 1e-9);
  const [dx, dy] = [(BOX - width * scale) / 2, (BOX - height * scale) / 2];
  return chosen.map(([x, y]) => [round((x - left) * scale + dx), round((y - top) * scale + dy)]);
}

/** Web Mercator, and on the same side of the antimeridian as the start. */
function project(lng: number, lat: number, startLng: number): [number, number] {
  const x = lng - startLng > 180 ? lng - 360 : lng - startLng < -180 ? lng + 360 : lng;
  const clamped = Math.min(Math.max(lat, -85), 85);
  return [x, -(180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (clamped * Math.PI) / 360))];
}

const round = (value: number): number => Math.round(value * 10) / 10;

import { isObject } from '../element.ts';

/** Where the track was, in degrees; points without a position, or with one that is nowhere on Earth, are left out. */
export function positionsIn(trackPoints: unknown): [lng: number, lat: number][] {
  return (Array.isArray(trackPoints) ? trackPoints : []).flatMap((point): [number, number][] =>
    isObject(point) &&
    typeof point.x === 'number' &&
    typeof point.y === 'number' &&
    Math.abs(point.x) <= 180 &&
    Math.abs(point.y) <= 90
      ? [[point.x, point.y]]
      : [],
  );
}

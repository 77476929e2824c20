import { isObject } from '../element.ts';

/** Metres above the sea: the highest point of the track, so that a record of it never opens a body. Null where it has no elevation. */
export function highestOf(trackPoints: unknown): number | null {
  let highest: number | null = null;
  for (const point of Array.isArray(trackPoints) ? trackPoints : []) {
    const elevation = isObject(point) ? point.e : undefined;
    if (typeof elevation === 'number' && Number.isFinite(elevation) && elevation > (highest ?? -Infinity)) {
      highest = elevation;
    }
  }
  return highest;
}

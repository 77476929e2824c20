import type { Track } from '../../export/track.ts';
import { STEEPNESS_FROM } from '../grades.ts';

/** The points that the profile can show: those with a distance, in its order. */
export interface ProfileRows {
  /** Metres from the start, never falling. */
  distance: number[];
  /** Metres; null where none was recorded. */
  elevation: (number | null)[];
  /** Which point of the track each row is. */
  point: number[];
}

/** Null when there is nothing to draw: no distances or no elevations. */
export function profileRows({ d, e }: Pick<Track, 'd' | 'e'>): ProfileRows | null {
  const rows: ProfileRows = { distance: [], elevation: [], point: [] };
  let last = Number.NEGATIVE_INFINITY;
  let heights = 0;
  d.forEach((metres, point) => {
    // Where a recording jumps back, the axis cannot.
    if (metres === null || metres < last) return;
    last = metres;
    const height = e[point] ?? null;
    if (height !== null) heights++;
    rows.distance.push(metres);
    rows.elevation.push(height);
    rows.point.push(point);
  });
  return heights > 1 && last > 0 ? rows : null;
}

/** The row of a point of the track, or the next one that has a row. */
export function rowOf({ point }: ProfileRows, index: number): number {
  return lowerBound(point, index);
}

export interface Stretch {
  /** Metres from the start. */
  from: number;
  to: number;
  /** 0 flat to 4 steep. */
  steepness: number;
}

/** The track in `pieces` equal stretches with the steepness of each: what the profile is filled with. */
export function stretches(rows: ProfileRows, pieces: number): Stretch[] {
  const end = rows.distance.at(-1) ?? 0;
  const heights = Array.from({ length: pieces + 1 }, (_, at) => heightAt(rows, (end * at) / pieces));
  return Array.from({ length: pieces }, (_, at) => {
    const [from, to] = [(end * at) / pieces, (end * (at + 1)) / pieces];
    const [low, high] = [heights[at] ?? null, heights[at + 1] ?? null];
    return { from, to, steepness: low === null || high === null ? 0 : steepness((high - low) / (to - from)) };
  });
}

/** Grade at a row, over at least `reach` metres around it, so that the noise of a recording is not a wall. */
export function gradeAt(rows: ProfileRows, row: number, reach = 60): number | null {
  const here = rows.distance[row];
  if (here === undefined) return null;
  const [from, to] = [Math.max(0, here - reach), Math.min(rows.distance.at(-1) ?? 0, here + reach)];
  const [low, high] = [heightAt(rows, from), heightAt(rows, to)];
  return low === null || high === null || to <= from ? null : (high - low) / (to - from);
}

function steepness(grade: number): number {
  return STEEPNESS_FROM.filter((from) => grade >= from).length;
}

/** Between the two rows around `metres`; null where one of them has no elevation. */
function heightAt({ distance, elevation }: ProfileRows, metres: number): number | null {
  const after = Math.min(lowerBound(distance, metres), distance.length - 1);
  const before = Math.max(0, after - 1);
  const [d0, d1, e0, e1] = [distance[before], distance[after], elevation[before], elevation[after]];
  if (d0 === undefined || d1 === undefined || e0 == null || e1 == null) return null;
  return d1 === d0 ? e1 : e0 + ((e1 - e0) * (metres - d0)) / (d1 - d0);
}

/** The first place in ascending `values` that is not below `wanted`. */
function lowerBound(values: readonly number[], wanted: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

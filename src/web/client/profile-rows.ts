import type { Track } from '../../export/track.ts';
import { STEEPNESS_FROM } from '../grades.ts';
import { lowerBound } from './axis.ts';

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

/** Metres over which a grade is taken at least, so that the noise of a recording is not a wall. */
const REACH = 60;

/** 0 flat to 4 steep, of the way between two distances in metres. Flat where no elevation is known. */
export function steepnessBetween(rows: ProfileRows, from: number, to: number): number {
  const more = Math.max(0, REACH - (to - from)) / 2;
  const grade = gradeBetween(rows, from - more, to + more);
  return grade === null ? 0 : STEEPNESS_FROM.filter((steep) => grade >= steep).length;
}

/** Grade at a row, over `reach` metres before it and after it. */
export function gradeAt(rows: ProfileRows, row: number, reach = REACH): number | null {
  const here = rows.distance[row];
  return here === undefined ? null : gradeBetween(rows, here - reach, here + reach);
}

function gradeBetween(rows: ProfileRows, before: number, after: number): number | null {
  const [from, to] = [Math.max(0, before), Math.min(rows.distance.at(-1) ?? 0, after)];
  const [low, high] = [heightAt(rows, from), heightAt(rows, to)];
  return low === null || high === null || to <= from ? null : (high - low) / (to - from);
}

/** Between the two rows around `metres`; null where one of them has no elevation. */
function heightAt({ distance, elevation }: ProfileRows, metres: number): number | null {
  const after = Math.min(lowerBound(distance, metres), distance.length - 1);
  const before = Math.max(0, after - 1);
  const [d0, d1, e0, e1] = [distance[before], distance[after], elevation[before], elevation[after]];
  if (d0 === undefined || d1 === undefined || e0 == null || e1 == null) return null;
  return d1 === d0 ? e1 : e0 + ((e1 - e0) * (metres - d0)) / (d1 - d0);
}

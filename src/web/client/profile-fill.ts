import type { Track } from '../../export/track.ts';
import { type Axis, pointBefore, valueAt } from './axis.ts';
import { type ProfileRows, steepnessBetween } from './profile-rows.ts';

export type Fill = 'grade' | 'surface';

/** The names of the tokens that the profile is filled with, in `pieces` equal parts of the axis. */
export function fillColours(
  fill: Fill,
  { track, rows, axis }: { track: Track; rows: ProfileRows | null; axis: Axis },
  pieces: number,
): string[] {
  const start = axis.x[0] ?? 0;
  const usual = (rows?.distance.at(-1) ?? 0) / pieces;
  const edge = (at: number) => start + ((axis.end - start) * at) / pieces;
  return Array.from({ length: pieces }, (_, at) => {
    if (fill === 'surface') return `surface-${SURFACES.get(track.u?.[pointBefore(axis, edge(at + 0.5))]) ?? 'unknown'}`;
    if (!rows) return 'grade-0';
    const [from, to] = [valueAt(axis, track.d, edge(at)), valueAt(axis, track.d, edge(at + 1))];
    // Along the time a rest is as long as a climb.
    const rests = axis.name !== 'distance' && from !== null && to !== null && to - from < usual / 10;
    return `grade-${from === null || to === null || rests ? 0 : steepnessBetween(rows, from, to)}`;
  });
}

const SURFACES = new Map<number | null | undefined, string>([
  [0, 'paved'],
  [1, 'unpaved'],
]);

import type { Track } from '../../export/track.ts';
import { say } from '../say.ts';
import { decimal, inWords, type Measure, shortTime, type Units } from '../units.ts';
import { gradeAt, type ProfileRows, rowOf } from './profile-rows.ts';

/** Two en spaces: wide enough to set numbers apart without a sign between them. */
const APART = '\u2002\u2002';

/** What was measured at one point of the track, in words: `42.1 km  312 m  6 %  24.5 km/h  142 bpm`. */
export function reading(track: Track, rows: ProfileRows | null, index: number, units: Units): string {
  const grade = rows && gradeAt(rows, rowOf(rows, index));
  const measures: (Measure | null)[] = [
    measured(track.d, index, units.distance),
    elapsed(track, index),
    measured(track.e, index, units.height),
    grade === null ? null : { value: signed(Math.round(grade * 100)), unit: '%' },
    measured(track.s, index, units.speed),
    measured(track.h, index, (value) => ({ value: decimal(value, 0), unit: 'bpm' })),
    measured(track.c, index, (value) => ({ value: decimal(value, 0), unit: 'rpm' })),
    measured(track.p, index, (value) => ({ value: decimal(value, 0), unit: 'W' })),
    measured(track.T, index, units.temperature),
  ];
  const surface = track.u && surfaceOf(track.u[index]);
  return [...measures.filter((measure) => measure !== null).map(inWords), ...(surface ? [surface] : [])].join(APART);
}

function surfaceOf(code: number | null | undefined): string {
  if (code === 0) return say`paved`;
  return code === 1 ? say`unpaved` : say`surface unknown`;
}

function elapsed({ t }: Track, index: number): Measure | null {
  const start = t?.find((time) => time !== null) ?? null;
  return start === null ? null : measured(t, index, (time) => shortTime(Math.max(0, time - start)));
}

function measured(
  column: (number | null)[] | undefined,
  index: number,
  measure: (value: number) => Measure,
): Measure | null {
  const value = column?.[index] ?? null;
  return value === null ? null : measure(value);
}

function signed(value: number): string {
  return value < 0 ? `−${-value}` : String(value);
}

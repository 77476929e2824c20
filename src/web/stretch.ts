import type { Track } from '../export/track.ts';

/** What a stretch of a track amounts to. No markup and no DOM: the server counts laps with it, the browser what is selected. */
export interface StretchFigures {
  /** Metres. */
  distance: number | null;
  up: number | null;
  down: number | null;
  /** Metres up for each metre ahead, from end to end. */
  grade: number | null;
  /** Seconds, stops included, and without them. */
  time: number | null;
  moving: number | null;
  /** km/h while moving. */
  speed: number | null;
  /** Averages: bpm, rpm while the pedals turn, W. */
  heart: number | null;
  cadence: number | null;
  power: number | null;
}

export type Columns = Pick<Track, 'd' | 'e' | 't' | 's' | 'h' | 'c' | 'p'>;

/** Changes of height below this many metres are the noise of a recording, not climbing. */
const HEIGHT_NOISE = 2;
/** Metres a second: slower is standing. */
const STANDING = 0.5;

/** From the point `from` to the point `to`, both included. */
export function stretchFigures(track: Columns, from: number, to: number): StretchFigures {
  const distance = advance(track.d, from, to);
  const time = track.t ? advance(track.t, from, to) : null;
  const moving = track.t ? sum(movingSteps(track, from, to)) : null;
  const [first, last] = [known(track.e, from, to, 1), known(track.e, from, to, -1)];
  return {
    distance,
    ...climbing(track.e, from, to),
    grade: first === null || last === null || !distance ? null : (last - first) / distance,
    time,
    moving,
    speed: distance === null || !moving ? null : (distance / moving) * 3.6,
    heart: average(track.h, from, to),
    cadence: averageTurning(track.c, from, to),
    power: average(track.p, from, to),
  };
}

/** Seconds since the start at each point without the stops; null where no time was recorded. */
export function movingSeconds(track: Columns): (number | null)[] {
  let total = 0;
  const steps = movingSteps(track, 0, (track.t?.length ?? 0) - 1);
  return steps.map((step, at) => {
    total += step;
    return track.t?.[at] == null ? null : total;
  });
}

/** For each point from `from` to `to` the seconds of riding since the point before it. Clocks that jump back count for nothing. */
function movingSteps({ t, d, s }: Columns, from: number, to: number): number[] {
  const steps: number[] = [];
  let [time, metres] = [null as number | null, null as number | null];
  for (let at = from; at <= to; at++) {
    const [now, here] = [t?.[at] ?? null, d[at] ?? null];
    let step = 0;
    if (now !== null && (time === null || now > time)) {
      const seconds = time === null ? 0 : now - time;
      const speed = here !== null && metres !== null ? (here - metres) / seconds : (s?.[at] ?? 0) / 3.6;
      if (seconds > 0 && speed >= STANDING) step = seconds;
      time = now;
      metres = here ?? metres;
    }
    steps.push(step);
  }
  return steps;
}

/** How far a value that only grows came. What jumps back counts for nothing. */
function advance(column: readonly (number | null)[], from: number, to: number): number | null {
  let [first, most] = [null as number | null, 0];
  for (let at = from; at <= to; at++) {
    const value = column[at] ?? null;
    if (value === null) continue;
    first ??= value;
    most = Math.max(most, value - first);
  }
  return first === null ? null : most;
}

function climbing(
  heights: readonly (number | null)[],
  from: number,
  to: number,
): { up: number | null; down: number | null } {
  let [up, down, level] = [0, 0, null as number | null];
  for (let at = from; at <= to; at++) {
    const height = heights[at] ?? null;
    if (height === null) continue;
    level ??= height;
    if (Math.abs(height - level) < HEIGHT_NOISE) continue;
    if (height > level) up += height - level;
    else down += level - height;
    level = height;
  }
  return level === null ? { up: null, down: null } : { up, down };
}

/** The first that is known, from the start or, with `step` -1, from the end. */
function known(column: readonly (number | null)[], from: number, to: number, step: 1 | -1): number | null {
  for (let at = step > 0 ? from : to; at >= from && at <= to; at += step) {
    const value = column[at] ?? null;
    if (value !== null) return value;
  }
  return null;
}

/** Null where nothing was recorded. */
export function average(column: readonly (number | null)[] | undefined, from: number, to: number): number | null {
  return mean(column, from, to, () => true);
}

/** Nobody turns the pedals at zero: a rest says nothing of how somebody pedals. */
export function averageTurning(
  column: readonly (number | null)[] | undefined,
  from: number,
  to: number,
): number | null {
  return mean(column, from, to, (value) => value !== 0) ?? average(column, from, to);
}

function mean(
  column: readonly (number | null)[] | undefined,
  from: number,
  to: number,
  counts: (value: number) => boolean,
): number | null {
  let [total, count] = [0, 0];
  for (let at = from; column && at <= to; at++) {
    const value = column[at] ?? null;
    if (value === null || !counts(value)) continue;
    total += value;
    count++;
  }
  return count === 0 ? null : total / count;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

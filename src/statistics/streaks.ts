import { daysBetween, mondayOf, type Span } from './days.ts';

/** The longest run without a gap, from its first ridden day to its last. */
export interface Streak extends Span {
  length: number;
}

/** @param days - ridden, in order. */
export const streakOfDays = (days: readonly string[]): Streak | null => longestRun(days, (day) => day, 1);

/** Weeks with at least one ride. @param days - ridden, in order. */
export const streakOfWeeks = (days: readonly string[]): Streak | null => longestRun(days, mondayOf, 7);

function longestRun(days: readonly string[], unitOf: (day: string) => string, size: number): Streak | null {
  const runs: Streak[] = [];
  for (const day of days) {
    const run = runs.at(-1);
    const gap = run ? daysBetween(unitOf(run.to), unitOf(day)) : Number.POSITIVE_INFINITY;
    if (!run || gap > size) {
      runs.push({ from: day, to: day, length: 1 });
      continue;
    }
    run.to = day;
    if (gap === size) run.length += 1;
  }
  return runs.reduce<Streak | null>((best, run) => (run.length > (best?.length ?? 0) ? run : best), null);
}

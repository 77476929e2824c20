import { numberOf, type Span, weekOf } from './days.ts';

/** The longest run without a gap, from its first ridden day to its last. */
export interface Streak extends Span {
  length: number;
}

/** @param days - ridden, in order. */
export const streakOfDays = (days: readonly string[]): Streak | null => longestRun(days, numberOf);

/** Weeks with at least one ride. @param days - ridden, in order. */
export const streakOfWeeks = (days: readonly string[]): Streak | null => longestRun(days, weekOf);

/** @param at - which of the units that follow each other without a gap it is in. */
function longestRun(days: readonly string[], at: (day: string) => number): Streak | null {
  let best: Streak | null = null;
  let run: Streak | null = null;
  let last = Number.NEGATIVE_INFINITY;
  for (const day of days) {
    const now = at(day);
    if (!run || now > last + 1) run = { from: day, to: day, length: 1 };
    else {
      run.to = day;
      if (now > last) run.length += 1;
    }
    last = now;
    if (run.length > (best?.length ?? 0)) best = run;
  }
  return best;
}

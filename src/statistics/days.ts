/** Days as the library has them: in UTC, `2026-07-04`. Text compares as time does. */

const DAY_MS = 86_400_000;

/** Empty where there is no date, or none that a calendar has room for: a clock of the year 275,760 is no day. */
export const dayOf = (at: string): string => (/^\d{4}-/.test(at) ? at.slice(0, 10) : '');

export const yearOf = (day: string): string => day.slice(0, 4);

export const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS;

/** 0 is a Monday. */
export const weekdayOf = (day: string): number => (new Date(day).getUTCDay() + 6) % 7;

export const mondayOf = (day: string): string => dayAfter(day, -weekdayOf(day));

/** Both its ends are in it. */
export interface Span {
  from: string;
  to: string;
}

export const yearSpan = (year: string): Span => ({ from: `${year}-01-01`, to: `${year}-12-31` });

/** @param month - `2026-07` */
export function monthSpan(month: string): Span {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const last = new Date(0);
  last.setUTCFullYear(year, number, 0);
  return { from: `${month}-01`, to: `${month}-${String(last.getUTCDate()).padStart(2, '0')}` };
}

/** Weeks begin on Mondays, as ISO 8601 has it. */
export const weekSpan = (monday: string): Span => ({ from: monday, to: dayAfter(monday, 6) });

/** What both have in common. */
export const within = (one: Span, other: Span): Span => ({
  from: [one.from, other.from].sort()[1] ?? '',
  to: [one.to, other.to].sort()[0] ?? '',
});

/** Days as the library has them: in UTC, `2026-07-04`. Text compares as time does. */

const DAY_MS = 86_400_000;

/** Empty where there is no date, or none that a calendar has room for: a clock of the year 275,760 is no day. */
export const dayOf = (at: string): string => (/^\d{4}-/.test(at) ? at.slice(0, 10) : '');

export const yearOf = (day: string): string => day.slice(0, 4);

/** Days since 1970; a number, because text costs ten times as much to reckon with. */
export const numberOf = (day: string): number => Date.parse(day) / DAY_MS;

/** 0 is a Monday; the first of January 1970 was a Thursday. */
export const weekdayOf = (day: string): number => (((numberOf(day) + 3) % 7) + 7) % 7;

/** Which week it is in, counted from that of the first of January 1970. */
export const weekOf = (day: string): number => Math.floor((numberOf(day) + 3) / 7);

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

/** Of one that `weekOf` counted. Weeks begin on Mondays, as ISO 8601 has it. */
export const weekSpan = (week: number): Span => ({ from: dayAt(week * 7 - 3), to: dayAt(week * 7 + 3) });

const dayAt = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

/** What both have in common. */
export const within = (one: Span, other: Span): Span => ({
  from: [one.from, other.from].sort()[1] ?? '',
  to: [one.to, other.to].sort()[0] ?? '',
});

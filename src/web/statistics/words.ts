import type { Span } from '../../statistics/days.ts';
import { dateFormat } from '../formats.ts';
import { message, said } from '../say.ts';

/** `January`, `Jan` or `J` of 0. */
export const monthName = (month: number, length: 'long' | 'short' | 'narrow' = 'long'): string =>
  dateFormat({ month: length, timeZone: 'UTC' }).format(Date.UTC(2026, month, 1));

/** `Monday` or `Mon` of 0. */
export const weekdayName = (weekday: number, length: 'long' | 'short' = 'long'): string =>
  dateFormat({ weekday: length, timeZone: 'UTC' }).format(A_MONDAY + weekday * 86_400_000);

const A_MONDAY = Date.UTC(2026, 0, 5);

/** `Mondays` of 0: all of them together. */
export const allOfWeekday = (weekday: number): string => said(ALL_OF_WEEKDAY[weekday] ?? ALL_OF_WEEKDAY[0]);

const ALL_OF_WEEKDAY = [
  message('Mondays'),
  message('Tuesdays'),
  message('Wednesdays'),
  message('Thursdays'),
  message('Fridays'),
  message('Saturdays'),
  message('Sundays'),
] as const;

/** `4 Jul 2026`; `29 Jun–5 Jul 2026`; `6–12 Jul 2026`. */
export function spanWords({ from, to }: Span): string {
  const format = dateFormat({ day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  // Bars and tables are narrow.
  return format.formatRange(Date.parse(from), Date.parse(to)).replace(/\s*–\s*/, '–');
}

/** `July 2026`, or `Jul 2026`, of `2026-07-01`. */
export const monthWords = (day: string, length: 'long' | 'short' = 'long'): string =>
  dateFormat({ month: length, year: 'numeric', timeZone: 'UTC' }).format(Date.parse(day));

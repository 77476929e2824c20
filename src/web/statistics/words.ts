import type { Span } from '../../statistics/days.ts';
import { shortDay } from '../times.ts';

export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const;

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** `4 Jul 2026`; `29 Jun–5 Jul 2026`. */
export function spanWords({ from, to }: Span): string {
  if (from === to) return shortDay(from);
  const begin = shortDay(from);
  return `${from.slice(0, 4) === to.slice(0, 4) ? begin.slice(0, -' 2026'.length) : begin}–${shortDay(to)}`;
}

/** `July 2026` of `2026-07-01`. */
export const monthWords = (day: string): string => `${MONTHS[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`;

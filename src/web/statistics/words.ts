import type { Span } from '../../statistics/days.ts';
import { shortDay } from '../times.ts';

export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const;

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

/** `4 Jul 2026`; `29 Jun–5 Jul 2026`; `6–12 Jul 2026`. */
export function spanWords({ from, to }: Span): string {
  const [begin, end] = [shortDay(from).split(' '), shortDay(to)];
  if (from === to) return end;
  const told = from.slice(0, 7) === to.slice(0, 7) ? 1 : from.slice(0, 4) === to.slice(0, 4) ? 2 : 3;
  return `${begin.slice(0, told).join(' ')}–${end}`;
}

/** `July 2026` of `2026-07-01`. */
export const monthWords = (day: string): string => `${MONTHS[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`;

import { dateFormat } from './formats.ts';
import { say } from './say.ts';
import { span } from './units.ts';

/** Times as people read them. No markup and no DOM here: pages and the browser client use the same words. */

/** `3 minutes ago`, `in 4 hours`, `just now`. */
export function relative(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000;
  if (Math.abs(seconds) < 5) return say`just now`;
  return seconds > 0 ? say`${span(seconds)} ago` : say`in ${span(-seconds)}`;
}

/** `21 November 2026 at 03:10:07 UTC`; the reader's own zone where the browser knows it. */
export function exact(at: Date, timeZone?: string): string {
  return dateFormat({ dateStyle: 'long', timeStyle: 'long', ...(timeZone && { timeZone }) }).format(at);
}

/** `4 July 2026 at 10:41 UTC`: for a sentence that may be read later, and elsewhere. */
export function moment(at: Date): string {
  return `${dateFormat({ dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(at)} UTC`;
}

/**
 * The day of a ride, `Sat 4 July 2026`. A rider remembers the day where they rode: the zone of the ride where it is known,
 * else the wall clock as the provider wrote it, not the zone of who looks.
 */
export function rideDay(iso: string, timeZone?: string): string {
  return wallClock(iso, timeZone, { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' });
}

/** `Sat 4 Jul`, beneath a heading that has the year. */
export function rideDayInMonth(iso: string): string {
  return wallClock(iso, undefined, { weekday: 'short', day: 'numeric', month: 'short' });
}

/** `4 Jul 2026` of `2026-07-04`, where there is little room. */
export function shortDay(day: string): string {
  return wallClock(`${day}T00:00:00`, undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `July 2026`, for the headings of the library. */
export function rideMonth(iso: string): string {
  return wallClock(iso, undefined, { month: 'long', year: 'numeric' });
}

function wallClock(iso: string, timeZone: string | undefined, parts: Intl.DateTimeFormatOptions): string {
  if (timeZone && isZone(timeZone)) return written(new Date(iso), { timeZone, ...parts });
  const wall = new Date(`${iso.replace(/(Z|[+-]\d\d:?\d\d)$/, '')}Z`);
  return Number.isNaN(wall.getTime()) ? iso : written(wall, { timeZone: 'UTC', ...parts });
}

/** Without the comma that comes after a weekday: there are others in the same line. */
function written(at: Date, parts: Intl.DateTimeFormatOptions): string {
  return dateFormat(parts).format(at).replace(',', '');
}

function isZone(timeZone: string): boolean {
  try {
    return Boolean(dateFormat({ timeZone }));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

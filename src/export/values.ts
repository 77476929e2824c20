import type { Point } from './ride.ts';

/** What a file format can hold of a number; undefined where it cannot. */

export interface Position {
  /** -90 to 90. */
  lat: number;
  /** -180 up to, not including, 180: what is 180 to one format is -180 to all. */
  lon: number;
}

export function positionOf({ x, y }: Pick<Point, 'x' | 'y'>): Position | undefined {
  if (x === undefined || y === undefined || Math.abs(y) > 90) return undefined;
  return { lat: y, lon: x >= -180 && x < 180 ? x : ((((x + 180) % 360) + 360) % 360) - 180 };
}

/** A whole number from `least` to `most`. */
export function whole(value: number | null | undefined, least: number, most: number): number | undefined {
  if (value === null || value === undefined) return undefined;
  const rounded = Math.round(value);
  return rounded >= least && rounded <= most ? rounded : undefined;
}

/** As `xsd:decimal` writes it, without an exponent. */
export function decimal(value: number | undefined): string | undefined {
  if (value === undefined || Math.abs(value) >= 1e15) return undefined;
  const text = String(value);
  return text.includes('e') ? value.toFixed(9) : text;
}

/** `2026-05-01T07:30:00.000Z` of epoch seconds. */
export const isoTime = (seconds: number): string => new Date(seconds * 1_000).toISOString();

/** Epoch seconds of a text, where it is a time at all. */
export function secondsIn(text: unknown): number | undefined {
  const time = typeof text === 'string' ? Date.parse(text) / 1_000 : Number.NaN;
  return isTime(time) ? time : undefined;
}

/** From the year 1 to 9999: what every text format can write. Clocks that were never set are in 1901 and 1970. */
export const isTime = (seconds: number | undefined): seconds is number =>
  seconds !== undefined && seconds >= -62_135_596_800 && seconds < 253_402_300_800;

/** 2000-01-01: for what does not say when it was. */
export const SOME_DAY = 946_684_800;

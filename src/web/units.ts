/** Numbers as a rider reads them. No markup and no DOM here: pages and the browser client use the same words. */

import { decimal } from './formats.ts';
import { plural } from './say.ts';

/** Between a number and its unit: thin, and no place to break a line. */
const THIN_SPACE = '\u202f';

export interface Measure {
  value: string;
  unit: string;
}

export type UnitsName = 'metric' | 'imperial';

/** One system of units. */
export interface Units {
  name: UnitsName;
  /** Of metres. */
  distance(metres: number): Measure;
  /** Of metres up or down. */
  height(metres: number): Measure;
  /** Of metres up for each metre ahead. */
  steepness(ratio: number): Measure;
  /** Of kilometres per hour. */
  speed(kilometresPerHour: number): Measure;
  /** Of degrees Celsius. */
  temperature(celsius: number): Measure;
}

export const METRIC: Units = {
  name: 'metric',
  distance: (metres) => ({ value: length(metres / 1000), unit: 'km' }),
  height: (metres) => ({ value: decimal(metres, 0), unit: 'm' }),
  steepness: (ratio) => ({ value: decimal(ratio * 1000, 0), unit: 'm/km' }),
  speed: (kilometresPerHour) => ({ value: decimal(kilometresPerHour, 1), unit: 'km/h' }),
  temperature: (celsius) => ({ value: decimal(celsius, 0), unit: '°C' }),
};

export const METRES_PER_MILE = 1609.344;
export const METRES_PER_FOOT = 0.3048;

export const IMPERIAL: Units = {
  name: 'imperial',
  distance: (metres) => ({ value: length(metres / METRES_PER_MILE), unit: 'mi' }),
  height: (metres) => ({ value: decimal(metres / METRES_PER_FOOT, 0), unit: 'ft' }),
  steepness: (ratio) => ({ value: decimal((ratio * METRES_PER_MILE) / METRES_PER_FOOT, 0), unit: 'ft/mi' }),
  speed: (kilometresPerHour) => ({ value: decimal((kilometresPerHour * 1000) / METRES_PER_MILE, 1), unit: 'mph' }),
  temperature: (celsius) => ({ value: decimal(celsius * 1.8 + 32, 0), unit: '°F' }),
};

export const unitsNamed = (name: string | undefined): Units => (name === 'imperial' ? IMPERIAL : METRIC);

/** Of 10,000 and more nobody asks for the tenth, and on a phone it takes a line of its own. */
function length(value: number): string {
  return decimal(value, Math.abs(value) >= 9_999.95 ? 0 : 1);
}

/** Hours and minutes of seconds, as a cue sheet has them: `3:07`; from 1,000 hours on without the minutes. */
export function duration(seconds: number): Measure {
  const minutes = Math.round(seconds / 60);
  if (minutes >= 60_000) return { value: decimal(minutes / 60, 0), unit: 'h' };
  return { value: `${decimal(Math.floor(minutes / 60), 0)}:${String(minutes % 60).padStart(2, '0')}`, unit: 'h' };
}

/** What is shorter than an hour with its seconds, `12:05 min`; else as `duration`. */
export function shortTime(seconds: number): Measure {
  const whole = Math.round(seconds);
  if (whole >= 3600) return duration(seconds);
  return { value: `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`, unit: 'min' };
}

/** One line of text: the value, a thin space, the unit. */
export function inWords({ value, unit }: Measure): string {
  return `${value}${THIN_SPACE}${unit}`;
}

/** `1,247`. */
export function count(value: number): string {
  return decimal(value, 0);
}

/** `1 ride`, `2 rides`, `1,247 rides`. */
export function counted(value: number, one: string, many: string = `${one}s`): string {
  return plural(value, count(value), one, many);
}

/** A span of time in words, rounded to what matters: `40 seconds`, `4 minutes`, `3 hours`, `2 days`. */
export function span(seconds: number): string {
  for (const [size, words] of SPANS) {
    if (seconds >= size * SPAN_FROM) return words(Math.round(seconds / size));
  }
  return counted(Math.max(1, Math.round(seconds)), 'second');
}

/** Milliseconds as a short measure: `240 ms`, `1.8 s`, `12 min`. */
export function latency(milliseconds: number): Measure {
  if (milliseconds < 1000) return { value: decimal(milliseconds, 0), unit: 'ms' };
  if (milliseconds < 120_000) return { value: decimal(milliseconds / 1000, 1), unit: 's' };
  return { value: decimal(milliseconds / 60_000, 0), unit: 'min' };
}

export { decimal };

/** 59.6 seconds are a minute already: else they would be rounded to "60 seconds". */
const SPAN_FROM = 0.99;
const SPANS: readonly (readonly [seconds: number, words: (value: number) => string])[] = [
  [365 * 86_400, (years) => counted(years, 'year')],
  [30 * 86_400, (months) => counted(months, 'month')],
  [86_400, (days) => counted(days, 'day')],
  [3_600, (hours) => counted(hours, 'hour')],
  [60, (minutes) => counted(minutes, 'minute')],
];

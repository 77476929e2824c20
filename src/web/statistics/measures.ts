import type { Figures } from '../../statistics/figures.ts';
import { type Message, message, say } from '../say.ts';
import { count, duration, inWords, type Measure, type Units } from '../units.ts';

/** What bars and calendar can show. */
export const MEASURES = [
  'distance',
  'climbing',
  'time',
  'calories',
  'rides',
] as const satisfies readonly (keyof Figures)[];
export type MeasureName = (typeof MEASURES)[number];

export const MEASURE_WORDS: Record<MeasureName, Message> = {
  distance: message('Distance'),
  climbing: message('Climbing'),
  time: message('Time'),
  calories: message('Calories'),
  rides: message('Rides'),
};

export const measure = (figures: Figures, name: MeasureName, units: Units): Measure =>
  measureOf(figures[name], name, units);

export const measureOf = (value: number, name: MeasureName, units: Units): Measure => FORMS[name](value, units);

const FORMS: Record<MeasureName, (value: number, units: Units) => Measure> = {
  distance: (metres, units) => units.distance(metres),
  climbing: (metres, units) => units.height(metres),
  time: duration,
  calories: (kilocalories) => ({ value: count(kilocalories), unit: 'kcal' }),
  rides: (rides) => ({ value: count(rides), unit: rides === 1 ? say`ride` : say`rides` }),
};

export const measureInWords = (figures: Figures, name: MeasureName, units: Units): string =>
  inWords(measure(figures, name, units));

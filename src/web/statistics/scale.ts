import { METRES_PER_FOOT, METRES_PER_MILE, type Units } from '../units.ts';
import { type MeasureName, measureOf } from './measures.ts';

/** How much the full height of a chart is, and that in words. */
export interface Scale {
  value: number;
  words: string;
}

/** A round figure in the unit that is read, of which the longest bar fills at least half. */
export function scaleFor(values: readonly number[], name: MeasureName, units: Units): Scale {
  const unit = UNITS[name](units);
  const value = roundedUp(Math.max(...values) / unit) * unit;
  const { value: digits, unit: word } = measureOf(value, name, units);
  return { value, words: `${digits.replace(/[.,]0$|:00$/, '')}\u202f${word}` };
}

const UNITS: Record<MeasureName, (units: Units) => number> = {
  distance: ({ name }) => (name === 'imperial' ? METRES_PER_MILE : 1000),
  climbing: ({ name }) => (name === 'imperial' ? METRES_PER_FOOT : 1),
  time: () => 3600,
  calories: () => 1,
  rides: () => 1,
};

function roundedUp(most: number): number {
  if (!(most > 1)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return (STEPS.find((step) => most <= step * power) ?? 10) * power;
}

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8];

import { type Html, html } from '../html.ts';
import { say } from '../say.ts';
import { inWords, type Units } from '../units.ts';
import { type MeasureName, measureOf } from './measures.ts';

/** How much a day or a month was among others: from 1 to 4, a quarter of those with anything in them each. */
export interface Levels {
  of(value: number): number;
  /** What the first three go up to. */
  bounds: readonly number[];
}

/** How large a level is drawn in a square of 10. The least of them: there was a ride, of which this figure is not known. */
export const SIDES = [2, 4, 6, 8, 10] as const;

export function levelsOf(values: readonly number[]): Levels {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  const bounds = [0.25, 0.5, 0.75].map((share) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
  return { bounds, of: (value) => (value <= 0 ? 0 : 1 + bounds.filter((bound) => value > bound).length) };
}

/** What the sizes stand for. */
export function levelKeys({ bounds }: Levels, name: MeasureName, units: Units): Html | null {
  const words = bounds.map((bound) => say`up to ${inWords(measureOf(bound, name, units))}`);
  // Fewer than four different ones need no quarters.
  if (new Set(words).size < bounds.length) return null;
  return html`<p class="keys">${[...words, say`more`].map(
    (each, at) =>
      html`<span><svg class="key" viewBox="0 0 10 10" aria-hidden="true">${square(at + 1)}</svg>${each}</span> `,
  )}</p>`;
}

export function square(level: number): Html {
  const side = SIDES[level] ?? 0;
  const inset = (10 - side) / 2;
  return html`<rect class="free" width="10" height="10"/><rect class="level l${level}" x="${inset}" y="${inset}" width="${side}" height="${side}"/>`;
}

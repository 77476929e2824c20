import type { Eddington } from '../../statistics/eddington.ts';
import { type Html, html } from '../html.ts';
import { say } from '../say.ts';
import { counted, inWords } from '../units.ts';
import type { Shown } from './page.ts';

/** In the units of the reader: a number in kilometres says nothing about the one in miles. */
export function eddingtonNumber({ frame: { units }, statistics }: Shown): Html {
  const unit = units.name === 'imperial' ? 'mi' : 'km';
  const { shown, ever } = statistics.eddington[unit === 'mi' ? 'miles' : 'km'];
  const long = (value: number) => inWords({ value: String(value), unit });
  return html`<section class="eddington"><h2>${say`Eddington number`}</h2>
<p class="large">${ever.number}<span class="unit">\u202f${unit}</span></p>
<p>${sentence(ever, long)}</p>
${statistics.year !== null && html`<p>${say`Of ${statistics.year} alone it is ${shown.number}.`}</p>`}
<p class="quiet small">${meaning(unit, statistics.year !== null)}</p>
</section>`;
}

function sentence({ number, next }: Eddington, long: (value: number) => string): string {
  const missing = say`For ${next.number} it takes ${counted(next.missing, 'more day')} of at least ${long(next.number)}.`;
  return number === 0 ? missing : `${say`On ${counted(number, 'day')} you rode at least ${long(number)}.`} ${missing}`;
}

/** A page of one year tells of all of them too. */
function meaning(unit: 'mi' | 'km', ofYear: boolean): string {
  if (unit === 'mi')
    return ofYear
      ? say`The largest number E for which there are E days of at least E miles; all rides of a day together, over all years.`
      : say`The largest number E for which there are E days of at least E miles; all rides of a day together.`;
  return ofYear
    ? say`The largest number E for which there are E days of at least E kilometres; all rides of a day together, over all years.`
    : say`The largest number E for which there are E days of at least E kilometres; all rides of a day together.`;
}

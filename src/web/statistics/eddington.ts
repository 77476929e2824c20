import type { Eddington } from '../../statistics/eddington.ts';
import { type Html, html } from '../html.ts';
import { counted, inWords } from '../units.ts';
import type { Shown } from './page.ts';

/** In the units of the reader: a number in kilometres says nothing about the one in miles. */
export function eddingtonNumber({ frame: { units }, statistics }: Shown): Html {
  const unit = units.name === 'imperial' ? 'mi' : 'km';
  const { shown, ever } = statistics.eddington[unit === 'mi' ? 'miles' : 'km'];
  const long = (value: number) => inWords({ value: String(value), unit });
  const ofYear = statistics.year !== null;
  return html`<section class="eddington"><h2>Eddington number</h2>
<p class="large">${ever.number}<span class="unit">\u2009${unit}</span></p>
<p>${sentence(ever, long)}</p>
${ofYear && html`<p>Of ${statistics.year} alone it is ${shown.number}.</p>`}
<p class="quiet small">The largest number E for which there are E days of at least E ${unit === 'mi' ? 'miles' : 'kilometres'}; all rides of a day together${ofYear && ', over all years'}.</p>
</section>`;
}

function sentence({ number, next }: Eddington, long: (value: number) => string): string {
  const missing = `For ${next.number} it takes ${counted(next.missing, 'more day')} of at least ${long(next.number)}.`;
  return number === 0 ? missing : `On ${counted(number, 'day')} you rode at least ${long(number)}. ${missing}`;
}

import { type Html, html } from '../html.ts';
import { figure } from '../item-words.ts';
import { said, say } from '../say.ts';
import { shortDay } from '../times.ts';
import { count, decimal } from '../units.ts';
import { MEASURE_WORDS, type MeasureName, measure, measureInWords } from './measures.ts';
import type { Shown } from './page.ts';
import { ridesHref } from './view.ts';

const ORDER: readonly MeasureName[] = ['distance', 'climbing', 'time', 'calories', 'rides'];

/** The totals, and how the year before stood at the same day. They are those of the library, one click away. */
export function headline({ frame: { units }, view, statistics }: Shown): Html {
  const { year, totals, before } = statistics;
  const span = year === null ? {} : { from: `${year}-01-01`, to: `${year}-12-31` };
  const against = (name: MeasureName): Html | null =>
    before &&
    html`<span class="against">${change(before.so_far[name], before.figures[name])}<span class="hidden-words">, </span><span class="last-year">${measureInWords(before.figures, name, units)}</span></span>`;
  return html`<section class="headline" aria-label="${say`Totals`}">
<dl>${ORDER.map((name) => html`<div><dt>${said(MEASURE_WORDS[name])}</dt><dd>${name === 'rides' ? count(totals.rides) : figure(measure(totals, name, units))}${against(name)}</dd></div>`)}</dl>
<p class="quiet small">${before && `${compared(before)} `}${undated(statistics.undated.rides)}<a href="${ridesHref(view, span)}">${say`These rides in the library`}</a></p>
</section>`;
}

/** `+12 %`: a sign and a word for whoever hears it. */
function change(now: number, then: number): string {
  if (then === 0) return now === 0 ? '±0\u202f%' : say`new`;
  const percent = Math.round((now / then - 1) * 100);
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${decimal(Math.abs(percent), 0)}\u202f%`;
}

const compared = ({ year, until }: { year: string; until: string }): string =>
  until.endsWith('-12-31') ? say`Compared with ${year}.` : say`Compared with ${year} up to ${shortDay(until)}.`;

const undated = (rides: number): string =>
  rides === 0 ? '' : `${say`${count(rides)} of them without a date: in these totals, but in no year.`} `;

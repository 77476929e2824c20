import type { Figures } from '../../statistics/figures.ts';
import type { RecordName, RideRecord } from '../../statistics/records.ts';
import type { Streak } from '../../statistics/streaks.ts';
import type { Sort } from '../../storage/library.ts';
import { type Html, html } from '../html.ts';
import { figure, itemName, itemPath } from '../item-words.ts';
import { type Message, message, said, say } from '../say.ts';
import { shortDay } from '../times.ts';
import { count, duration, inWords, type Measure, type Units } from '../units.ts';
import type { Shown } from './page.ts';
import { ridesHref } from './view.ts';
import { monthWords, spanWords } from './words.ts';

/** The best of what is shown: single rides first, then stretches of time. */
export function records(shown: Shown): Html | null {
  const { statistics } = shown;
  const { day, week, month } = statistics.best;
  const { days, weeks } = statistics.streaks;
  if (statistics.records.length === 0) return null;
  return html`<section><h2>${say`Records`}</h2>
<div class="wide"><table class="records"><thead><tr><th scope="col">${say`Record`}</th><th scope="col">${say`Figure`}</th><th scope="col">${say`Which`}</th></tr></thead><tbody>
${statistics.records.map((each) => rideRecord(shown, each))}
${day && stretch(shown, say`Longest day`, day, shortDay(day.from))}
${week && stretch(shown, say`Longest week`, week, spanWords(week))}
${month && stretch(shown, say`Longest month`, month, monthWords(month.from))}
${days && days.length > 1 && streak(shown, say`Days in a row`, days, say`days`)}
${weeks && weeks.length > 1 && streak(shown, say`Weeks in a row`, weeks, say`weeks`)}
</tbody></table></div></section>`;
}

const FORMS: Record<RecordName, { words: Message; form: (value: number, units: Units) => Measure; sort?: Sort }> = {
  longest: { words: message('Longest ride'), form: (value, units) => units.distance(value), sort: 'distance' },
  most_climbing: { words: message('Most climbing'), form: (value, units) => units.height(value), sort: 'climbing' },
  highest: { words: message('Highest point'), form: (value, units) => units.height(value) },
  fastest: { words: message('Fastest average'), form: (value, units) => units.speed(value) },
  most_time: { words: message('Most time'), form: duration, sort: 'time' },
  most_calories: { words: message('Most calories'), form: (value) => ({ value: count(value), unit: 'kcal' }) },
};

/** Where the library can be sorted by it, the record leads to the ones that come next. */
function rideRecord({ frame: { units }, view, statistics }: Shown, { record, value, id, name, day }: RideRecord): Html {
  const { words, form, sort } = FORMS[record];
  const { year } = statistics;
  const span = year === null ? {} : { from: `${year}-01-01`, to: `${year}-12-31` };
  const over =
    record === 'fastest' &&
    html`<span class="beneath">${say`of rides over ${inWords(units.distance(statistics.fastest_over))}`}</span>`;
  return line(
    sort ? html`<a href="${ridesHref(view, span, sort)}">${said(words)}</a>` : html`${said(words)}${over}`,
    figure(form(value, units)),
    html`<a href="${itemPath({ type: 'trip', id })}">${itemName({ name, type: 'trip' })}</a>${day !== '' && html`<span class="beneath"><a href="${ridesHref(view, { from: day, to: day })}">${shortDay(day)}</a></span>`}`,
  );
}

function stretch(
  { frame: { units }, view }: Shown,
  words: string,
  { from, to, distance }: Figures & { from: string; to: string },
  when: string,
): Html {
  return line(
    html`${words}`,
    figure(units.distance(distance)),
    html`<a href="${ridesHref(view, { from, to })}">${when}</a>`,
  );
}

function streak({ view }: Shown, words: string, { from, to, length }: Streak, unit: string): Html {
  return line(
    html`${words}`,
    figure({ value: count(length), unit }),
    html`<a href="${ridesHref(view, { from, to })}">${spanWords({ from, to })}</a>`,
  );
}

const line = (name: Html, value: Html, which: Html): Html =>
  html`<tr><th scope="row">${name}</th><td class="value">${value}</td><td>${which}</td></tr>`;

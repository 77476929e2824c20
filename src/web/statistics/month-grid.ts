import { type Html, html } from '../html.ts';
import { say } from '../say.ts';
import { levelKeys, levelsOf, square } from './levels.ts';
import { measureInWords } from './measures.ts';
import type { Shown } from './page.ts';
import { figuresTable } from './table.ts';
import { ridesHref } from './view.ts';
import { monthName, monthWords } from './words.ts';

const MONTHS = Array.from({ length: 12 }, (_, at) => at);

/** Of all years: a line for each, a column for each month. */
export function monthGrid({ frame: { units }, view, statistics }: Shown): Html | null {
  const { by } = view;
  const months = new Map(statistics.months.map((month) => [month.from.slice(0, 7), month]));
  if (months.size === 0) return null;
  const levels = levelsOf(statistics.months.map((month) => month[by]));
  const last = statistics.months.at(-1)?.from;
  const cell = (year: string, at: number): Html => {
    const month = months.get(`${year}-${String(at + 1).padStart(2, '0')}`);
    if (!month) return html`<td></td>`;
    const { from, to } = month;
    const name = say`${monthWords(from)}: ${measureInWords(month, by, units)}`;
    return html`<td><a href="${ridesHref(view, { from, to })}" aria-label="${name}" title="${name}"${from !== last && html` tabindex="-1"`}><svg viewBox="0 0 10 10" aria-hidden="true">${square(levels.of(month[by]))}</svg></a></td>`;
  };
  return html`<section><h2>${say`Months`}</h2>
<table class="month-grid" data-roving><thead><tr><th scope="col"><span class="hidden-words">${say`Year`}</span></th>${MONTHS.map((at) => html`<th scope="col"><abbr title="${monthName(at)}">${monthName(at, 'narrow')}</abbr></th>`)}</tr></thead>
<tbody>${statistics.years.map(({ year }) => html`<tr><th scope="row">${year}</th>${MONTHS.map((at) => cell(year, at))}</tr>`)}</tbody></table>
${levelKeys(levels, by, units)}
${figuresTable(
  units,
  say`Month`,
  say`Months as a table`,
  statistics.months
    .map((month) => ({
      name: monthWords(month.from),
      href: ridesHref(view, { from: month.from, to: month.to }),
      figures: month,
    }))
    .reverse(),
)}</section>`;
}

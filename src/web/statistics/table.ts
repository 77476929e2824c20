import type { Figures } from '../../statistics/figures.ts';
import { type Html, html } from '../html.ts';
import { figure } from '../item-words.ts';
import { said, say } from '../say.ts';
import { count, type Units } from '../units.ts';
import { MEASURE_WORDS, type MeasureName, measure } from './measures.ts';

export interface TableRow {
  name: string;
  href?: string | undefined;
  figures: Figures;
}

/** What a chart shows, to be read and to be reached by keys. */
export function figuresTable(units: Units, of: string, name: string, rows: readonly TableRow[]): Html {
  return html`<details class="as-table"><summary>${say`As a table`}</summary>
<div class="wide" role="group" aria-label="${name}" tabindex="0"><table class="sums"><thead><tr><th scope="col">${of}</th>${headings()}</tr></thead>
<tbody>${rows.map(({ name: row, href, figures }) => html`<tr><th scope="row">${href === undefined ? row : html`<a href="${href}">${row}</a>`}</th>${cells(figures, units)}</tr>`)}</tbody></table></div></details>`;
}

const COLUMNS: readonly MeasureName[] = ['distance', 'climbing', 'time', 'calories'];

export const headings = (): Html =>
  html`<th scope="col">${say`Rides`}</th>${COLUMNS.map((name) => html`<th scope="col" class="${name}">${said(MEASURE_WORDS[name])}</th>`)}`;

export const cells = (figures: Figures, units: Units): Html =>
  html`<td>${count(figures.rides)}</td>${COLUMNS.map((name) => html`<td class="${name}">${figure(measure(figures, name, units))}</td>`)}`;

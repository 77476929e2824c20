import type { Figures } from '../../statistics/figures.ts';
import { type Html, html } from '../html.ts';
import { figure } from '../item-words.ts';
import { count, type Units } from '../units.ts';
import { MEASURE_WORDS, type MeasureName, measure } from './measures.ts';

export interface TableRow {
  name: string;
  href?: string | undefined;
  figures: Figures;
}

/** What a chart shows, to be read and to be reached by keys. */
export function figuresTable(units: Units, of: string, rows: readonly TableRow[]): Html {
  return html`<details class="as-table"><summary>As a table</summary>
<div class="wide" role="group" aria-label="${of}s as a table" tabindex="0"><table class="sums"><thead><tr><th scope="col">${of}</th>${headings()}</tr></thead>
<tbody>${rows.map(({ name, href, figures }) => html`<tr><th scope="row">${href === undefined ? name : html`<a href="${href}">${name}</a>`}</th>${cells(figures, units)}</tr>`)}</tbody></table></div></details>`;
}

const COLUMNS: readonly MeasureName[] = ['distance', 'climbing', 'time', 'calories'];

export const headings = (): Html =>
  html`<th scope="col">Rides</th>${COLUMNS.map((name) => html`<th scope="col" class="${name}">${MEASURE_WORDS[name]}</th>`)}`;

export const cells = (figures: Figures, units: Units): Html =>
  html`<td>${count(figures.rides)}</td>${COLUMNS.map((name) => html`<td class="${name}">${figure(measure(figures, name, units))}</td>`)}`;

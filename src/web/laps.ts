import type { Lap } from '../export/summary.ts';
import { type Html, html } from './html.ts';
import { figure } from './item-words.ts';
import { say } from './say.ts';
import { decimal, type Measure, shortTime, type Units } from './units.ts';

/** What was measured lap by lap. Each number selects its lap on the map and in the charts. */
export function laps(all: readonly Lap[], units: Units): Html | null {
  if (all.length === 0) return null;
  const columns = columnsOf(units).filter(({ read }) => all.some((lap) => read(lap) !== null));
  return html`<section class="laps">
<h2>${say`Laps`}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="${say`Laps`}">
<table><thead><tr><th scope="col">${say`Lap`}</th>${columns.map(({ name }) => html`<th scope="col" class="figure">${name}</th>`)}</tr></thead>
<tbody>${all.map(
    (lap, at) =>
      html`<tr><th scope="row"><a href="#ground" data-from="${lap.from}" data-to="${lap.to}" aria-label="${say`Lap ${at + 1}: show it`}">${at + 1}</a></th>${columns.map(({ read }) => html`<td class="figure">${figure(read(lap))}</td>`)}</tr>`,
  )}</tbody></table>
</div>
</section>`;
}

interface Column {
  name: string;
  read(lap: Lap): Measure | null;
}

function columnsOf(units: Units): Column[] {
  const column = (name: string, key: keyof Lap, measure: (value: number) => Measure): Column => ({
    name,
    read: ({ [key]: value }) => (value === null ? null : measure(value)),
  });
  return [
    column(say`Distance`, 'distance', units.distance),
    column(say`Time`, 'time', shortTime),
    column(say`Climbing`, 'up', units.height),
    column(say`Speed`, 'speed', units.speed),
    column(say`Heart rate`, 'heart', (value) => ({ value: decimal(value, 0), unit: 'bpm' })),
    column(say`Power`, 'power', (value) => ({ value: decimal(value, 0), unit: 'W' })),
  ];
}

import type { Figures } from '../../statistics/figures.ts';
import { type Html, html } from '../html.ts';
import { humanised } from '../item-words.ts';
import { say } from '../say.ts';
import { shortDay } from '../times.ts';
import type { Units } from '../units.ts';
import type { MeasureName } from './measures.ts';
import type { Shown } from './page.ts';
import { cells, headings } from './table.ts';
import { ridesHref, statisticsHref } from './view.ts';

/** A table whose lines have a bar each: here the table itself is the chart. */

export const years = ({ frame: { units }, view, statistics }: Shown): Html | null =>
  shares(say`Years`, say`Year`, view.by, units, [
    ...statistics.years.map(({ year, ...figures }) => ({
      name: year,
      href: statisticsHref(view, { year }),
      chosen: statistics.year === null || statistics.year === year,
      figures,
    })),
    // Only what is shown as a whole can be the sum of its lines.
    ...(statistics.undated.rides > 0 ? [{ name: say`No date`, chosen: true, figures: statistics.undated }] : []),
  ]);

export const activities = ({ frame: { units }, view, statistics }: Shown): Html | null =>
  shares(
    say`By activity`,
    say`Activity`,
    view.by,
    units,
    statistics.activities.map(({ activity, ...figures }) => ({
      name: activity === '' ? say`Not known` : humanised(activity),
      // The library has no filter for what is not known.
      href: activity === '' ? undefined : ridesHref(view, { activity, ...yearOf(statistics.year) }),
      chosen: true,
      figures,
    })),
  );

export const gear = ({ frame: { units }, view, statistics }: Shown): Html | null =>
  shares(
    say`By bike`,
    say`Bike`,
    view.by,
    units,
    statistics.gear.map(({ gear: id, name, last, ...figures }) => ({
      name: id === '' ? say`Not known` : name || say`Bike ${id}`,
      href: id === '' ? undefined : ridesHref(view, { gear: id, ...yearOf(statistics.year) }),
      chosen: true,
      figures,
      beneath: last === '' ? undefined : say`last ridden ${shortDay(last)}`,
    })),
  );

interface Share {
  name: string;
  href?: string | undefined;
  /** Of what is shown. */
  chosen: boolean;
  figures: Figures;
  /** Quiet words under the name. */
  beneath?: string | undefined;
}

function shares(title: string, of: string, by: MeasureName, units: Units, all: readonly Share[]): Html | null {
  if (all.length === 0) return null;
  const most = Math.max(...all.map(({ figures }) => figures[by]), 1);
  const row = ({ name, href, chosen, figures, beneath }: Share) =>
    html`<tr${chosen && html` class="chosen"`}><th scope="row"><span class="share-name">${href === undefined ? name : html`<a href="${href}">${name}</a>`}</span>${beneath && html`<span class="beneath">${beneath}</span>`}${bar(figures[by] / most)}</th>${cells(figures, units)}</tr>`;
  return html`<section><h2>${title}</h2>
<div class="wide"><table class="sums shares by-${by}"><thead><tr><th scope="col">${of}</th>${headings()}</tr></thead><tbody>${all.map(row)}</tbody></table></div></section>`;
}

const bar = (share: number): Html =>
  html`<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${Math.round(share * 1000) / 10}" height="10"/></svg>`;

const yearOf = (year: string | null): { from?: string; to?: string } =>
  year === null ? {} : { from: `${year}-01-01`, to: `${year}-12-31` };

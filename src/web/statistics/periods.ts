import type { Span } from '../../statistics/days.ts';
import type { Figures } from '../../statistics/figures.ts';
import type { Statistics } from '../../statistics/report.ts';
import { type Html, html } from '../html.ts';
import { said, say } from '../say.ts';
import { bars } from './bars.ts';
import { MEASURE_WORDS, measureInWords } from './measures.ts';
import type { Shown } from './page.ts';
import { scaleFor } from './scale.ts';
import { figuresTable } from './table.ts';
import { ridesHref } from './view.ts';
import { allOfWeekday, monthName, monthWords, spanWords, weekdayName } from './words.ts';

/** The months of a year as bars, with the year before behind them. */
export function months({ frame: { units }, view, statistics }: Shown, year: string): Html {
  const { by } = view;
  const last = String(Number(year) - 1);
  const words = (figures: Figures) => measureInWords(figures, by, units);
  const nameOf = (month: Statistics['months'][number]) => {
    const when = monthWords(month.from, 'short');
    return month.before
      ? say`${when}: ${words(month)}; ${last}: ${words(month.before)}`
      : say`${when}: ${words(month)}`;
  };
  const compared = statistics.months.some(({ before }) => before);
  const values = statistics.months.flatMap((month) => [month[by], month.before?.[by] ?? 0]);
  return html`<section><h2>${say`Months`}</h2>
${compared && html`<p class="keys"><span><span class="key now"></span>${year}</span> <span><span class="key before"></span>${last}</span></p>`}
${bars({
  label: say`${said(MEASURE_WORDS[by])} by month of ${year}`,
  stops: 'each',
  scale: scaleFor(values, by, units),
  bars: statistics.months.map((month, at) => ({
    label: monthName(at, 'short'),
    value: month[by],
    before: month.before?.[by] ?? 0,
    name: nameOf(month),
    href: hrefOf(view, month),
  })),
})}
${figuresTable(
  units,
  say`Month`,
  say`Months as a table`,
  statistics.months.map((month, at) => ({ name: monthName(at), href: hrefOf(view, month), figures: month })),
)}</section>`;
}

/** From Monday to Sunday; the first and the last of a year are cut off at its ends. */
export function weeks({ frame: { units }, view, statistics }: Shown, year: string): Html {
  const { by } = view;
  const values = statistics.weeks.map((week) => week[by]);
  return html`<section><h2>${say`Weeks`}</h2>
${bars({
  label: say`${said(MEASURE_WORDS[by])} by week of ${year}`,
  stops: 'one',
  scale: scaleFor(values, by, units),
  bars: statistics.weeks.map((week) => ({
    // As it is in the name of the week, so that whoever speaks it finds the bar.
    label: beginsMonth(week) ? monthName(Number(week.to.slice(5, 7)) - 1, 'short') : '',
    value: week[by],
    name: say`${spanWords(week)}: ${measureInWords(week, by, units)}`,
    href: hrefOf(view, week),
  })),
})}
${figuresTable(
  units,
  say`Week`,
  say`Weeks as a table`,
  statistics.weeks
    .filter(({ rides }) => rides > 0)
    .map((week) => ({ name: spanWords(week), href: hrefOf(view, week), figures: week })),
)}</section>`;
}

export function weekdays({ frame: { units }, view, statistics }: Shown): Html {
  const { by } = view;
  const values = statistics.weekdays.map((day) => day[by]);
  return html`<section><h2>${say`Days of the week`}</h2>
${bars({
  label: say`${said(MEASURE_WORDS[by])} by day of the week`,
  stops: 'each',
  scale: scaleFor(values, by, units),
  bars: statistics.weekdays.map((day, at) => ({
    label: weekdayName(at, 'short'),
    value: day[by],
    name: say`${allOfWeekday(at)}: ${measureInWords(day, by, units)}`,
  })),
})}
${figuresTable(
  units,
  say`Day`,
  say`Days as a table`,
  statistics.weekdays.map((figures, at) => ({ name: weekdayName(at), figures })),
)}</section>`;
}

/** The first of a month is in this week. */
const beginsMonth = ({ to }: Span): boolean => Number(to.slice(8)) <= 7;

const hrefOf = (view: Shown['view'], { from, to, rides }: Span & Figures): string | undefined =>
  rides > 0 ? ridesHref(view, { from, to }) : undefined;

import type { Figures } from '../../statistics/figures.ts';
import { type Html, html } from '../html.ts';
import { said, say } from '../say.ts';
import { shortDay } from '../times.ts';
import { counted } from '../units.ts';
import { type Levels, levelKeys, levelsOf, SIDES } from './levels.ts';
import { MEASURE_WORDS, measureInWords } from './measures.ts';
import type { Shown } from './page.ts';
import { figuresTable } from './table.ts';
import { ridesHref } from './view.ts';
import { monthName } from './words.ts';

const DAY_MS = 86_400_000;
const PITCH = 12;
const HEAD = 14;
/** A year touches 54 weeks at most. On a phone each half of them is a line of its own. */
const HALF = 27;

type Day = Figures & { day: string };

/** A year as one strip: a column for each week, from Monday down to Sunday. What was ridden shows in size as well as in colour. */
export function calendar({ frame: { units }, view, statistics }: Shown, year: string): Html {
  const { by } = view;
  const ridden = new Map(statistics.days.map((each) => [each.day, each]));
  const levels = levelsOf(statistics.days.map((day) => day[by]));
  const last = statistics.days.at(-1)?.day;
  const nameOf = (day: Day) => {
    const [when, much] = [shortDay(day.day), measureInWords(day, by, units)];
    return day.rides > 1 && by !== 'rides'
      ? say`${when}: ${much} in ${counted(day.rides, 'ride')}`
      : say`${when}: ${much}`;
  };
  const cell = ({ day, week, weekday }: Place): Html => {
    const [x, y] = [(week % HALF) * PITCH, HEAD + weekday * PITCH];
    const ground = html`<rect class="free" x="${x}" y="${y}" width="10" height="10"/>`;
    const figures = ridden.get(day);
    if (!figures) return ground;
    return html`<a href="${ridesHref(view, { from: day, to: day })}" aria-label="${nameOf(figures)}"${day !== last && html` tabindex="-1"`}><title>${nameOf(figures)}</title>${ground}${mark(levels, figures[by], x, y)}</a>`;
  };
  const places = placesOf(year);
  const half = (at: 0 | 1) => {
    const own = places.filter(({ week }) => Math.floor(week / HALF) === at);
    const firsts = places.filter(({ day }) => day.endsWith('-01'));
    return html`<svg viewBox="0 0 ${HALF * PITCH - 2} ${HEAD + 7 * PITCH - 2}">${firsts.map((first) => monthAbove(first, at))}${own.map(cell)}</svg>`;
  };
  return html`<section><h2>${say`${year}, day by day`}</h2>
<div class="calendar" role="group" aria-label="${say`${said(MEASURE_WORDS[by])} of each day of ${year}`}" data-roving>${half(0)}${half(1)}</div>
${levelKeys(levels, by, units)}
${figuresTable(
  units,
  say`Day`,
  say`Days as a table`,
  statistics.days.map((figures) => ({
    name: shortDay(figures.day),
    href: ridesHref(view, { from: figures.day, to: figures.day }),
    figures,
  })),
)}</section>`;
}

interface Place {
  day: string;
  /** From 0. */
  week: number;
  /** 0 is a Monday. */
  weekday: number;
}

function placesOf(year: string): Place[] {
  const first = Date.parse(`${year}-01-01`);
  const days = (Date.parse(`${year}-12-31`) - first) / DAY_MS + 1;
  const offset = (new Date(first).getUTCDay() + 6) % 7;
  return Array.from({ length: days }, (_, at) => ({
    day: new Date(first + at * DAY_MS).toISOString().slice(0, 10),
    week: Math.floor((at + offset) / 7),
    weekday: (at + offset) % 7,
  }));
}

/** Over the first week that begins in this month, so that two names never touch. */
function monthAbove({ day, week, weekday }: Place, half: 0 | 1): Html | false {
  const column = week + (weekday === 0 ? 0 : 1);
  const name = monthName(Number(day.slice(5, 7)) - 1, 'short');
  return (
    Math.floor(column / HALF) === half &&
    html`<text x="${(column % HALF) * PITCH}" y="9" aria-hidden="true">${name}</text>`
  );
}

function mark(levels: Levels, value: number, x: number, y: number): Html {
  const level = levels.of(value);
  const side = SIDES[level] ?? 0;
  const inset = (10 - side) / 2;
  return html`<rect class="level l${level}" x="${x + inset}" y="${y + inset}" width="${side}" height="${side}"/>`;
}

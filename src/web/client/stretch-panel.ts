import type { Track } from '../../export/track.ts';
import { say } from '../say.ts';
import { type StretchFigures, stretchFigures } from '../stretch.ts';
import { decimal, inWords, type Measure, shortTime, type Units } from '../units.ts';
import type { Selection, Stretch } from './selection.ts';
import type { Sights } from './sights.ts';
import { smallButton } from './small-button.ts';
import { UNITS } from './units.ts';

export interface StretchParts {
  /** Lies over the page while something is selected. */
  panel: HTMLElement;
  /** Read out when a selection has come to rest. */
  said: HTMLElement;
  track: Track;
  selection: Selection;
  sights: Sights;
  /** Whether there is a map to zoom. */
  placed: boolean;
}

const REST = 500;

/** The figures of the selected stretch, and what can be done with it. */
export function showStretch({ panel, said, track, selection, sights, placed }: StretchParts): void {
  const title = document.createElement('h2');
  const list = document.createElement('dl');
  const buttons = document.createElement('div');
  buttons.className = 'buttons';
  const zoom = smallButton(say`Zoom map to it`, () => {
    const stretch = selection.now();
    if (stretch) sights.show(stretch);
  });
  if (placed) buttons.append(zoom);
  buttons.append(smallButton(say`Clear`, () => selection.clear()));
  panel.append(title, buttons, list);
  let [waits, speaks] = [false, 0];

  const draw = () => {
    waits = false;
    const stretch = selection.now();
    panel.hidden = stretch === null;
    if (!stretch) return;
    const figures = stretchFigures(track, stretch.from, stretch.to);
    title.textContent = between(track, stretch);
    list.replaceChildren(...inFigures(figures, UNITS).map(([name, measure]) => entry(name, inWords(measure))));
  };
  selection.follow(() => {
    // A drag over 100,000 points tells of more places than there are pictures.
    if (!waits) requestAnimationFrame(draw);
    waits = true;
    clearTimeout(speaks);
    speaks = window.setTimeout(() => {
      said.textContent = selection.now() ? say`Selected: ${title.textContent}. ${inLine(list)}` : '';
    }, REST);
  });
}

/** What is known of a stretch, by name. */
function inFigures(figures: StretchFigures, units: Units): [name: string, measure: Measure][] {
  const known = (name: string, value: number | null, measure: (value: number) => Measure): [string, Measure][] =>
    value === null ? [] : [[name, measure(value)]];
  const whole = (unit: string) => (value: number) => ({ value: decimal(value, 0), unit });
  return [
    ...known(say`Distance`, figures.distance, units.distance),
    ...known(say`Climbing`, figures.up, units.height),
    ...known(say`Descending`, figures.down, units.height),
    ...known(say`Grade`, figures.grade, (grade) => ({
      value: decimal(grade * 100, 1).replace('-', '−'),
      unit: '%',
    })),
    ...known(say`Time`, figures.time, shortTime),
    ...known(say`Moving`, figures.moving === figures.time ? null : figures.moving, shortTime),
    ...known(say`Speed`, figures.speed, units.speed),
    ...known(say`Heart rate`, figures.heart, whole('bpm')),
    ...known(say`Cadence`, figures.cadence, whole('rpm')),
    ...known(say`Power`, figures.power, whole('W')),
  ];
}

function between(track: Track, { from, to }: Stretch): string {
  const [first, last] = [track.d[from] ?? null, track.d[to] ?? null];
  if (first === null || last === null) return say`Selected stretch`;
  return say`${inWords(UNITS.distance(first))} to ${inWords(UNITS.distance(last))}`;
}

function entry(name: string, words: string): HTMLElement {
  const pair = document.createElement('div');
  const [term, figure] = [document.createElement('dt'), document.createElement('dd')];
  term.textContent = name;
  figure.textContent = words;
  pair.append(term, figure);
  return pair;
}

function inLine(list: HTMLElement): string {
  return [...list.children]
    .map((pair) => [...pair.children].map(({ textContent }) => textContent).join(' '))
    .join(', ');
}

import type { Track } from '../../export/track.ts';
import { CHANNELS, type Channel, columnOf } from '../channels.ts';
import { inWords } from '../units.ts';
import { type Axis, type AxisName, axisOf, pointAt, xOf } from './axis.ts';
import { type Chart, drawChart } from './chart.ts';
import { bindToggles } from './chart-choice.ts';
import { createChartEnds } from './chart-ends.ts';
import type { Cursor } from './cursor.ts';
import { listenToKeys } from './keys.ts';
import { listenToPointer } from './pointing.ts';
import { type Fill, fillColours } from './profile-fill.ts';
import type { ProfileRows } from './profile-rows.ts';
import { reading } from './reading.ts';
import type { Selection } from './selection.ts';
import { onThemeChange } from './tokens.ts';
import { UNITS } from './units.ts';

export interface ChartsParts {
  /** What the server made: a figure for each channel. */
  charts: HTMLElement;
  track: Track;
  rows: ProfileRows | null;
  cursor: Cursor;
  selection: Selection;
  /** The buttons for a place that is held. */
  ends: HTMLElement;
}

interface Place {
  figure: HTMLElement;
  plot: HTMLElement;
  now: HTMLElement | null;
  channel: Channel;
  column: (number | null)[];
}

/** All charts of the page along one axis, with one cursor and one selection. @returns false when there is nothing to draw. */
export function showCharts(parts: ChartsParts): boolean {
  const { charts, track, cursor, selection } = parts;
  const places = placesOf(charts, track);
  const first = places[0];
  const names = (['distance', 'elapsed', 'moving'] as const).filter((name) => axisOf(track, name) !== null);
  let axis = axisOf(track, chosen<AxisName>(charts, 'axis') ?? names[0] ?? 'distance');
  if (!first || !axis) return false;
  const chartEnds = createChartEnds(parts.ends);
  let drawn = new Map<Place, Chart>();

  const showCursor = (index: number | null) => {
    for (const place of places) {
      const value = index === null ? null : (place.column[index] ?? null);
      drawn.get(place)?.mark(index === null || !axis ? null : xOf(axis, index), value);
      if (place.now) place.now.textContent = value === null ? '' : inWords(place.channel.measure(value, UNITS));
    }
    first.plot.dataset.at = index === null ? '' : String(index);
  };
  const showSelection = () => {
    const stretch = selection.now();
    const [from, to] = stretch && axis ? [xOf(axis, stretch.from), xOf(axis, stretch.to)] : [null, null];
    for (const chart of drawn.values()) {
      chart.band(from === null ? null : { from, to: to ?? axis?.end ?? from });
    }
  };
  const showHeld = () => {
    const held = cursor.held();
    const at = held && axis ? xOf(axis, held.index) : null;
    const [place, chart] = [...drawn].find(([{ figure }]) => figure === held?.on) ?? [];
    if (held && place && chart && at !== null) {
      // Where nothing was measured no value can be hidden.
      chartEnds.show(place.figure, chart.over, chart.spotOf(at, place.column[held.index] ?? 0));
    } else chartEnds.hide();
  };
  const draw = () => {
    const began = performance.now();
    for (const chart of drawn.values()) chart.destroy();
    drawn = new Map(drawAll(places, parts, axis));
    for (const [{ figure }, chart] of drawn) {
      listenToPointer(chart, (at) => (axis ? pointAt(axis, at) : null), { on: figure, ...parts });
    }
    // A chart knows its scales when what it queued for itself is done: until then every place on it is the corner.
    queueMicrotask(() => {
      showSelection();
      showCursor(cursor.now());
      showHeld();
    });
    performance.measure('charts drawn', { start: began });
  };

  bindToggles(charts, draw);
  charts.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    axis = axisOf(track, chosen<AxisName>(charts, 'axis') ?? axis?.name ?? 'distance');
    charts.dataset.fill = chosen<Fill>(charts, 'fill') ?? 'grade';
    draw();
  });
  draw();
  cursor.follow(showCursor);
  cursor.followHeld(showHeld);
  selection.follow(showSelection);
  listenToKeys({
    plot: first.plot,
    axis: () => axis,
    words: (index) => reading(track, parts.rows, index, UNITS),
    ...parts,
  });
  onThemeChange(draw);
  onResize(first.plot, draw);
  return true;
}

/** Of the figures of the page, those that the track has something for. */
function placesOf(charts: HTMLElement, track: Track): Place[] {
  return [...charts.querySelectorAll<HTMLElement>('[data-chart]')].flatMap((figure) => {
    const channel = CHANNELS.find(({ key }) => key === figure.dataset.chart);
    const column = channel && columnOf(track, channel);
    const plot = figure.querySelector<HTMLElement>('.plot');
    return column && plot
      ? [{ figure, plot, channel, column, now: figure.querySelector<HTMLElement>('[data-now]') }]
      : [];
  });
}

function drawAll(places: readonly Place[], { charts, track, rows }: ChartsParts, axis: Axis | null): [Place, Chart][] {
  const fill: Fill = charts.dataset.fill === 'surface' ? 'surface' : 'grade';
  return places.flatMap((place, at): [Place, Chart][] => {
    const { plot, channel, column } = place;
    // What is closed has no size.
    if (!axis || plot.clientWidth === 0) return [];
    const filled = channel.key === 'e' && {
      fill: (pieces: number) => fillColours(fill, { track, rows, axis }, pieces),
    };
    return [[place, drawChart({ place: plot, channel, axis, column, labelled: at === 0, ...filled })]];
  });
}

function chosen<Value extends string>(charts: HTMLElement, name: string): Value | null {
  const input = charts.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`);
  return input ? (input.value as Value) : null;
}

/** Once for each picture, however often the size changes in between. */
function onResize(place: HTMLElement, changed: () => void): void {
  let [width, waits] = [place.clientWidth, false];
  new ResizeObserver(() => {
    if (place.clientWidth === width || waits) return;
    waits = true;
    requestAnimationFrame(() => {
      [width, waits] = [place.clientWidth, false];
      changed();
    });
  }).observe(place);
}

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Channel } from '../channels.ts';
import { duration, inWords, type Measure, shortTime } from '../units.ts';
import type { Axis } from './axis.ts';
import { thin } from './thin.ts';
import { ticksOf } from './ticks.ts';
import { token } from './tokens.ts';
import { UNITS } from './units.ts';

export interface ChartParts {
  place: HTMLElement;
  channel: Channel;
  axis: Axis;
  column: readonly (number | null)[];
  /** The tokens that the area under the line is filled with from left to right, in so many equal pieces. */
  fill?: (pieces: number) => string[];
  /** Whether the axis has its words below this chart; all charts stand one above the other. */
  labelled: boolean;
}

export interface Chart {
  /** Where the drawing is, for what points at it. */
  over: HTMLElement;
  /** The place on the axis of an offset in CSS pixels from the left of `over`. */
  placeAt(left: number): number;
  /** Where a place on the axis and a value are drawn: the other way round, and CSS pixels from the top of `over`. */
  spotOf(place: number, value: number): { left: number; top: number };
  /** A line at a place on the axis, and a dot on it where there is a value; null takes both away. */
  mark(place: number | null, value: number | null): void;
  /** A band from one place to another; null takes it away. */
  band(edges: { from: number; to: number } | null): void;
  destroy(): void;
}

/** The same on every chart, or they would not stand above one another. */
const LEFT = 60;
const FONT = '12px "Overpass Variable", sans-serif';
/** Pixels to one colour of the fill. */
const PIECE = 10;

/** One line. It only draws: whoever made it tells it where the cursor is. */
export function drawChart(parts: ChartParts): Chart {
  const { place } = parts;
  const plot = new uPlot(options(parts), data(parts), place);
  const dot = document.createElement('i');
  dot.className = 'chart-dot';
  dot.hidden = true;
  plot.over.append(dot);
  const spotOf = (at: number, value: number) => ({ left: plot.valToPos(at, 'x'), top: plot.valToPos(value, 'y') });
  return {
    over: plot.over,
    placeAt: (left) => plot.posToVal(left, 'x'),
    spotOf,
    mark(at, value) {
      const left = at === null ? -10 : plot.valToPos(at, 'x');
      plot.setCursor({ left, top: at === null ? -10 : 0 }, false);
      dot.hidden = at === null || value === null;
      if (value !== null) dot.style.translate = `${left}px ${plot.valToPos(value, 'y')}px`;
    },
    band(edges) {
      const [left, right] = edges ? [plot.valToPos(edges.from, 'x'), plot.valToPos(edges.to, 'x')] : [0, 0];
      plot.setSelect({ left, top: 0, width: right - left, height: edges ? plot.over.clientHeight : 0 }, false);
    },
    destroy: () => plot.destroy(),
  };
}

function data({ place, axis, column }: ChartParts): uPlot.AlignedData {
  const values = axis.point.map((point) => column[point] ?? null);
  return thin(axis.x, values, Math.max(200, Math.round(place.clientWidth * devicePixelRatio)));
}

function options({ place, channel, axis, fill, labelled }: ChartParts): uPlot.Options {
  const lines = {
    stroke: token('quiet'),
    font: FONT,
    grid: { stroke: token('line'), width: 1 },
    ticks: { show: false },
  };
  const nobody = () => null;
  return {
    width: place.clientWidth,
    height: place.clientHeight,
    padding: [10, 12, labelled ? 0 : 6, 0],
    legend: { show: false },
    cursor: {
      y: false,
      // By itself uPlot swallows the click after what it takes for a drag.
      drag: { x: false, y: false, click: nobody },
      points: { show: false },
      bind: {
        mousedown: nobody,
        mouseup: nobody,
        click: nobody,
        dblclick: nobody,
        mousemove: nobody,
        mouseleave: nobody,
        mouseenter: nobody,
      },
    },
    scales: {
      x: { time: false, range: () => [axis.x[0] ?? 0, axis.end] },
      y: { range: (_plot, low, high) => range(channel, low, high) },
    },
    axes: [
      {
        ...lines,
        size: labelled ? 24 : 0,
        splits: (plot, _axis, low, high) => ticksOf(axis.name, UNITS.name, { low, high, most: plot.width / 90 }),
        values: (_plot, ticks) => ticks.map((tick) => (labelled ? axisLabel(axis, tick) : '')),
      },
      {
        ...lines,
        size: LEFT,
        splits: (plot, _axis, low, high) => ticksOf(channel.key, UNITS.name, { low, high, most: plot.height / 28 }),
        values: (_plot, ticks) => ticks.map((tick) => round(channel.measure(tick, UNITS))),
      },
    ],
    series: [
      {},
      {
        stroke: token(channel.colour),
        width: 1.5,
        points: { show: false },
        fill: (plot) => (fill ? gradient(plot, fill) : 'transparent'),
      },
    ],
  };
}

/** With air above; what is nearly level is not blown up to mountains. */
function range({ span, fromZero }: Channel, low: number, high: number): [number, number] {
  const bottom = fromZero ? Math.min(0, low) : low;
  const height = Math.max(high - bottom, span);
  return [fromZero ? bottom : Math.floor(low - height * 0.08), Math.ceil(bottom + height * 1.12)];
}

function axisLabel({ name, end }: Axis, tick: number): string {
  if (name === 'distance') return round(UNITS.distance(tick));
  return inWords(end < 3600 ? shortTime(tick) : duration(tick));
}

function round({ value, unit }: Measure): string {
  return inWords({ value: value.replace(/[.,]0$/, ''), unit });
}

/** Hard edges from piece to piece. */
function gradient(plot: uPlot, fill: (pieces: number) => string[]): CanvasGradient | string {
  const { left, width } = plot.bbox;
  // uPlot asks once before it has measured itself.
  if (!(width > 0)) return 'transparent';
  const colours = fill(Math.max(1, Math.round(width / (PIECE * devicePixelRatio))));
  const known = new Map([...new Set(colours)].map((name) => [name, token(name)]));
  const painted = plot.ctx.createLinearGradient(left, 0, left + width, 0);
  colours.forEach((name, at) => {
    painted.addColorStop(at / colours.length, known.get(name) ?? 'transparent');
    painted.addColorStop((at + 1) / colours.length, known.get(name) ?? 'transparent');
  });
  return painted;
}

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { inWords } from '../units.ts';
import type { Cursor } from './cursor.ts';
import { type ProfileRows, rowOf, stretches } from './profile-rows.ts';
import { onThemeChange, token } from './tokens.ts';
import { UNITS } from './units.ts';

export interface ProfileParts {
  place: HTMLElement;
  rows: ProfileRows;
  cursor: Cursor;
}

/** Elevation against distance, filled by how steep it is. Hovering moves the cursor, and the cursor moves a line here. */
export function drawProfile(parts: ProfileParts): void {
  const { place, rows, cursor } = parts;
  let plot = draw(parts);
  place.dataset.shown = 'drawn';
  onThemeChange(() => {
    plot.destroy();
    plot = draw(parts);
  });
  new ResizeObserver(() => plot.setSize(size(place))).observe(place);
  cursor.follow((index) => {
    const row = index === null ? null : rowOf(rows, index);
    // Where our own pointer set it, the line is there already.
    if (plot.cursor.idx === row) return;
    plot.setCursor(
      row === null ? { left: -10, top: -10 } : { left: plot.valToPos(rows.distance[row] ?? 0, 'x'), top: 0 },
      false,
    );
    place.dataset.at = row === null ? '' : String(row);
  });
}

function draw({ place, rows, cursor }: ProfileParts): uPlot {
  const axis = {
    stroke: token('quiet'),
    font: '12px "Overpass Variable", sans-serif',
    grid: { stroke: token('line'), width: 1 },
    ticks: { show: false },
  };
  const options: uPlot.Options = {
    ...size(place),
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 10, stroke: token('ink'), fill: token('track') },
    },
    scales: { x: { time: false }, y: { range: (_plot, low, high) => heightRange(low, high) } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        space: 80,
        values: (_plot, ticks) => ticks.map((metres) => distanceLabel(metres)),
      },
      { ...axis, size: 64, space: 40, values: (_plot, ticks) => ticks.map((metres) => inWords(UNITS.height(metres))) },
    ],
    series: [
      {},
      { stroke: token('ink'), width: 1.5, fill: (plot) => steepnessFill(plot, rows), points: { show: false } },
    ],
    hooks: { setCursor: [({ cursor: { idx } }) => cursor.set(idx == null ? null : (rows.point[idx] ?? null))] },
  };
  return new uPlot(options, [rows.distance, rows.elevation], place);
}

function size(place: HTMLElement): { width: number; height: number } {
  return { width: place.clientWidth, height: place.clientHeight };
}

/** Flat land must not look like mountains: at least 60 metres of height are shown, with air above. */
function heightRange(low: number, high: number): [number, number] {
  const height = Math.max(high - low, 60);
  return [Math.floor(low - height * 0.08), Math.ceil(low + height * 1.12)];
}

function distanceLabel(metres: number): string {
  const { value, unit } = UNITS.distance(metres);
  return inWords({ value: value.replace(/\.0$/, ''), unit });
}

/** Hard edges from stretch to stretch, each about 10 pixels wide. */
function steepnessFill(plot: uPlot, rows: ProfileRows): CanvasGradient | string {
  const [left, right] = [plot.bbox.left, plot.bbox.left + plot.bbox.width];
  const end = rows.distance.at(-1) ?? 0;
  // uPlot asks once before it has measured itself.
  if (!(right > left) || end === 0) return 'transparent';
  const colours = [0, 1, 2, 3, 4].map((steepness) => token(`grade-${steepness}`));
  const gradient = plot.ctx.createLinearGradient(left, 0, right, 0);
  for (const { from, to, steepness } of stretches(
    rows,
    Math.max(1, Math.round((right - left) / (10 * devicePixelRatio))),
  )) {
    const colour = colours[steepness] ?? 'transparent';
    gradient.addColorStop(from / end, colour);
    gradient.addColorStop(to / end, colour);
  }
  return gradient;
}

import { type Box, clip } from './clip.ts';
import { cellAt, cellSize, cellZoom, MARGIN, unitOf } from './world.ts';

/** Coordinates in turn, x and y, in units of the step from the corner of the cell. */
export type Piece = number[];

/**
 * Longer than any road, and short enough that a body of made-up jumps across the world cannot fill the disk: what would lie in
 * more cells than this is not drawn so near.
 */
const MOST_CELLS = 20_000;
/** A segment that spans more cells than this either way is halved before the cells around it are looked at. */
const SPAN = 4;

/** The line in the cells of a step, each with a margin: what lies within, in pieces. A line over the antimeridian goes on at the other side. */
export function cutIntoCells(xs: readonly number[], ys: readonly number[], step: number): Map<number, Piece[]> {
  const [unit, size] = [unitOf(step), cellSize(step)];
  const [px, py] = [xs.map((x) => Math.round(x / unit)), ys.map((y) => Math.round(y / unit))];
  const cells = new Map<number, Piece[]>();
  if (crossings(px, py, size) > MOST_CELLS) return cells;
  const rows = 2 ** cellZoom(step);
  const margin = size * MARGIN;

  function draw(ax: number, ay: number, bx: number, by: number): void {
    const [west, east] = columnsOf(ax, bx);
    const [north, south] = columnsOf(ay, by);
    if (east - west > SPAN && south - north > SPAN) {
      const [mx, my] = [Math.round((ax + bx) / 2), Math.round((ay + by) / 2)];
      draw(ax, ay, mx, my);
      draw(mx, my, bx, by);
      return;
    }
    for (let row = Math.max(north, 0); row <= Math.min(south, rows - 1); row += 1) {
      for (let column = west; column <= east; column += 1) {
        const [ox, oy] = [column * size, row * size];
        const box: Box = { west: ox - margin, north: oy - margin, east: ox + size + margin, south: oy + size + margin };
        const part = clip(ax, ay, bx, by, box);
        if (part) add(cells, cellAt(step, column, row), ax - ox, ay - oy, bx - ax, by - ay, part);
      }
    }
  }

  const columnsOf = (a: number, b: number): [first: number, last: number] => [
    Math.floor((Math.min(a, b) - margin) / size),
    Math.floor((Math.max(a, b) + margin) / size),
  ];

  if (px.length === 1) draw(px[0] ?? 0, py[0] ?? 0, px[0] ?? 0, py[0] ?? 0);
  for (let at = 1; at < px.length; at += 1) {
    draw(px[at - 1] ?? 0, py[at - 1] ?? 0, px[at] ?? 0, py[at] ?? 0);
  }
  return cells;
}

/** So many borders of cells it crosses, about. */
function crossings(px: readonly number[], py: readonly number[], size: number): number {
  let sum = 0;
  for (let at = 1; at < px.length; at += 1) {
    sum += Math.abs((px[at] ?? 0) - (px[at - 1] ?? 0)) + Math.abs((py[at] ?? 0) - (py[at - 1] ?? 0));
  }
  return sum / size;
}

function add(
  cells: Map<number, Piece[]>,
  cell: number,
  x: number,
  y: number,
  dx: number,
  dy: number,
  [from, to]: readonly [from: number, to: number],
): void {
  const pieces = cells.get(cell) ?? [];
  if (pieces.length === 0) cells.set(cell, pieces);
  const [ax, ay] = [Math.round(x + from * dx), Math.round(y + from * dy)];
  const [bx, by] = [Math.round(x + to * dx), Math.round(y + to * dy)];
  let piece = pieces.at(-1);
  if (!piece || piece.at(-2) !== ax || piece.at(-1) !== ay) {
    piece = [ax, ay];
    pieces.push(piece);
  }
  if (ax !== bx || ay !== by) piece.push(bx, by);
}

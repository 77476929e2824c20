/**
 * The world as a square of web mercator in whole numbers, y downwards: 2^26 units a side are 0.6 m at the equator, and a tile of the
 * deepest zoom has 4,096 of them.
 */
const WORLD_BITS = 26;
export const WORLD = 2 ** WORLD_BITS;
/** Units across a tile, as in the tile itself. */
export const EXTENT = 4096;
/** Tiles are cut down to this zoom; nearer than that browsers enlarge them. */
export const DEEPEST = WORLD_BITS - Math.log2(EXTENT);
/** Around cells and tiles, as a part of their size: as much as the width of a line reaches over. */
export const MARGIN = 1 / 32;

/**
 * A line is stored simplified for a few steps, each for two or three zooms, and at each step in cells of a grid: a tile lies within
 * one cell, so it is cut from what is stored under one key.
 */
export const STEPS = 7;
export const stepOf = (zoom: number): number => Math.min(zoom >> 1, STEPS - 1);
/** The tiles of this zoom are the cells of the step. */
export const cellZoom = (step: number): number => 2 * step;
/** The nearest zoom that the step is fine enough for. */
export const finestZoom = (step: number): number => (step === STEPS - 1 ? DEEPEST : cellZoom(step) + 1);

/** How many units of the world one unit of the step is. */
export const unitOf = (step: number): number => 2 ** (DEEPEST - finestZoom(step));
/** Units of the step across one of its cells. */
export const cellSize = (step: number): number => EXTENT * 2 ** (finestZoom(step) - cellZoom(step));

/** A cell's number within its step. Columns go round the world. */
export function cellAt(step: number, column: number, row: number): number {
  const across = 2 ** cellZoom(step);
  return row * across + (((column % across) + across) % across);
}

const LIMIT = 85.0511287798066;

/** @returns units of the world, not rounded; degrees beyond ±180° lie beyond its edges. */
export function project(lng: number, lat: number): [x: number, y: number] {
  const sine = Math.sin((Math.min(Math.max(lat, -LIMIT), LIMIT) * Math.PI) / 180);
  return [((lng + 180) / 360) * WORLD, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD];
}

/** @returns degrees. */
export function unproject(x: number, y: number): [lng: number, lat: number] {
  return [(x / WORLD) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / WORLD))) * 180) / Math.PI];
}

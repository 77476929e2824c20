/** Holes narrower than this share of the axis are bridged: a sensor that speaks every few seconds is one line. */
const HOLE = 0.01;

/**
 * The same line for the eye with at most four points to a pixel: the first, the lowest, the highest and the last. 100,000
 * points are drawn in the time of 4,000, and no peak is lost. Null stays where nothing was recorded.
 *
 * @param x - ascending
 * @param pixels - how many columns it is drawn in
 */
export function thin(
  x: readonly number[],
  y: readonly (number | null)[],
  pixels: number,
): [x: number[], y: (number | null)[]] {
  const rows = bridged(x, y);
  if (rows.length <= 4 * pixels) return [rows.map((row) => x[row] ?? 0), rows.map((row) => y[row] ?? null)];
  const [start, width] = [x[0] ?? 0, ((x.at(-1) ?? 0) - (x[0] ?? 0)) / pixels];
  const kept: number[] = [];
  let column: number[] = [];
  let which = -1;
  for (const row of rows) {
    const here = Math.floor(((x[row] ?? 0) - start) / width);
    if (here !== which || (y[row] ?? null) === null) {
      kept.push(...outline(column, y));
      column = [];
      which = here;
    }
    column.push(row);
  }
  kept.push(...outline(column, y));
  return [kept.map((row) => x[row] ?? 0), kept.map((row) => y[row] ?? null)];
}

/** The rows that have a value, and one without for each hole that is to be seen. */
function bridged(x: readonly number[], y: readonly (number | null)[]): number[] {
  const hole = ((x.at(-1) ?? 0) - (x[0] ?? 0)) * HOLE;
  const rows: number[] = [];
  let last = -1;
  y.forEach((value, row) => {
    if (value === null) return;
    if (last >= 0 && row > last + 1 && (x[row] ?? 0) - (x[last] ?? 0) > hole) rows.push(last + 1);
    rows.push(row);
    last = row;
  });
  return rows;
}

function outline(column: readonly number[], y: readonly (number | null)[]): number[] {
  if (column.length <= 4) return [...column];
  const value = (row: number) => y[row] ?? 0;
  // A hole begins a column of its own and is its first row.
  const measured = column.filter((row) => (y[row] ?? null) !== null);
  let [low, high] = [measured[0] ?? 0, measured[0] ?? 0];
  for (const row of measured) {
    if (value(row) < value(low)) low = row;
    if (value(row) > value(high)) high = row;
  }
  return [...new Set([column[0] ?? 0, low, high, column.at(-1) ?? 0])].sort((a, b) => a - b);
}

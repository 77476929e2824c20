import type { Queries } from '../postgres/database.ts';
import { type Checksum, sha256, type Value } from './checksum.ts';
import type { Cell } from './installation.ts';
import type { Column, Step } from './plan.ts';

/** Rows in one statement: enough to pay for it, and no more than so many bytes of them, unless one alone has more. */
const ROWS_AT_ONCE = 500;
const BYTES_AT_ONCE = 1 << 20;

export function* batchesOf(rows: Iterable<Cell[]>): Iterable<Cell[][]> {
  let batch: Cell[][] = [];
  let bytes = 0;
  for (const row of rows) {
    batch.push(row);
    bytes += row.reduce<number>((sum, cell) => sum + sizeOf(cell), 0);
    if (batch.length < ROWS_AT_ONCE && bytes < BYTES_AT_ONCE) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

const sizeOf = (cell: Cell): number => (typeof cell === 'string' || Buffer.isBuffer(cell) ? cell.length : 8);

/** One statement: an array of values a column. */
export async function insertRows(there: Queries, { name, columns }: Step, rows: readonly Cell[][]): Promise<void> {
  const values = Object.fromEntries(
    columns.map((column, at) => [column.name, rows.map((row) => valueFor(column, row[at] ?? null))]),
  );
  await there.run(
    `INSERT INTO ${name} (${columns.map((column) => column.name).join(', ')})
     SELECT * FROM unnest(${columns.map((column) => `@${column.name}::${column.type}[]`).join(', ')})`,
    values,
  );
}

const valueFor = ({ type }: Column, cell: Cell): Cell | boolean =>
  type === 'boolean' && cell !== null ? cell !== 0 : cell;

/** What `Checksum` takes of a row of SQLite. */
export const digested = (row: readonly Cell[]): Value[] =>
  row.map((cell) => (Buffer.isBuffer(cell) ? sha256(cell) : cell));

/** Reads a table back out of PostgreSQL, which sends of bytes only their hash. */
export async function readBack(
  there: Queries,
  { name, columns }: Step,
  checksum: Checksum,
  onRows: (rows: number) => void,
): Promise<void> {
  const list = columns.map((column) =>
    column.type === 'bytea' ? `sha256(${column.name}) AS ${column.name}` : column.name,
  );
  await there.run(`DECLARE back_${name} NO SCROLL CURSOR FOR SELECT ${list.join(', ')} FROM ${name}`);
  for (;;) {
    const rows = await there.all<Record<string, Value>>(`FETCH ${ROWS_AT_ONCE} FROM back_${name}`);
    if (rows.length === 0) break;
    for (const row of rows) checksum.add(columns.map((column) => row[column.name] ?? null));
    onRows(rows.length);
  }
  await there.run(`CLOSE back_${name}`);
}

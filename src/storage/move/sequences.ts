import type { Queries } from '../postgres/database.ts';
import type { Installation } from './installation.ts';
import type { Step } from './plan.ts';
import { SEQUENCES } from './tables.ts';

/** What is given out from now on is behind all that was ever given out: an id of something that was erased means nobody else. */
export async function setSequences(here: Installation, there: Queries, steps: readonly Step[]): Promise<void> {
  for (const { name, database, columns } of steps) {
    if (!columns.some((column) => column.name === 'id')) continue;
    const last = Math.max(
      Number(here.get(database, `SELECT max(id) FROM ${name}`)),
      Number(here.get(database, `SELECT seq FROM sqlite_sequence WHERE name = '${name}'`)),
    );
    await setSequence(there, name, 'id', last);
  }
  for (const { table, column, database, last } of SEQUENCES) {
    await setSequence(there, table, column, Number(here.get(database, last)));
  }
}

async function setSequence(there: Queries, table: string, column: string, last: number): Promise<void> {
  if (last < 1) return;
  const sequence = await there.get<{ at: number | null }>(
    'SELECT setval(pg_get_serial_sequence(@table, @column), @last) AS at',
    { table, column, last },
  );
  if (sequence?.at !== last) throw new Error(`${table}.${column} has no sequence that can be set to ${last}.`);
}

import type { Queries } from '../postgres/database.ts';
import type { Installation } from './installation.ts';
import { ONLY_IN_POSTGRES, ONLY_IN_SQLITE, TABLES, type Table } from './tables.ts';

export interface Column {
  name: string;
  /** As PostgreSQL writes it. */
  type: string;
}

/** How one table is copied. */
export interface Step extends Table {
  columns: Column[];
  /** Reads its rows out of SQLite. */
  select: string;
  count: string;
}

/** @throws Error when a migration has made something that `tables.ts` does not know: it would be left behind. */
export async function planCopy(here: Installation, there: Queries): Promise<Step[]> {
  const known = TABLES.map(({ name }) => name);
  const inSqlite = [...here.tables('inbox'), ...here.tables('mirror')];
  assertSame('tables of SQLite', inSqlite, [...known.filter((name) => name !== 'arrivals'), ...ONLY_IN_SQLITE]);
  assertSame('tables of PostgreSQL', await tablesOf(there), [...known, ...ONLY_IN_POSTGRES]);
  const steps: Step[] = [];
  for (const table of TABLES) steps.push(await stepFor(table, here, there));
  return steps;
}

async function stepFor(table: Table, here: Installation, there: Queries): Promise<Step> {
  const { name, database, made = {}, rows = name } = table;
  const columns = await there.all<Column>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = @name::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    { name },
  );
  const written = columns.map((column) => column.name);
  const [from = name] = rows.split(' ');
  if (from === name) {
    assertSame(
      `columns of ${name}`,
      here.columns(database, name),
      written.filter((column) => !(column in made)),
    );
  }
  const list = written.map((column) => (column in made ? `${made[column]} AS ${column}` : column)).join(', ');
  return { ...table, columns, select: `SELECT ${list} FROM ${rows}`, count: `SELECT count(*) FROM ${rows}` };
}

async function tablesOf(there: Queries): Promise<string[]> {
  const rows = await there.all<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  return rows.map(({ name }) => name);
}

function assertSame(what: string, are: readonly string[], known: readonly string[]): void {
  const strange = [
    ...are.filter((name) => !known.includes(name)),
    ...known.filter((name) => !are.includes(name)).map((name) => `no ${name}`),
  ];
  if (strange.length > 0) throw new Error(`Moving does not know these ${what}: ${strange.join(', ')}.`);
}

import { readdirSync, readFileSync } from 'node:fs';

export interface Migration {
  number: number;
  name: string;
  /** What the first line says it belongs to: of SQLite one of two files, of PostgreSQL one of two groups of tables. */
  database: 'inbox' | 'mirror';
  sql: string;
}

/** The numbered files in `migrations/sqlite` or `migrations/postgres`, in their order. */
export function migrationsIn(dialect: 'sqlite' | 'postgres'): Migration[] {
  const folder = new URL(`../../migrations/${dialect}/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder), 'utf8');
      const database = sql.startsWith('-- database: inbox\n') ? 'inbox' : 'mirror';
      return { number: Number(file.slice(0, 4)), name: file.slice(5, -4), database, sql };
    });
}

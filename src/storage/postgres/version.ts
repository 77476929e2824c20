import { migrationsIn } from '../migrations.ts';
import type { Queries } from './database.ts';

/** The version that this program writes. */
export const newestVersion = (): number => migrationsIn('postgres').at(-1)?.number ?? 0;

/** @returns that of the database; 0: it has none of our tables. */
export async function versionIn(queries: Queries): Promise<number> {
  const table = await queries.get<{ is: boolean }>("SELECT to_regclass('migrations') IS NOT NULL AS is");
  if (!table?.is) return 0;
  return (await queries.get<{ at: number }>('SELECT coalesce(max(number), 0) AS at FROM migrations'))?.at ?? 0;
}

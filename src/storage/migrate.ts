import { readdirSync, readFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';

export type DatabaseName = 'inbox' | 'mirror';

const FOLDER = new URL('../../migrations/sqlite/', import.meta.url);

/**
 * Brings one database up to the newest migration, all of it or nothing.
 *
 * @throws NewerDatabase when a later version of Slipstream has written it.
 */
export function migrate(db: Database, name: DatabaseName): void {
  const steps = migrationsFor(name);
  const newest = steps.at(-1)?.number ?? 0;
  const run = db.transaction(() => {
    const at = Number(db.pragma('user_version', { simple: true }));
    if (at > newest) throw new NewerDatabase(name, at, newest);
    for (const step of steps.filter(({ number }) => number > at)) {
      db.exec(step.sql);
      db.pragma(`user_version = ${step.number}`);
    }
  });
  run.exclusive();
}

/** The numbered files of one database: the first line of each says which one it belongs to. */
function migrationsFor(name: DatabaseName): { number: number; sql: string }[] {
  return readdirSync(FOLDER)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file) => ({ number: Number(file.slice(0, 4)), sql: readFileSync(new URL(file, FOLDER), 'utf8') }))
    .filter(({ sql }) => sql.startsWith(`-- database: ${name}\n`));
}

export class NewerDatabase extends Error {
  constructor(name: DatabaseName, at: number, known: number) {
    super(
      `${name}.db was written by a newer Slipstream (its version is ${at}, this program knows ${known}). ` +
        'Nothing was changed. Start the newer version again, or restore a backup made with this one.',
    );
    this.name = 'NewerDatabase';
  }
}

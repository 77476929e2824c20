import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { type Migration, migrationsIn } from './migrations.ts';

export type DatabaseName = 'inbox' | 'mirror';

/**
 * Brings one database up to the newest migration, all of it or nothing. What was there before is copied beside it first.
 *
 * @throws NewerDatabase when a later version of Slipstream has written it.
 */
export function migrate(db: Database, name: DatabaseName): void {
  const steps = migrationsFor(name);
  const newest = newestVersion(name);
  const before = versionOf(db);
  if (before > 0 && before < newest) copyAside(db, name, before);
  const run = db.transaction(() => {
    const at = versionOf(db);
    if (at > newest) throw new NewerDatabase(name, at, newest);
    for (const step of steps.filter(({ number }) => number > at)) {
      db.exec(step.sql);
      db.pragma(`user_version = ${step.number}`);
    }
  });
  run.exclusive();
}

/** The version that this program writes. */
export const newestVersion = (name: DatabaseName): number => migrationsFor(name).at(-1)?.number ?? 0;

const versionOf = (db: Database): number => Number(db.pragma('user_version', { simple: true }));

/** `DATA_DIR/inbox.version-1.db`: the way back for who wants the former version of Slipstream again. */
function copyAside(db: Database, name: DatabaseName, version: number): void {
  const copy = join(dirname(db.name), `${name}.version-${version}.db`);
  // One that was cut off is worth nothing.
  rmSync(copy, { force: true });
  db.prepare<[string]>('VACUUM INTO ?').run(copy);
}

const migrationsFor = (name: DatabaseName): Migration[] =>
  migrationsIn('sqlite').filter(({ database }) => database === name);

export class NewerDatabase extends Error {
  constructor(name: DatabaseName, at: number, known: number) {
    super(
      `${name}.db was written by a newer Slipstream (its version is ${at}, this program knows ${known}). ` +
        'Nothing was changed. Start the newer version again, or restore a backup made with this one.',
    );
    this.name = 'NewerDatabase';
  }
}

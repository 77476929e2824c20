import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { type DatabaseName, NewerDatabase, newestVersion } from '../migrate.ts';
import { lockFolder } from '../sqlite/lock.ts';
import { openForReading } from '../sqlite/open.ts';
import { assertNotHalfRestored } from '../sqlite/restore.ts';
import { CannotMove } from './cannot-move.ts';

/** Rows of SQLite: numbers, texts, bytes and nothing else. */
export type Cell = string | number | null | Buffer;

/** The two files of `DATA_DIR`, for reading. Nobody writes to them until they are closed. */
export interface Installation {
  dataDir: string;
  /** Its tables; those that SQLite keeps for itself are left out. */
  tables(database: DatabaseName): string[];
  /** What can be written of a table: no column that is computed. */
  columns(database: DatabaseName, table: string): string[];
  rows(database: DatabaseName, sql: string): Iterable<Cell[]>;
  get(database: DatabaseName, sql: string): Cell;
  close(): void;
}

const DATABASES: readonly DatabaseName[] = ['inbox', 'mirror'];

/** @throws CannotMove FolderInUse NewerDatabase DamagedDatabase RestoreCutOff */
export function openInstallation(dataDir: string): Installation {
  if (!DATABASES.every((name) => existsSync(join(dataDir, `${name}.db`)))) {
    throw new CannotMove(
      `There is no library in DATA_DIR ${dataDir}, so there is nothing to copy. Set DATA_DIR to where it is.`,
    );
  }
  const unlock = lockFolder(dataDir);
  const open = new Map<DatabaseName, Database>();
  const close = () => {
    for (const db of open.values()) db.close();
    unlock();
  };
  try {
    assertNotHalfRestored(dataDir);
    for (const name of DATABASES) {
      const db = openForReading(dataDir, name);
      open.set(name, db);
      assertCurrent(db, name);
    }
  } catch (error) {
    close();
    throw error;
  }

  const database = (name: DatabaseName): Database => {
    const db = open.get(name);
    if (!db) throw new Error(`${name}.db is not open.`);
    return db;
  };
  return {
    dataDir,
    tables: (name) =>
      database(name)
        .prepare<[], string>(
          "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' ORDER BY name",
        )
        .pluck()
        .all()
        .filter((table) => !table.startsWith('sqlite_')),
    columns: (name, table) =>
      database(name)
        .prepare<[string], string>('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid')
        .pluck()
        .all(table),
    rows: (name, sql) => database(name).prepare<[], Cell[]>(sql).raw().iterate(),
    get: (name, sql) => database(name).prepare<[], Cell>(sql).pluck().get() ?? null,
    close,
  };
}

function assertCurrent(db: Database, name: DatabaseName): void {
  const at = Number(db.pragma('user_version', { simple: true }));
  const known = newestVersion(name);
  if (at > known) throw new NewerDatabase(name, at, known);
  if (at === known) return;
  throw new CannotMove(
    `${name}.db in DATA_DIR was last written by an earlier Slipstream, and copying changes nothing in it. Run "slipstream migrate", which brings it up to this version, then this again.`,
  );
}

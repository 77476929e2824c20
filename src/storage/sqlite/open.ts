import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type DatabaseName, migrate } from '../migrate.ts';

/** Waiting for another worker's commit; the main thread never writes to a file that a worker writes. */
const BUSY_TIMEOUT_MS = 10_000;

/** Opens one of the two databases for writing, migrated. */
export function openForWriting(dataDir: string, name: DatabaseName): Database.Database {
  const db = new Database(join(dataDir, `${name}.db`), { timeout: BUSY_TIMEOUT_MS });
  makeDurable(db);
  migrate(db, name);
  return db;
}

/** Opens one of the two databases for reading. It must exist: whoever writes it opens it first. */
export function openForReading(dataDir: string, name: DatabaseName): Database.Database {
  const db = new Database(join(dataDir, `${name}.db`), { readonly: true, fileMustExist: true });
  db.pragma('query_only = 1');
  return db;
}

/**
 * These are per connection. FULL, because a task is marked done in one file only when what it wrote to the other is on the
 * platter: else a power cut between the two would lose an update (workers reach the same by `flush.ts`). The two fullfsync settings matter on macOS alone.
 */
function makeDurable(db: Database.Database): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('fullfsync = 1');
  db.pragma('checkpoint_fullfsync = 1');
  db.pragma('foreign_keys = 1');
  // What is erased is overwritten, not only forgotten.
  db.pragma('secure_delete = 1');
}

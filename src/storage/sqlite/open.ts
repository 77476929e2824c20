import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type DatabaseName, migrate } from '../migrate.ts';

/** Waiting for another worker's commit; the main thread never writes to a file that a worker writes. */
const BUSY_TIMEOUT_MS = 10_000;

/** Opens one of the two databases for writing, migrated. @throws DamagedDatabase NewerDatabase */
export function openForWriting(dataDir: string, name: DatabaseName): Database.Database {
  return whole(name, () => {
    const db = new Database(join(dataDir, `${name}.db`), { timeout: BUSY_TIMEOUT_MS });
    try {
      makeDurable(db);
      migrate(db, name);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Opens one of the two databases for reading. It must exist: whoever writes it opens it first. */
export function openForReading(dataDir: string, name: DatabaseName): Database.Database {
  return whole(name, () => {
    const db = new Database(join(dataDir, `${name}.db`), { readonly: true, fileMustExist: true });
    db.pragma('query_only = 1');
    return db;
  });
}

function whole<T>(name: DatabaseName, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw isDamage(error) ? new DamagedDatabase(name, error) : error;
  }
}

const isDamage = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^SQLITE_(NOTADB|CORRUPT)/.test(String(error.code));

/** What it means differs: one can be found again at the provider, the other holds what nobody else has. */
const LOST = {
  inbox:
    'It holds what waits to be fetched, and the webhooks of the last days. Move inbox.db, inbox.db-wal and inbox.db-shm away and start again: every library is compared with the provider, and nothing of it is lost.',
  mirror:
    'It holds the library. Put a backup in its place with "slipstream restore". Without one, move mirror.db, mirror.db-wal and mirror.db-shm away, start again and connect: everything that is still at the provider is copied afresh.',
} as const;

export class DamagedDatabase extends Error {
  constructor(name: DatabaseName, cause: unknown) {
    super(
      `${name}.db in DATA_DIR is damaged or is no database, so Slipstream did not start. Nothing was changed. ${LOST[name]}`,
      {
        cause,
      },
    );
    this.name = 'DamagedDatabase';
  }
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

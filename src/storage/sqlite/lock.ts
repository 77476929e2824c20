import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Another process works on the folder: a running Slipstream, or a command that must not meet one. */
export class FolderInUse extends Error {
  constructor(dataDir: string) {
    super(
      `Another Slipstream is at work on DATA_DIR ${dataDir}, so this one did not start and changed nothing. Stop the other one, or set DATA_DIR to another folder.`,
    );
    this.name = 'FolderInUse';
  }
}

/**
 * Keeps every other process from writing to the folder. The operating system holds the lock, through a database that nothing is
 * in: it ends with the process, however that ends, and no stale file can stand in the way.
 *
 * @returns what lets go of it. @throws FolderInUse
 */
export function lockFolder(dataDir: string): () => void {
  const letGo = takeFolder(dataDir);
  if (!letGo) throw new FolderInUse(dataDir);
  return letGo;
}

/** The same for whoever can wait. @returns undefined when another process has it. */
export function takeFolder(dataDir: string): (() => void) | undefined {
  const db = new Database(join(dataDir, 'lock'), { timeout: 0 });
  try {
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return () => db.close();
}

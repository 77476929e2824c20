import type { Database } from 'better-sqlite3';

/** Runs `work` in the next commit. @throws what `work` throws, or why the commit failed. */
export type Write = <T>(work: () => T) => Promise<T>;

/** A lock of another program is waited for this long: whoever sends a webhook waits for a second and does not send it again. */
const PATIENCE_MS = 600;
const LOOK_AGAIN_MS = 20;

interface Waiting {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * Everything that wants to be written in one turn of the event loop shares one commit, and so one fsync: a hundred deliveries,
 * the tasks made of earlier ones, and what the workers have finished. Who fails is rolled back alone.
 */
export function createGroupCommit(db: Database): Write {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  // Within the open transaction this is a savepoint.
  const alone = db.transaction((work: () => unknown) => work());
  let waiting: Waiting[] = [];
  /** Since when another program has locked the file. */
  let lockedSince: number | undefined;

  function run(): void {
    const batch = waiting;
    waiting = [];
    const answers: (() => void)[] = [];
    try {
      begin.run();
      lockedSince = undefined;
      for (const each of batch) answers.push(answerOf(each));
      commit.run();
    } catch (error) {
      if (db.inTransaction) rollback.run();
      if (isLocked(error) && isPatient()) {
        waiting = [...batch, ...waiting];
        setTimeout(run, LOOK_AGAIN_MS);
        return;
      }
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const answer of answers) answer();
  }

  /** A lock that has lasted for long already is not waited for by those who come late. */
  function isPatient(): boolean {
    lockedSince ??= performance.now();
    return performance.now() - lockedSince < PATIENCE_MS;
  }

  function answerOf({ work, resolve, reject }: Waiting): () => void {
    try {
      const value = alone(work);
      return () => resolve(value);
    } catch (error) {
      // A full disk ends the whole transaction, not only the savepoint.
      if (!db.inTransaction) throw error;
      return () => reject(error);
    }
  }

  return <T>(work: () => T) =>
    new Promise<T>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(run);
      waiting.push({ work, resolve: (value) => resolve(value as T), reject });
    });
}

const isLocked = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';

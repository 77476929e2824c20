import type { Database } from 'better-sqlite3';

/** Runs `work` in the next commit. @throws what `work` throws, or why the commit failed. */
export type Write = <T>(work: () => T) => Promise<T>;

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

  function run(): void {
    const batch = waiting;
    waiting = [];
    const answers: (() => void)[] = [];
    try {
      begin.run();
      for (const each of batch) answers.push(answerOf(each));
      commit.run();
    } catch (error) {
      if (db.inTransaction) rollback.run();
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const answer of answers) answer();
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

import type { Database } from 'better-sqlite3';

/**
 * Runs `work` when all that asked before it is over, and lets nobody else run until it is over itself. Who asks again within it, and
 * waits for that, waits for ever.
 */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Several fetches of a thread share a connection, and SQLite knows one transaction for each: while one is open across an `await`,
 * whatever else runs there would be part of it. One for each connection.
 */
export function createTurns(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    // Who fails, fails alone.
    last = mine.catch(() => {});
    return mine;
  };
}

/** A store whose verbs take turns, each. */
export function inTurns<Store extends object>(turn: Turn, store: Store): Store {
  const verbs = Object.entries(store).map(([name, verb]) => [
    name,
    (...args: unknown[]) => turn(async () => verb(...args)),
  ]);
  return Object.fromEntries(verbs);
}

/** Runs `work` in one transaction, which has its turn until it is committed or rolled back. */
export function createTransaction(db: Database, turn: Turn): Turn {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');

  return (work) =>
    turn(async () => {
      begin.run();
      try {
        const answer = await work();
        commit.run();
        return answer;
      } catch (error) {
        // A full disk has ended it already.
        if (db.inTransaction) rollback.run();
        throw error;
      }
    });
}

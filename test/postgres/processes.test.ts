import { afterAll } from 'vitest';
import { openBoard } from '../../src/storage/postgres/board.ts';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import { createLocks } from '../../src/storage/postgres/locks.ts';
import { openSession } from '../../src/storage/postgres/session.ts';
import { openSignals } from '../../src/storage/postgres/signals.ts';
import { boardSuite } from '../conformance/board.ts';
import { locksSuite } from '../conformance/locks.ts';
import { signalsSuite } from '../conformance/signals.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

afterAll(stopPostgres);

/** Each process has its own connections to one database. */
async function processes() {
  const { url } = await freshDatabase();
  const opened = new AsyncDisposableStack();
  return {
    join() {
      const db = opened.adopt(openDatabase(url, { most: 2 }), (each) => each.close());
      const session = opened.adopt(openSession(url), (each) => each.close());
      return { db, session, opened };
    },
    close: () => opened.disposeAsync(),
  };
}

boardSuite('PostgreSQL', async () => {
  const { join, close } = await processes();
  return {
    async join() {
      const { db, session, opened } = join();
      return opened.adopt(await openBoard(db, session), (each) => each.close());
    },
    close,
  };
});

signalsSuite('PostgreSQL', async () => {
  const { join, close } = await processes();
  return {
    async join() {
      const { db, session, opened } = join();
      const signals = opened.adopt(openSignals(db, session), (each) => each.close());
      // Its turn comes after those that listen.
      await session.release(['nothing']);
      return signals;
    },
    close,
  };
});

locksSuite('PostgreSQL', async () => {
  const { join, close } = await processes();
  return { join: async () => createLocks(join().session), close };
});

import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { openBoard } from '../../src/storage/postgres/board.ts';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { createLocks } from '../../src/storage/postgres/locks.ts';
import { openSession } from '../../src/storage/postgres/session.ts';
import { openSignals } from '../../src/storage/postgres/signals.ts';
import { boardSuite } from '../conformance/board.ts';
import { locksSuite } from '../conformance/locks.ts';
import { signalsSuite } from '../conformance/signals.ts';
import { freshDatabase, IN_THIS_DATABASE, stopPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';

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

test('a process that stops waits for no other one, and ends what it has begun', async () => {
  const { join, close } = await processes();
  const [mine, theirs] = [createLocks(join().session), createLocks(join().session)];
  const over = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const held = theirs.hold('one', () => {
    begun.resolve();
    return over.promise;
  });
  await begun.promise;
  const waiting = ['first', 'second'].map((each) => mine.hold('one', async () => each).catch((error) => error));
  mine.stop();
  for (const each of await Promise.all(waiting)) expect(each).toMatchObject({ code: 'POSTGRES_STOPPING' });
  theirs.stop();
  over.resolve('done');
  expect(await held).toBe('done');
  await close();
});

describe('after the connection of a process was lost', () => {
  async function two() {
    const { join, close } = await processes();
    after.defer(close);
    return [join(), join()] as const;
  }
  let after = new AsyncDisposableStack();
  afterEach(async () => {
    await after.disposeAsync();
    after = new AsyncDisposableStack();
  });
  const cut = (db: Database) =>
    db.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'slipstream %'",
    );

  test('its board is read again as a whole', async () => {
    const [{ db, session }] = await two();
    const board = after.adopt(await openBoard(db, session), (each) => each.close());
    const heard: [string, unknown][] = [];
    board.onChange((...change) => heard.push(change));
    await board.put('old', 1);
    await board.put('same', 1);
    // What it did not hear of.
    await db.run("DELETE FROM board WHERE name = 'old'");
    await db.run("INSERT INTO board VALUES ('new', '2')");
    expect(board.get('new')).toBeUndefined();
    heard.length = 0;
    await cut(db);
    await until(() => board.get('new') === 2 && board.get('old') === undefined);
    expect(heard).toContainEqual(['new', 2]);
    expect(heard.map(([name]) => name)).not.toContain('same');
  });

  test('it is told to look for what is due, and hears again what others say', async () => {
    const [mine, theirs] = await two();
    const signals = [mine, theirs].map(({ db, session }) =>
      after.adopt(openSignals(db, session), (each) => each.close()),
    );
    await Promise.all([mine, theirs].map(({ session }) => session.release(['nothing'])));
    let due = 0;
    const changed: string[] = [];
    signals[0]?.onDue(() => {
      due += 1;
    });
    signals[0]?.onChanged((account) => changed.push(account));
    await cut(mine.db);
    await until(() => due > 0);
    signals[1]?.changed('1');
    await until(() => changed.includes('1'));
  });

  test('it has its locks again before anybody else', async () => {
    const [mine, theirs] = await two();
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const order: string[] = [];
    const first = createLocks(mine.session).hold('one', async () => {
      order.push('first begins');
      await finished;
      order.push('first ends');
    });
    await until(() => order.length === 1);
    const owners = () =>
      mine.db.all<{ pid: number }>(
        `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND ${IN_THIS_DATABASE} ORDER BY pid`,
      );
    const before = await owners();
    expect(before).toHaveLength(1);
    await cut(mine.db);
    // What was cut goes when it notices.
    await until(async () => {
      const after = await owners();
      return after.length === 1 && after[0]?.pid !== before[0]?.pid;
    });
    const second = createLocks(theirs.session).hold('one', async () => void order.push('second'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    finish();
    await Promise.all([first, second]);
    expect(order).toEqual(['first begins', 'first ends', 'second']);
  });
});

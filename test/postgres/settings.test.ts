import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { isStorageError } from '../../src/storage/failure.ts';
import type { Inbox } from '../../src/storage/inbox.ts';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import { type InboxParts, openInbox } from '../../src/storage/postgres/inbox.ts';
import { migrate } from '../../src/storage/postgres/migrate.ts';
import { newestVersion } from '../../src/storage/postgres/version.ts';
import { delivery, done, key, note, room } from '../support/notes.ts';
import { type FreshDatabase, freshDatabase, stopPostgres } from '../support/postgres.ts';

/** A server, a database or a role that somebody has set up for something else. */
let there: FreshDatabase;
let name: string;
let opened = new AsyncDisposableStack();
beforeAll(async () => {
  there = await freshDatabase();
  name = new URL(there.url).pathname.slice(1);
});
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
  await operator(`ALTER DATABASE ${name} RESET ALL`);
});
afterAll(stopPostgres);

async function operator(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: Object.assign(new URL(there.url), { pathname: '/postgres' }).href });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

const set = (setting: string, value: string) => operator(`ALTER DATABASE ${name} SET ${setting} = ${value}`);

/** Whether a delivery is stored in time is for those to say that ask for it: the machine may have much to do. */
const PATIENT = 30_000;
/** One process. */
const open = (over: Partial<InboxParts> = {}): Inbox =>
  opened.adopt(openInbox({ databaseUrl: there.url, graceMs: 0, patienceMs: PATIENT, ...over }), (each) => each.close());

const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'no error').catch((error) => error);

test('processes that share their work are in nobody’s way, also where transactions are serializable unless told otherwise', async () => {
  await set('default_transaction_isolation', "'serializable'");
  const processes = [open(), open(), open()];
  const notes = Array.from({ length: 60 }, (_, id) => note(key(String(id))));
  const request = room({ room: 4, perAccount: 12 });
  let fetched = 0;
  await Promise.all(
    processes.map(async (inbox) => {
      for (let turn = 0; turn < 15; turn += 1) {
        await Promise.all([inbox.keep(delivery('{}')), inbox.enqueue(turn < 5 ? notes : [])]);
        const claims = await inbox.exchange([], request);
        fetched += claims.length;
        await inbox.exchange(claims.map(done), { ...request, room: 0 });
      }
    }),
  );
  expect(fetched).toBeGreaterThan(60);
});

test('processes that start together on an empty database make its tables once, also where all of a transaction sees one instant', async () => {
  const empty = `${name}_empty`;
  await operator(`CREATE DATABASE ${empty} TEMPLATE template0 ENCODING 'UTF8'`);
  opened.defer(() => operator(`DROP DATABASE ${empty} WITH (FORCE)`));
  await operator(`ALTER DATABASE ${empty} SET default_transaction_isolation = 'repeatable read'`);
  const url = Object.assign(new URL(there.url), { pathname: `/${empty}` }).href;
  const migrations = await Promise.all(Array.from({ length: 7 }, () => migrate(url)));
  const newest = newestVersion();
  expect(migrations.filter(({ from }) => from === 0)).toEqual([{ from: 0, to: newest }]);
  expect(migrations.filter(({ from }) => from === newest)).toHaveLength(6);
});

test('who waits for another one to make the tables may wait as long as that takes', async () => {
  await set('statement_timeout', "'100ms'");
  await set('lock_timeout', "'100ms'");
  const db = opened.adopt(openDatabase(there.url, { most: 1 }), (each) => each.close());
  const waiting = await db.transaction(async (queries) => {
    await queries.run('SELECT pg_advisory_xact_lock(741852, 1)');
    const migration = migrate(there.url);
    await queries.run('SELECT pg_sleep(0.5)');
    return { migration };
  });
  expect(await waiting.migration).toMatchObject({ from: newestVersion() });
});

test('who stands still in the middle of a transaction is not waited for without end, whatever the server is set to', async () => {
  await set('idle_in_transaction_session_timeout', '0');
  const db = opened.adopt(openDatabase(there.url, { most: 1 }), (each) => each.close());
  const row = await db.get("SELECT current_setting('idle_in_transaction_session_timeout') AS time");
  expect(row).toEqual({ time: '1min' });
});

test('a server that was only for reading and is not any more is written to at once', async () => {
  const inbox = open();
  await set('default_transaction_read_only', 'on');
  expect(await failureOf(inbox.enqueue([note(key('1'))]))).toMatchObject({ code: 'POSTGRES_25006' });
  await operator(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
  await inbox.enqueue([note(key('1'))]);
});

test('tables that were changed under a running process are read by the next statement', async () => {
  const inbox = open();
  const rider = key('1');
  expect(await inbox.deadLetters(rider, true)).toEqual([]);
  const db = opened.adopt(openDatabase(there.url, { most: 1 }), (each) => each.close());
  await db.run('ALTER TABLE dead_letters ADD COLUMN later text');
  const first = await failureOf(inbox.deadLetters(rider, true));
  expect(first === 'no error' || isStorageError(first)).toBe(true);
  expect(await inbox.deadLetters(rider, true)).toEqual([]);
});

test.each([
  ['a database that is not there', { pathname: '/nowhere' }],
  ['a password that is not taken any more', { password: 'another' }],
])('%s is no fault of what was to be stored', async (_, other) => {
  const inbox = open({ databaseUrl: Object.assign(new URL(there.url), other).href });
  expect(isStorageError(await failureOf(inbox.enqueue([note(key('1'))])))).toBe(true);
});

test('a table that is gone for a while, as while a dump is put back, is no fault of what was to be stored', async () => {
  const inbox = open();
  const db = opened.adopt(openDatabase(there.url, { most: 1 }), (each) => each.close());
  await db.run('ALTER TABLE tasks RENAME TO put_away');
  expect(isStorageError(await failureOf(inbox.enqueue([note(key('1'))])))).toBe(true);
  await db.run('ALTER TABLE put_away RENAME TO tasks');
  await inbox.enqueue([note(key('1'))]);
});

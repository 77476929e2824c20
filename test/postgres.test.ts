import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { explain } from '../src/cli/failure.ts';
import { isStorageError } from '../src/storage/failure.ts';
import { type Database, MOST_PREPARED, openDatabase } from '../src/storage/postgres/database.ts';
import { asStorageError } from '../src/storage/postgres/errors.ts';
import { migrate } from '../src/storage/postgres/migrate.ts';
import { freshDatabase, type OwnCluster, startCluster, stopPostgres } from './support/postgres.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});
afterAll(stopPostgres);

const openAt = (url: string, most = 3): Database => {
  const db = openDatabase(url, { most });
  opened.push(db);
  return db;
};

describe('statements', () => {
  test('values go in by name, each as often as it is named, and come back as they were', async () => {
    const db = openAt((await freshDatabase()).url);
    const values = {
      text: "it's @text",
      big: 2 ** 52,
      bytes: Buffer.from([0, 255]),
      list: ['a', 'b'],
      none: undefined,
    };
    const row = await db.get(
      'SELECT @text::text AS text, @text::text AS again, @big::bigint AS big, @bytes::bytea AS bytes, @list::text[] AS list, @none::text AS none',
      values,
    );
    expect(row).toEqual({ ...values, again: values.text, none: null });
  });

  test('a NUL, which text here cannot have, does not stand in the way of the rest', async () => {
    const db = openAt((await freshDatabase()).url);
    const row = await db.get('SELECT @name::text AS name, @all::text[] AS all', { name: 'a\0b', all: ['\0'] });
    expect(row).toEqual({ name: 'a\uFFFDb', all: ['\uFFFD'] });
  });

  test('a value that is forgotten is a fault, not a NULL', async () => {
    const db = openAt((await freshDatabase()).url);
    await expect(db.get('SELECT @a::text', {})).rejects.toThrow('needs @a');
  });
});

test('a connection keeps no more plans than so many, however many statements there are', async () => {
  const db = openAt((await freshDatabase()).url, 1);
  for (let n = 1; n <= MOST_PREPARED + 50; n += 1)
    expect(await db.get(`SELECT @value::int + ${n} AS sum`, { value: n })).toEqual({ sum: 2 * n });
  const kept = await db.get<{ n: number }>('SELECT count(*) AS n FROM pg_prepared_statements');
  expect(kept?.n).toBeGreaterThan(MOST_PREPARED / 2);
  expect(kept?.n).toBeLessThanOrEqual(MOST_PREPARED);
});

test('what has to be durable is, whatever the server is set up to', async () => {
  const { url } = await freshDatabase();
  const db = openAt(url);
  await db.run(
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$",
  );
  const settingOf = async (each: Database) =>
    (await each.get<{ value: string }>("SELECT current_setting('synchronous_commit') AS value"))?.value;
  const durable = openDatabase(url, { most: 1, durable: true });
  opened.push(durable);
  expect(await settingOf(openAt(url))).toBe('off');
  expect(await settingOf(durable)).toBe('on');
});

describe('transactions', () => {
  test('all or nothing', async () => {
    const db = openAt((await freshDatabase()).url);
    await db.run('CREATE TABLE numbers (n int)');
    const failing = db.transaction(async (tx) => {
      await tx.run('INSERT INTO numbers VALUES (1)');
      throw new Error('on second thoughts');
    });
    await expect(failing).rejects.toThrow('on second thoughts');
    expect(await db.all('SELECT * FROM numbers')).toEqual([]);
  });

  test('two that wait for each other both come to an end', async () => {
    const db = openAt((await freshDatabase()).url);
    await db.run('CREATE TABLE numbers (id int PRIMARY KEY, n int)');
    await db.run('INSERT INTO numbers VALUES (1, 0), (2, 0)');
    const both = (first: number, second: number) =>
      db.transaction(async (tx) => {
        await tx.run('UPDATE numbers SET n = n + 1 WHERE id = @id', { id: first });
        await new Promise((resolve) => setTimeout(resolve, 100));
        await tx.run('UPDATE numbers SET n = n + 1 WHERE id = @id', { id: second });
      });
    await Promise.all([both(1, 2), both(2, 1)]);
    expect(await db.all('SELECT n FROM numbers')).toEqual([{ n: 2 }, { n: 2 }]);
  });
});

test('migrations are applied once, however many processes begin together', async () => {
  const { url } = await freshDatabase();
  await Promise.all([migrate(url), migrate(url), migrate(url)]);
  const db = openAt(url);
  await db.run("INSERT INTO migrations VALUES (9999, 'of the future')");
  await expect(migrate(url)).rejects.toThrow(/newer Slipstream.*Nothing was changed/);
});

describe('a server that goes away', () => {
  let cluster: OwnCluster;
  afterEach(() => cluster.stop());

  test('is a storage error while it is away, and nothing has to be done when it is back', async () => {
    cluster = await startCluster({ durable: true });
    const db = openAt((await cluster.freshDatabase()).url);
    await db.run('CREATE TABLE numbers (n int)');
    await db.run('INSERT INTO numbers VALUES (1)');
    const slow = db.get('SELECT pg_sleep(30)').catch((error: unknown) => error);
    await cluster.cut();
    expect(isStorageError(await slow)).toBe(true);
    const refused = await db.all('SELECT * FROM numbers').catch((error: unknown) => error);
    expect(isStorageError(refused)).toBe(true);
    await cluster.restore();
    expect(await db.all('SELECT * FROM numbers')).toEqual([{ n: 1 }]);
    await db.close();
    opened.length = 0;
  });
});

test('a server that is away at each address of its name is away', () => {
  const refusals = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`));
  const error = asStorageError(Object.assign(new AggregateError(refusals, ''), { code: 'ECONNREFUSED' }));
  expect(isStorageError(error)).toBe(true);
  expect(error).toMatchObject({ code: 'POSTGRES_ECONNREFUSED', message: expect.stringContaining('127.0.0.1:5432') });
});

test.each([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('a server with a certificate that cannot be verified (%s) is one that is away, and it is said why', (code) => {
  const error = asStorageError(Object.assign(new Error('as OpenSSL words it'), { code }));
  expect(isStorageError(error)).toBe(true);
  expect(explain(error, undefined)).toMatch(/^The certificate of PostgreSQL cannot be verified here/);
});

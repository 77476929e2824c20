import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrationsIn } from '../../src/storage/migrations.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { openMirrorForWriting } from '../../src/storage/postgres/mirror.ts';
import { mirrorSuite } from '../conformance/mirror.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';
import { besideSuite } from './beside.ts';

/** Opened once: what each test begins with is that nobody is there. */
let mirror: MirrorWriter;
let another: MirrorWriter;
let db: Database;
beforeAll(async () => {
  const { url } = await freshDatabase();
  mirror = openMirrorForWriting({ databaseUrl: url });
  another = openMirrorForWriting({ databaseUrl: url });
  db = openDatabase(url, { most: 1 });
});
afterAll(async () => {
  await mirror.close();
  await another.close();
  await db.close();
  await stopPostgres();
});

async function forget(): Promise<void> {
  await db.run('DELETE FROM accounts');
  await db.run('DELETE FROM bodies');
}

mirrorSuite('PostgreSQL', async () => ({ ...mirror, close: async () => {} }), forget);
describe('beside each other', () => besideSuite(() => ({ one: mirror, two: another, db, forget })));

test('what SQLite has learnt for the mirror, PostgreSQL has learnt under the same number and name', () => {
  const learnt = (dialect: 'sqlite' | 'postgres') =>
    migrationsIn(dialect).flatMap(({ number, name, database }) => (database === 'mirror' ? [`${number} ${name}`] : []));
  expect(learnt('postgres')).toEqual(expect.arrayContaining(learnt('sqlite')));
  expect(learnt('sqlite').length).toBeGreaterThan(5);
});

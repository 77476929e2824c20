import { afterAll, beforeAll } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { openMirrorForWriting } from '../../src/storage/postgres/mirror.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { mirrorSuite } from '../conformance/mirror.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

/** Opened once: what each test begins with is that nobody is there. */
let mirror: MirrorWriter;
let db: Database;
beforeAll(async () => {
  const { url } = await freshDatabase();
  mirror = openMirrorForWriting({ databaseUrl: url });
  db = openDatabase(url, { most: 1 });
});
afterAll(async () => {
  await mirror.close();
  await db.close();
  await stopPostgres();
});

async function forget(): Promise<void> {
  await db.run('DELETE FROM accounts');
  await db.run('DELETE FROM bodies');
}

mirrorSuite('PostgreSQL', async () => ({ ...mirror, close: async () => {} }), forget);

import { afterAll, beforeAll } from 'vitest';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { openMirrorForWriting } from '../../src/storage/postgres/mirror.ts';
import { photosSuite } from '../conformance/photos.ts';
import { recordsSuite } from '../conformance/records.ts';
import { statisticsSuite } from '../conformance/statistics.ts';
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

const open = async () => ({ ...mirror, close: async () => {} });
const forget = async () =>
  void (await db.run('TRUNCATE accounts, bodies, pictures, picture_bytes, loose_pictures CASCADE'));

recordsSuite('PostgreSQL', open, forget);
statisticsSuite('PostgreSQL', open, forget);
photosSuite('PostgreSQL', open, forget, {
  lose: async (hash) => void (await db.run('DELETE FROM picture_bytes WHERE hash = @hash', { hash })),
});

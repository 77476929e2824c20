import { afterAll, beforeAll, describe } from 'vitest';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { openMirrorForWriting } from '../../src/storage/postgres/mirror.ts';
import { photosSuite } from '../conformance/photos.ts';
import { recordsSuite } from '../conformance/records.ts';
import { sessionsSuite } from '../conformance/sessions.ts';
import { statisticsSuite } from '../conformance/statistics.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';
import { photosBesideSuite } from './photos-beside.ts';

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

const open = async () => ({ ...mirror, close: async () => {} });
async function forget(): Promise<void> {
  for (const table of ['accounts', 'bodies', 'pictures', 'picture_bytes', 'loose_pictures'])
    await db.run(`DELETE FROM ${table}`);
}

recordsSuite('PostgreSQL', open, forget);
sessionsSuite('PostgreSQL', open, forget);
statisticsSuite('PostgreSQL', open, forget);
photosSuite('PostgreSQL', open, forget, {
  lose: async (hash) => void (await db.run('DELETE FROM picture_bytes WHERE hash = @hash', { hash })),
});
describe('photos of several processes', () => photosBesideSuite(() => ({ one: mirror, two: another, db }), forget));

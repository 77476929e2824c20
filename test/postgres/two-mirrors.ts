import { afterAll, beforeAll } from 'vitest';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { type Database, openDatabase } from '../../src/storage/postgres/database.ts';
import { openMirrorForWriting } from '../../src/storage/postgres/mirror.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';

/** The mirrors of two processes over one database, for all tests of a file: what each test begins with is that nobody is there. */
export function twoMirrors() {
  let mirrors: { one: MirrorWriter; two: MirrorWriter; db: Database } | undefined;
  beforeAll(async () => {
    const { url: databaseUrl } = await freshDatabase();
    mirrors = {
      one: openMirrorForWriting({ databaseUrl }),
      two: openMirrorForWriting({ databaseUrl }),
      db: openDatabase(databaseUrl, { most: 1 }),
    };
  });
  afterAll(async () => {
    for (const each of Object.values(mirrors ?? {})) await each.close();
    await stopPostgres();
  });

  function both() {
    if (!mirrors) throw new Error('They are opened before the first test.');
    return mirrors;
  }

  return {
    both,
    open: async (): Promise<MirrorWriter> => ({ ...both().one, close: async () => {} }),
    async forget(): Promise<void> {
      for (const table of ['accounts', 'bodies', 'pictures', 'picture_bytes', 'loose_pictures'])
        await both().db.run(`DELETE FROM ${table}`);
    },
  };
}

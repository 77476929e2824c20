import { zstdDecompressSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import type { Bodies } from '../history.ts';
import { selectRevisionBody } from './revisions.ts';

export function createBodyReader(db: Database): Bodies['body'] {
  const selectBody = db
    .prepare<[number, string, string], Buffer>(`
      SELECT zstd FROM items JOIN bodies ON bodies.id = items.body_id WHERE account_id = ? AND type = ? AND item_id = ?`)
    .pluck();
  const selectEarlierBody = selectRevisionBody(db);

  return async (accountId, type, id, revision) => {
    const zstd =
      revision === undefined
        ? selectBody.get(accountId, type, id)
        : selectEarlierBody.get({ accountId, type, id, revision });
    return zstd && zstdDecompressSync(zstd);
  };
}

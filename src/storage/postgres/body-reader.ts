import { zstdDecompressSync } from 'node:zlib';
import type { Bodies } from '../history.ts';
import type { Queries } from './database.ts';
import { REVISION_BODY } from './revisions.ts';

const BODY = `
  SELECT zstd FROM items JOIN bodies ON bodies.id = items.body_id
  WHERE account_id = @accountId AND type = @type AND item_id = @id`;

export function createBodyReader(db: Queries): Bodies['body'] {
  return async (accountId, type, id, revision) => {
    const of = { accountId, type, id };
    const row =
      revision === undefined
        ? await db.get<{ zstd: Buffer }>(BODY, of)
        : await db.get<{ zstd: Buffer }>(REVISION_BODY, { ...of, revision });
    return row && zstdDecompressSync(row.zstd);
  };
}

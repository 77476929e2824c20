import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Queries } from '../postgres/database.ts';
import { PICTURES } from '../sqlite/pictures.ts';
import { CannotMove } from './cannot-move.ts';
import { sha256 } from './checksum.ts';
import type { Installation } from './installation.ts';

export interface CopiedPictures {
  files: number;
  bytes: number;
  /** Not there, or not what they say they are: copied from the provider again, where it still has them. */
  missing: number;
}

/** Files become rows, one after the other. */
export async function copyPictures(
  here: Installation,
  there: Queries,
  onProgress: (done: number, total: number) => void,
): Promise<CopiedPictures> {
  const hashes = [...here.rows('mirror', 'SELECT lower(hex(hash)) FROM pictures ORDER BY id')].map(([hash]) =>
    String(hash),
  );
  const copied = { files: 0, bytes: 0, missing: 0 };
  for (const [at, hash] of hashes.entries()) {
    const bytes = await read(join(here.dataDir, PICTURES, hash.slice(0, 2), hash));
    if (bytes && sha256(bytes).toString('hex') === hash) {
      await there.run('INSERT INTO picture_bytes (hash, bytes) VALUES (@hash, @bytes)', { hash, bytes });
      copied.files += 1;
      copied.bytes += bytes.length;
    } else copied.missing += 1;
    onProgress(at + 1, hashes.length);
  }
  // Else nobody would ever look whether they are anybody's.
  await there.run(`INSERT INTO loose_pictures (hash) SELECT encode(hash, 'hex') FROM pictures
    WHERE NOT EXISTS (SELECT 1 FROM photos WHERE picture = pictures.id)`);
  return copied;
}

export async function verifyPictures(there: Queries, { files, bytes }: CopiedPictures): Promise<void> {
  const stored = await there.get<{ files: number; bytes: number }>(`
    SELECT count(*) AS files, coalesce(sum(length(bytes)), 0) AS bytes FROM picture_bytes
    WHERE encode(sha256(bytes), 'hex') = hash`);
  if (stored?.files === files && stored.bytes === bytes) return;
  throw new CannotMove(
    `Not every photo arrived as it was: ${stored?.files ?? 0} of ${files} did. Nothing was kept of the copy; DATA_DIR is as it was. Try again.`,
  );
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

import { constants, mkdirSync } from 'node:fs';
import { copyFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { hashOf, sync } from './durable-file.ts';
import { PICTURES } from './pictures.ts';

/** What the mirror in a file has of pictures, by hash. */
export function picturesOf(mirror: string): string[] {
  const db = new Database(mirror, { readonly: true });
  try {
    return db.prepare<[], string>('SELECT lower(hex(hash)) FROM pictures ORDER BY id').pluck().all();
  } finally {
    db.close();
  }
}

/**
 * Copies pictures from one folder with `photos` in it to another, each durable and compared with its name. What is not there or not what
 * it says it is, is left out: at the next start it is copied from the provider.
 *
 * @returns what was copied.
 */
export async function copyPictures(
  from: string,
  to: string,
  hashes: readonly string[],
  copied: (done: number, total: number) => void = () => {},
): Promise<{ files: number; bytes: number }> {
  const folders = new Set<string>();
  let [files, bytes] = [0, 0];
  for (const [at, hash] of hashes.entries()) {
    const path = join(PICTURES, hash.slice(0, 2), hash);
    const size = await copyOne(join(from, path), join(to, path), hash);
    if (size !== undefined) {
      files += 1;
      bytes += size;
      folders.add(dirname(join(to, path)));
    }
    copied(at + 1, hashes.length);
  }
  for (const folder of folders) sync(folder);
  if (folders.size > 0) sync(join(to, PICTURES));
  return { files, bytes };
}

/** @returns its bytes, where it is whole. */
async function copyOne(from: string, to: string, hash: string): Promise<number | undefined> {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  try {
    // Where the file system can share what is the same, this takes neither time nor room.
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if ((await hashOf(to)) !== hash) {
    await rm(to);
    return undefined;
  }
  sync(to);
  return (await stat(to)).size;
}

import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pictures } from '../photos.ts';

/** Within `DATA_DIR`. */
export const PICTURES = 'photos';
/** Below `photos`: what is being written, and what belongs to nobody any more. */
const PART = 'part-';
const GONE = 'gone-';
const HASH = /^[0-9a-f]{64}$/;
const ZEROS = Buffer.alloc(256 * 1024);

/** The pictures as files, and what only their owner, the storage, does with them. */
export interface PictureFiles extends Pictures {
  /** Every hash that there is. */
  list(): string[];
  /** Takes files away at once; they are erased by the next `shred`. */
  discard(hashes: readonly string[]): void;
  /** What was discarded is overwritten, then removed. */
  shred(): Promise<void>;
  /** What was being written when the program ended. Only while nobody writes. */
  discardParts(): void;
}

/** Files named by the SHA-256 of what is in them: `photos/ab/ab12…`, as many folders as the first byte has values. */
export function createPictureFiles(dataDir: string): PictureFiles {
  const folder = join(dataDir, PICTURES);
  const pathOf = (hash: string): string => {
    if (!HASH.test(hash)) throw new Error('This is no hash of a picture.');
    return join(folder, hash.slice(0, 2), hash);
  };

  return {
    async put(hash, bytes) {
      const path = pathOf(hash);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const part = join(folder, `${PART}${randomUUID()}`);
      try {
        await written(part, bytes);
        await rename(part, path);
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
      // The new names too: the file's in its folder, the folder's in `photos`, and that one's in DATA_DIR.
      for (const each of [dirname(path), folder, dataDir]) await synced(each);
    },
    has: async (hash) => existsSync(pathOf(hash)),
    async read(hash) {
      const handle = await open(pathOf(hash)).catch(absent);
      return handle?.createReadStream();
    },
    list: () => picturesIn(folder),
    discard(hashes) {
      for (const hash of hashes) renameSync(pathOf(hash), join(folder, `${GONE}${randomUUID()}`));
    },
    discardParts() {
      for (const name of namesIn(folder))
        if (name.startsWith(PART)) renameSync(join(folder, name), join(folder, `${GONE}${randomUUID()}`));
    },
    async shred() {
      for (const name of (await readdir(folder).catch(absent)) ?? [])
        if (name.startsWith(GONE)) await shredded(join(folder, name));
    },
  };
}

/** Every hash that a folder of pictures has. */
export function picturesIn(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => /^[0-9a-f]{2}$/.test(name))
    .flatMap((name) => namesIn(join(folder, name)).filter((file) => HASH.test(file)));
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

async function written(path: string, bytes: Buffer): Promise<void> {
  await whileOpen(await open(path, 'wx', 0o600), async (handle) => {
    await handle.writeFile(bytes);
    await handle.sync();
  });
}

/** What the databases do by `secure_delete`: what is erased is overwritten, not only forgotten. */
async function shredded(path: string): Promise<void> {
  await whileOpen(await open(path, 'r+'), async (handle) => {
    const { size } = await handle.stat();
    for (let at = 0; at < size; at += ZEROS.length) await handle.write(ZEROS, 0, Math.min(ZEROS.length, size - at), at);
    await handle.sync();
  });
  await rm(path);
}

async function synced(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await whileOpen(await open(folder), (handle) => handle.sync());
}

async function whileOpen(handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { FILES, MANIFEST, type Manifest } from '../backup.ts';
import { copyPictures, picturesOf } from './copy-pictures.ts';
import { hashOf, sync } from './durable-file.ts';
import { openMirrorForReading } from './mirror.ts';
import { openForReading } from './open.ts';
import { PICTURES } from './pictures.ts';

/** One after the other, so that a bar can move and the program can be stopped. */
const PAGES_AT_ONCE = 2_000;

export type Copied = (file: string, done: number, total: number) => void;

/**
 * Copies both databases and the photos into a new folder, while Slipstream runs or not: each database as it was at one instant, and
 * nobody waits. Photos never change; one that is erased meanwhile is left out.
 * `secret.key` is not in it, so that whoever finds the backup cannot open the tokens.
 *
 * @returns what is in it. @throws when the folder is there already, or the disk refuses.
 */
export async function backUp(dataDir: string, folder: string, madeAt: number, copied: Copied): Promise<Manifest> {
  const accounts = await notedCursors(dataDir);
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o700 });
  for (const file of FILES) await copyDatabase(dataDir, file, part, copied);
  const [inbox, mirror] = await Promise.all(FILES.map((file) => described(part, file)));
  if (!inbox || !mirror) throw new Error('A file of the backup is missing.');
  const photos = await copyPictures(dataDir, part, picturesOf(join(part, 'mirror.db')), (done, total) =>
    copied(PICTURES, done, total),
  );
  const manifest: Manifest = {
    format: 'slipstream-backup-1',
    madeAt: new Date(madeAt).toISOString(),
    accounts,
    files: { 'inbox.db': inbox, 'mirror.db': mirror },
    photos,
  };
  writeFileSync(join(part, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  for (const file of [...FILES, MANIFEST, '.']) sync(join(part, file));
  renameSync(part, folder);
  sync(dirname(folder));
  return manifest;
}

async function notedCursors(dataDir: string): Promise<Manifest['accounts']> {
  const mirror = openMirrorForReading(dataDir);
  try {
    const accounts = await mirror.accounts.list();
    return accounts.map(({ source, user_id: account, cursor }) => ({ source, account, cursor }));
  } finally {
    await mirror.close();
  }
}

async function copyDatabase(dataDir: string, file: (typeof FILES)[number], to: string, copied: Copied): Promise<void> {
  const db = openForReading(dataDir, file === 'inbox.db' ? 'inbox' : 'mirror');
  try {
    // What is read from here on is of this instant: without it, each commit meanwhile would begin the copy anew.
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    await db.backup(join(to, file), {
      progress: ({ totalPages, remainingPages }) => {
        copied(file, totalPages - remainingPages, totalPages);
        return PAGES_AT_ONCE;
      },
    });
  } finally {
    db.close();
  }
}

async function described(folder: string, file: string): Promise<Manifest['files']['inbox.db']> {
  const path = join(folder, file);
  const db = new Database(path);
  // One file instead of three, until it is written to again.
  db.pragma('journal_mode = DELETE');
  const version = Number(db.pragma('user_version', { simple: true }));
  db.close();
  return { bytes: statSync(path).size, sha256: await hashOf(path), version };
}

import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { FILES, type Manifest, readManifest, WrongBackup } from '../backup.ts';
import { newestVersion } from '../migrate.ts';
import { copyPictures } from './copy-pictures.ts';
import { hashOf, sync } from './durable-file.ts';
import { GREATEST_SEQ } from './items.ts';
import { PICTURES, picturesIn } from './pictures.ts';

/** There while the files of a restore are being put in place: what lies there meanwhile belongs to two times. */
const HALF_DONE = 'restore-in-progress';

/**
 * Puts a backup in the place of what is in `DATA_DIR`, which is kept beside it. Each account's cursor goes back to where it was
 * before the copying, and the next audit compares everything, so that whatever happened since is found.
 *
 * @returns what was restored, how many photos of the backup were missing or damaged, and where the present files went; null where
 * there were none.
 * @throws WrongBackup when it is none, is damaged, or is newer than this program. Then nothing was changed.
 */
export async function restore(
  dataDir: string,
  folder: string,
  now: number,
): Promise<{ manifest: Manifest; photosMissing: number; keptIn: string | null }> {
  const manifest = readManifest(folder);
  for (const file of FILES) await check(folder, file, manifest.files[file]);
  const part = join(dataDir, 'restore.part');
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { mode: 0o700 });
  for (const file of FILES) copyFileSync(join(folder, file), join(part, file));
  rewind(part, manifest);
  for (const file of FILES) sync(join(part, file));
  const photos = await copyPictures(folder, part, picturesIn(join(folder, PICTURES)));

  writeFileSync(join(dataDir, HALF_DONE), `${resolve(folder)}\n`);
  sync(dataDir);
  const keptIn = setAside(dataDir, now);
  for (const file of FILES) renameSync(join(part, file), join(dataDir, file));
  if (photos.files > 0) renameSync(join(part, PICTURES), join(dataDir, PICTURES));
  sync(dataDir);
  rmSync(join(dataDir, HALF_DONE));
  rmSync(part, { recursive: true });
  sync(dataDir);
  return { manifest, photosMissing: Math.max(0, (manifest.photos?.files ?? 0) - photos.files), keptIn };
}

async function check(folder: string, file: (typeof FILES)[number], is: Manifest['files']['inbox.db']): Promise<void> {
  const path = join(folder, file);
  if (!existsSync(path)) throw new WrongBackup(`${path} is missing.`);
  const known = newestVersion(file === 'inbox.db' ? 'inbox' : 'mirror');
  if (is.version > known) {
    throw new WrongBackup(
      `The backup was made by a newer Slipstream (${file} has version ${is.version}, this program knows ${known}).`,
    );
  }
  if ((await hashOf(path)) !== is.sha256)
    throw new WrongBackup(`${path} is not what was backed up: its SHA-256 differs.`);
}

/** Where the copies stood before they were copied; and nobody stays signed in who has signed out since. */
function rewind(part: string, { accounts }: Manifest): void {
  const mirror = new Database(join(part, 'mirror.db'));
  const inbox = new Database(join(part, 'inbox.db'));
  try {
    const back = mirror.prepare<[string | null, string, string]>(
      'UPDATE accounts SET cursor = ?, last_audit_at = NULL WHERE source = ? AND user_id = ?',
    );
    mirror.transaction(() => {
      for (const { source, account, cursor } of accounts) back.run(cursor, source, account);
      mirror.exec('DELETE FROM sessions; DELETE FROM login_links;');
    })();
    // The mirror was copied later. An inbox that knows less of the fetches than the mirror would be taken for a lost one.
    const greatest = mirror.prepare<[], number | null>(GREATEST_SEQ).pluck().get() ?? 0;
    inbox.prepare<[number]>("UPDATE marks SET value = max(value, ?) WHERE name = 'seq'").run(greatest);
  } finally {
    for (const db of [mirror, inbox]) {
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
    }
  }
}

function setAside(dataDir: string, now: number): string | null {
  const databases = FILES.flatMap((file) => [file, `${file}-wal`, `${file}-shm`]);
  const there = [...databases, PICTURES].filter((file) => existsSync(join(dataDir, file)));
  if (there.length === 0) return null;
  const folder = join(dataDir, `before-restore-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`);
  mkdirSync(folder, { mode: 0o700 });
  for (const file of there) renameSync(join(dataDir, file), join(folder, file));
  sync(folder);
  return folder;
}

/** @throws RestoreCutOff when a restore ended in the middle. */
export function assertNotHalfRestored(dataDir: string): void {
  if (existsSync(join(dataDir, HALF_DONE))) throw new RestoreCutOff(dataDir);
}

export class RestoreCutOff extends Error {
  constructor(dataDir: string) {
    super(
      `A restore into DATA_DIR ${dataDir} was cut off, so Slipstream did not start: the files there are of two times. Run "slipstream restore" with the same backup again; what was there before is kept in a folder beside them.`,
    );
    this.name = 'RestoreCutOff';
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { openMirrorForReading } from '../../storage/open.ts';
import { picturesOf } from '../../storage/sqlite/copy-pictures.ts';
import { nothingStored, withStored } from '../stored.ts';
import { ok, type Verdict, warning } from './verdict.ts';

const check = 'photos';

/** How many were copied, and whether their files are there. */
export async function photos({ dataDir, databaseUrl }: Config): Promise<Verdict> {
  const path = join(dataDir, 'mirror.db');
  if (!existsSync(path)) return ok(check, 'None are copied yet.');
  const mirror = await openMirrorForReading({ dataDir, databaseUrl });
  try {
    const { copied, waiting, failed } = await mirror.photos.count();
    const there = await Promise.all(picturesOf(path).map((hash) => mirror.pictures.has(hash)));
    const lost = there.filter((each) => !each).length;
    if (lost > 0) {
      return warning(
        check,
        `${lost} of the files in ${join(dataDir, 'photos')} are missing. At the next start they are copied again, where Ride With GPS still has them; those of deleted rides are in a backup.`,
      );
    }
    return counted({ copied, waiting, failed });
  } finally {
    await mirror.close();
  }
}

/** The same of a database, where their bytes are rows beside the others. */
export async function photosInDatabase(config: Config): Promise<Verdict> {
  if ((await nothingStored(config)) !== undefined) return ok(check, 'None are copied yet.');
  return counted(await withStored(config, ({ photos: stored }) => stored.count()));
}

function counted({ copied, waiting, failed }: { copied: number; waiting: number; failed: number }): Verdict {
  const all = copied + waiting + failed;
  if (failed === 0) return ok(check, `${copied} of ${all} copied.`);
  return warning(
    check,
    `${copied} of ${all} copied; ${failed} could not be. The page of the route or trip says why, and can try again.`,
  );
}

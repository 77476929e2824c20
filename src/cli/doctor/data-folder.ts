import { accessSync, constants, existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../config.ts';
import { networkFileSystem } from './file-systems.ts';
import { failed, ok, type Verdict, warning } from './verdict.ts';

const GIB = 1024 ** 3;
const LITTLE_BYTES = GIB;
const TOO_LITTLE_BYTES = 0.1 * GIB;

export const dataFolder = ({ dataDir }: Config): Verdict[] => within(dataDir, [writable, closed, freeSpace, localDisk]);

/** With PostgreSQL the key and the control socket are all that is in it. */
export const socketFolder = ({ dataDir }: Config): Verdict[] => within(dataDir, [writable, closed]);

function within(dataDir: string, checks: readonly ((dataDir: string) => Verdict)[]): Verdict[] {
  if (!existsSync(dataDir)) return [notYet(dataDir)];
  if (!statSync(dataDir).isDirectory()) {
    return [failed('data folder', `${dataDir} is a file and no folder. Set DATA_DIR to a folder.`)];
  }
  return checks.map((check) => check(dataDir));
}

function notYet(dataDir: string): Verdict {
  let parent = dirname(dataDir);
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    accessSync(parent, constants.W_OK);
    return ok('data folder', `${dataDir} does not exist yet; serve makes it at its first start.`);
  } catch {
    return failed(
      'data folder',
      `${dataDir} does not exist, and ${parent} cannot be written. Make the folder for the user that runs Slipstream, or set DATA_DIR.`,
    );
  }
}

/** Tried, not asked: a mount may be read-only whatever the mode says. */
function writable(dataDir: string): Verdict {
  const trial = join(dataDir, `.doctor-${process.pid}`);
  try {
    writeFileSync(trial, '', { mode: 0o600 });
    rmSync(trial);
    return ok('data folder', `${dataDir} can be written.`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed(
      'data folder',
      `${dataDir} cannot be written (${why}). Make it writable for the user that runs Slipstream, or set DATA_DIR.`,
    );
  }
}

function closed(dataDir: string): Verdict {
  const mode = statSync(dataDir).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) {
    return ok('privacy', 'Only the user that runs Slipstream can open the data folder.');
  }
  return warning(
    'privacy',
    `Other users of this machine can open the data folder (mode ${mode.toString(8)}). It holds where you ride: chmod 700 "${dataDir}"`,
  );
}

function freeSpace(dataDir: string): Verdict {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const size = `${(free / GIB).toFixed(1)} GiB are free`;
  if (free < TOO_LITTLE_BYTES) {
    return failed('free space', `Only ${size}: soon webhooks cannot be stored. Free some space, or move DATA_DIR.`);
  }
  if (free < LITTLE_BYTES) return warning('free space', `${size}; a library of 5,000 rides takes about 1 GiB.`);
  return ok('free space', `${size}.`);
}

function localDisk(dataDir: string): Verdict {
  const network = networkFileSystem(statfsSync(dataDir).type, process.platform);
  if (!network) return ok('disk', 'The data folder is on a local disk.');
  return warning(
    'disk',
    `The data folder is on ${network}. SQLite needs a local disk: over a network its locks fail and the database breaks. Set DATA_DIR to a local folder, or use PostgreSQL (DATABASE_URL).`,
  );
}

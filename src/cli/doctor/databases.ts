import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { BrokenKeyFile, secretKeysIn } from '../../seal.ts';
import type { DatabaseName } from '../../storage/migrate.ts';
import { openForReading } from '../../storage/sqlite/open.ts';
import { nothingStored, withStored } from '../stored.ts';
import { failed, ok, type Verdict } from './verdict.ts';

export function databases({ dataDir }: Config): Verdict[] {
  return (['inbox', 'mirror'] as const).map((name) => database(dataDir, name));
}

function database(dataDir: string, name: DatabaseName): Verdict {
  const check = `${name}.db`;
  if (!existsSync(join(dataDir, check))) return ok(check, 'It does not exist yet; serve makes it at its first start.');
  try {
    const db = openForReading(dataDir, name);
    try {
      const answer = String(db.pragma('quick_check(1)', { simple: true }));
      if (answer !== 'ok') return damaged(check, answer);
      return ok(check, `It opens and is whole (version ${db.pragma('user_version', { simple: true })}).`);
    } finally {
      db.close();
    }
  } catch (error) {
    return damaged(check, error instanceof Error ? error.message : String(error));
  }
}

const damaged = (check: string, why: string): Verdict =>
  failed(
    check,
    `It cannot be read as it should (${why}). Stop Slipstream and put a backup in its place, or move it away: then it is made anew, and the library is copied again after connecting.`,
  );

/** Without the key that sealed them, the stored tokens are noise. */
export async function secretKey(config: Config): Promise<Verdict> {
  const check = 'secret key';
  if (config.secretKeys) return ok(check, 'It comes from SECRET_KEY.');
  const file = join(config.dataDir, 'secret.key');
  if (!existsSync(file)) return missingKey(config, file);
  const broken = brokenKeyFile(config.dataDir);
  if (broken) return failed(check, broken);
  const mode = statSync(file).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return ok(check, `${file} is there, for its owner only.`);
  return failed(
    check,
    `Other users of this machine can read ${file} (mode ${mode.toString(8)}), which opens every stored token: chmod 600 "${file}"`,
  );
}

function brokenKeyFile(dataDir: string): string | undefined {
  try {
    secretKeysIn(dataDir);
    return undefined;
  } catch (error) {
    if (error instanceof BrokenKeyFile) return error.message;
    throw error;
  }
}

async function missingKey(config: Config, file: string): Promise<Verdict> {
  const connected =
    (await nothingStored(config)) === undefined
      ? (await withStored(config, ({ accounts }) => accounts.list())).length
      : 0;
  if (connected === 0) return ok('secret key', 'It does not exist yet; serve makes it at its first start.');
  return failed(
    'secret key',
    `${file} is missing, so the stored tokens cannot be opened. Put it back (it is not in a backup), or set SECRET_KEY; else every account has to connect again.`,
  );
}

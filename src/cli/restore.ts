import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { whileAlone } from '../storage/postgres/alone.ts';
import { rewind } from '../storage/postgres/rewind.ts';
import { lockFolder } from '../storage/sqlite/lock.ts';
import { restore } from '../storage/sqlite/restore.ts';
import type { Context, Options } from './context.ts';
import { databaseName } from './database-name.ts';
import { Failure } from './failure.ts';
import { nothingStored } from './stored.ts';

export function restoreCommand(context: Context): Command {
  return new Command('restore')
    .description('put a backup in the place of what is in DATA_DIR; Slipstream must be stopped')
    .argument('[folder]', 'what "slipstream backup" made')
    .option('--rewind', 'with PostgreSQL, after pg_restore: catch up from there')
    .action(async (folder: string | undefined, given: Options & { rewind?: true }, command: Command) => {
      const config = context.config();
      if (config.databaseUrl !== undefined) {
        if (folder !== undefined || !given.rewind) throw new Failure(OF_POSTGRES);
        return rewindDatabase(context, config.databaseUrl, given.json);
      }
      if (given.rewind)
        throw new Failure(
          'Nothing was changed: --rewind is for PostgreSQL, and DATABASE_URL is not set. With SQLite "slipstream restore <folder>" does all of it.',
        );
      if (folder === undefined) return command.error("error: missing required argument 'folder'");
      return restoreFiles(context, config, folder, given.json);
    });
}

const OF_POSTGRES = `Nothing was changed: with DATABASE_URL everything is in PostgreSQL, and its own means put a backup back. With every process stopped:
  1. pg_restore --exit-on-error --no-owner --dbname="$DATABASE_URL" slipstream.dump    into a new, empty database
  2. slipstream restore --rewind                                                       so that all that happened since is found
  3. start Slipstream, with the SECRET_KEY that it had
A folder of "slipstream backup" is of SQLite: restore it without DATABASE_URL, then "slipstream migrate --from sqlite" copies it.`;

async function rewindDatabase(context: Context, databaseUrl: string, json = false): Promise<void> {
  const nothing = await nothingStored({ dataDir: '', databaseUrl });
  if (nothing !== undefined) throw new Failure(nothing);
  const accounts = await whileAlone(databaseUrl, rewind);
  if (json) return context.json({ accounts });
  context.say(
    `${databaseName(databaseUrl)}: ${accounts} ${accounts === 1 ? 'account catches' : 'accounts catch'} up from where the backup was made at the next start, and everything is compared. Everybody is signed out.`,
  );
}

async function restoreFiles(context: Context, config: Config, folder: string, json = false): Promise<void> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockFolder(config.dataDir);
  try {
    const { manifest, photosMissing, keptIn } = await restore(config.dataDir, folder, Date.now());
    const { madeAt, accounts } = manifest;
    if (json) {
      const more = { photos_missing: photosMissing, kept_in: keptIn, secret_key: hasKey(config) };
      return context.json({ made_at: madeAt, accounts, ...more });
    }
    context.say(`Restored ${accounts.length} ${accounts.length === 1 ? 'account' : 'accounts'} as of ${madeAt}.`);
    if (keptIn) context.say(`What was here before is in ${keptIn}; delete it when you do not need it any more.`);
    context.say(
      'Everybody is signed out. At the next start each account catches up from where the backup was made, and everything is compared.',
    );
    if (photosMissing > 0) {
      context.note(
        `${photosMissing} photos of the backup were missing or damaged and are left out: they are copied again at the next start, where Ride With GPS still has them.`,
      );
    }
    if (!hasKey(config)) {
      context.note(
        'secret.key is not here and SECRET_KEY is not set: the stored tokens cannot be opened. Put it back before you start Slipstream, or every account has to connect again.',
      );
    }
  } finally {
    unlock();
  }
}

const hasKey = ({ secretKeys, dataDir }: Config): boolean =>
  secretKeys !== undefined || existsSync(join(dataDir, 'secret.key'));

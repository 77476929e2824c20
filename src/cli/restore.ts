import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { lockFolder } from '../storage/sqlite/lock.ts';
import { restore } from '../storage/sqlite/restore.ts';
import type { Context, Options } from './context.ts';

export function restoreCommand(context: Context): Command {
  return new Command('restore')
    .description('put a backup in the place of what is in DATA_DIR; Slipstream must be stopped')
    .argument('<folder>', 'what "slipstream backup" made')
    .action(async (folder: string, { json }: Options) => {
      const config = context.config();
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
    });
}

const hasKey = ({ secretKeys, dataDir }: Config): boolean =>
  secretKeys !== undefined || existsSync(join(dataDir, 'secret.key'));

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { FILES } from '../storage/backup.ts';
import { backUp } from '../storage/sqlite/backup.ts';
import type { Context, Options } from './context.ts';
import { Failure } from './failure.ts';

const OF_POSTGRES = `Nothing was copied: with DATABASE_URL everything is in PostgreSQL, whose own means make the better backups.
  pg_dump --format=custom --file=slipstream.dump "$DATABASE_URL"    one instant of everything, while Slipstream runs
  pg_basebackup, with WAL archiving                                 for less loss than a day
The key is not in either: keep SECRET_KEY (or secret.key) in another place, since without it every account must connect again.
After putting one back: slipstream restore --rewind. docs/running.md has both ways in full.`;

export function backupCommand(context: Context): Command {
  return new Command('backup')
    .description('copy everything but secret.key into a folder, also while Slipstream runs')
    .argument('[folder]', 'a new folder (default: slipstream-backup-… in this one)')
    .action(async (given: string | undefined, { json }: Options) => {
      const { dataDir, databaseUrl } = context.config();
      if (databaseUrl !== undefined) throw new Failure(OF_POSTGRES);
      const now = Date.now();
      const folder = resolve(given ?? `slipstream-backup-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}`);
      if (!FILES.every((file) => existsSync(join(dataDir, file)))) {
        throw new Failure(`There is no library in DATA_DIR ${dataDir} yet, so there is nothing to back up.`);
      }
      if (existsSync(folder)) {
        throw new Failure(
          `${folder} is there already. A backup goes into a new folder, so that it never writes over another.`,
        );
      }
      const bar = context.progress('Copying');
      try {
        const { madeAt, accounts, files, photos } = await backUp(dataDir, folder, now, (_file, done, total) =>
          bar.update(done, total),
        );
        bar.end();
        if (json) return context.json({ folder, made_at: madeAt, accounts, files, photos });
        const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, photos?.bytes ?? 0);
        context.say(
          `Backed up ${accounts.length} ${accounts.length === 1 ? 'account' : 'accounts'} (${(bytes / 1e6).toFixed(1)} MB) into ${folder}\n` +
            'It cannot open the stored tokens without secret.key (or SECRET_KEY), which is not in it: keep a copy of that in another place.',
        );
      } finally {
        bar.end();
      }
    });
}

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import type { DatabaseName } from '../storage/migrate.ts';
import { openForReading, openForWriting } from '../storage/sqlite/open.ts';
import type { Context, Options } from './context.ts';
import { withControl } from './control.ts';

const DATABASES: readonly DatabaseName[] = ['inbox', 'mirror'];

interface Migrated {
  database: DatabaseName;
  /** 0: it did not exist. */
  from: number;
  to: number;
}

export function migrateCommand(context: Context): Command {
  return new Command('migrate')
    .description('bring the databases up to this version; serve does so by itself at its start')
    .action(async ({ json }: Options) => {
      const config = context.config();
      mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
      // A migration locks the file, and the running program would wait for it in the middle of an acknowledgement.
      const running = await withControl(config, (control) => control.running());
      const migrated = DATABASES.map((database) => migrateOne(config.dataDir, database, running));
      if (json) return context.json(migrated);
      for (const one of migrated) context.say(sentenceOf(one));
      if (running) context.note('Slipstream is running: it migrated at its start, so there was nothing to do.');
    });
}

function migrateOne(dataDir: string, database: DatabaseName, running: boolean): Migrated {
  const from = existsSync(join(dataDir, `${database}.db`)) ? versionOf(dataDir, database) : 0;
  if (!running) openForWriting(dataDir, database).close();
  return { database, from, to: versionOf(dataDir, database) };
}

function versionOf(dataDir: string, database: DatabaseName): number {
  const db = openForReading(dataDir, database);
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } finally {
    db.close();
  }
}

function sentenceOf({ database, from, to }: Migrated): string {
  if (from === to) return `${database}.db is at version ${to}, the newest this program knows.`;
  if (from === 0) return `${database}.db was made, at version ${to}.`;
  return `${database}.db went from version ${from} to ${to}.`;
}

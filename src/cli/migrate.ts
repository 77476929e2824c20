import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { DatabaseName } from '../storage/migrate.ts';
import { openForReading, openForWriting } from '../storage/sqlite/open.ts';
import type { Context, Options } from './context.ts';
import { withControl } from './control.ts';

const DATABASES: readonly DatabaseName[] = ['inbox', 'mirror'];

interface Migrated {
  database: DatabaseName | 'postgres';
  /** 0: it did not exist. */
  from: number;
  to: number;
}

export function migrateCommand(context: Context): Command {
  return new Command('migrate')
    .description('bring the databases up to this version; serve does so by itself at its start')
    .addOption(
      new Option('--from <storage>', 'copy what is in DATA_DIR into the empty PostgreSQL of DATABASE_URL').choices([
        'sqlite',
      ]),
    )
    .action(async ({ from, json }: Options & { from?: 'sqlite' }) => {
      if (from) return (await import('./move.ts')).moveFromSqlite(context, json);
      const config = context.config();
      const { dataDir, databaseUrl } = config;
      const migrated: Migrated[] = [];
      // A migration locks the file, and the running program would wait for it in the middle of an acknowledgement.
      const running = await withControl(config, (control) => control.running());
      if (databaseUrl === undefined || DATABASES.some((name) => existsSync(join(dataDir, `${name}.db`)))) {
        mkdirSync(dataDir, { recursive: true, mode: 0o700 });
        migrated.push(...DATABASES.map((database) => migrateOne(dataDir, database, running)));
      }
      if (databaseUrl !== undefined) {
        const { migrate } = await import('../storage/postgres/migrate.ts');
        migrated.push({ database: 'postgres', ...(await migrate(databaseUrl)) });
      }
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
  const name = database === 'postgres' ? 'The database in DATABASE_URL' : `${database}.db`;
  if (from === to) return `${name} is at version ${to}, the newest this program knows.`;
  if (from === 0) return `${name} was made, at version ${to}.`;
  return `${name} went from version ${from} to ${to}.`;
}

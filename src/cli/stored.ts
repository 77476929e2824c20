import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StatusParts } from '../status.ts';
import type { Inbox } from '../storage/inbox.ts';
import type { MirrorReader } from '../storage/mirror.ts';
import { openInboxForReading, openMirrorForReading, type Where } from '../storage/open.ts';
import { openDatabase } from '../storage/postgres/database.ts';
import { NewerSchema } from '../storage/postgres/refusals.ts';
import { newestVersion, versionIn } from '../storage/postgres/version.ts';
import { Failure } from './failure.ts';

/** What is in `DATA_DIR` or in `DATABASE_URL`, for looking only, whether Slipstream runs or not. */
export interface Stored extends MirrorReader {
  inbox: Inbox;
  status: StatusParts;
}

/** Opens inbox and mirror for as long as `work` takes. @throws Failure when there are none. */
export async function withStored<T>(where: Where, work: (stored: Stored) => T | Promise<T>): Promise<T> {
  const stored = await openStored(where);
  try {
    return await work(stored);
  } finally {
    await stored.inbox.close();
    await stored.close();
  }
}

async function openStored(where: Where): Promise<Stored> {
  const why = await nothingStored(where);
  if (why !== undefined) throw new Failure(why);
  const inbox = await openInboxForReading(where);
  const mirror = await openMirrorForReading(where);
  return { ...mirror, inbox, status: { inbox, items: mirror.items, now: Date.now } };
}

/** @returns why nothing can be read there, as sentences; undefined when something can. @throws NewerSchema, and why a database does not answer. */
export async function nothingStored({ dataDir, databaseUrl }: Where): Promise<string | undefined> {
  if (databaseUrl !== undefined) return nothingIn(databaseUrl);
  if (['mirror.db', 'inbox.db'].every((file) => existsSync(join(dataDir, file)))) return undefined;
  return `There is no library in DATA_DIR ${dataDir} yet. Start Slipstream with npm start and connect an account, or set DATA_DIR to where it is.`;
}

async function nothingIn(databaseUrl: string): Promise<string | undefined> {
  const db = openDatabase(databaseUrl, { most: 1 });
  try {
    const [at, newest] = [await versionIn(db), newestVersion()];
    if (at > newest) throw new NewerSchema(at, newest);
    if (at === newest) return undefined;
    if (at > 0)
      return 'The database in DATABASE_URL was made by an earlier version of Slipstream. Run "slipstream migrate", then try again.';
    return 'There is no library in the database in DATABASE_URL yet. Start Slipstream with npm start and connect an account, or correct DATABASE_URL.';
  } finally {
    await db.close();
  }
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { StatusParts } from '../status.ts';
import type { Inbox } from '../storage/inbox.ts';
import { openInboxForReading } from '../storage/sqlite/inbox.ts';
import { type MirrorReader, openMirrorForReading } from '../storage/sqlite/mirror.ts';
import { Failure } from './failure.ts';

/** What is in `DATA_DIR`, for looking only, whether Slipstream runs or not. */
export interface Stored extends MirrorReader {
  inbox: Inbox;
  status: StatusParts;
}

/** Opens both databases for reading for as long as `work` takes. @throws Failure when there are none. */
export async function withStored<T>(
  config: Pick<Config, 'dataDir'>,
  work: (stored: Stored) => T | Promise<T>,
): Promise<T> {
  const stored = openStored(config.dataDir);
  try {
    return await work(stored);
  } finally {
    stored.inbox.close();
    stored.close();
  }
}

function openStored(dataDir: string): Stored {
  if (!['mirror.db', 'inbox.db'].every((file) => existsSync(join(dataDir, file)))) {
    throw new Failure(
      `There is no library in DATA_DIR ${dataDir} yet. Start Slipstream with npm start and connect an account, or set DATA_DIR to where it is.`,
    );
  }
  const inbox = openInboxForReading(dataDir);
  const mirror = openMirrorForReading(dataDir);
  return { ...mirror, inbox, status: { inbox, items: mirror.items, now: Date.now } };
}

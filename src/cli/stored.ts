import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StatusParts } from '../status.ts';
import type { Inbox } from '../storage/inbox.ts';
import type { MirrorReader } from '../storage/mirror.ts';
import { openInboxForReading, openMirrorForReading, type Where } from '../storage/open.ts';
import { Failure } from './failure.ts';

/** What is in `DATA_DIR`, for looking only, whether Slipstream runs or not. */
export interface Stored extends MirrorReader {
  inbox: Inbox;
  status: StatusParts;
}

/** Opens both databases for reading for as long as `work` takes. @throws Failure when there are none. */
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
  const { dataDir } = where;
  if (!['mirror.db', 'inbox.db'].every((file) => existsSync(join(dataDir, file)))) {
    throw new Failure(
      `There is no library in DATA_DIR ${dataDir} yet. Start Slipstream with npm start and connect an account, or set DATA_DIR to where it is.`,
    );
  }
  const inbox = await openInboxForReading(where);
  const mirror = await openMirrorForReading(where);
  return { ...mirror, inbox, status: { inbox, items: mirror.items, now: Date.now } };
}

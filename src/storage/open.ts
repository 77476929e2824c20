import type { Inbox } from './inbox.ts';
import type { MirrorReader, MirrorWriter } from './mirror.ts';
import * as inbox from './sqlite/inbox.ts';
import * as mirror from './sqlite/mirror.ts';

/** Where an installation keeps what it has. A configuration is one. */
export interface Where {
  dataDir: string;
  /** Of PostgreSQL; without one everything is in files in `dataDir`. */
  databaseUrl?: string | undefined;
}

export const openInbox = async ({ dataDir }: Where): Promise<Inbox> => inbox.openInbox(dataDir);

/** For a look at it from another process; what writes fails. */
export const openInboxForReading = async ({ dataDir }: Where): Promise<Inbox> => inbox.openInboxForReading(dataDir);

export const openMirrorForReading = async ({ dataDir }: Where): Promise<MirrorReader> =>
  mirror.openMirrorForReading(dataDir);

/** For a worker. */
export const openMirrorForWriting = async ({ dataDir }: Where): Promise<MirrorWriter> =>
  mirror.openMirrorForWriting(dataDir);

import type { Inbox } from './inbox.ts';
import type { MirrorReader, MirrorWriter } from './mirror.ts';
import type { Store } from './store.ts';

/** Where an installation keeps what it has. A configuration is one. */
export interface Where {
  dataDir: string;
  /** Of PostgreSQL; without one everything is in files in `dataDir`. */
  databaseUrl?: string | undefined;
}

/** For the main thread of a process that runs. */
export async function openStore({ dataDir, databaseUrl }: Where): Promise<Store> {
  return databaseUrl === undefined
    ? (await import('./sqlite/store.ts')).openStore(dataDir)
    : (await import('./postgres/store.ts')).openStore(databaseUrl);
}

/** For a look at it from another process; in SQLite what writes fails. */
export async function openInboxForReading({ dataDir, databaseUrl }: Where): Promise<Inbox> {
  return databaseUrl === undefined
    ? (await import('./sqlite/inbox.ts')).openInboxForReading(dataDir)
    : (await import('./postgres/inbox.ts')).openInbox({ databaseUrl });
}

export async function openMirrorForReading({ dataDir, databaseUrl }: Where): Promise<MirrorReader> {
  return databaseUrl === undefined
    ? (await import('./sqlite/mirror.ts')).openMirrorForReading(dataDir)
    : (await import('./postgres/mirror.ts')).openMirrorForReading({ databaseUrl });
}

/** For a worker. */
export async function openMirrorForWriting({ dataDir, databaseUrl }: Where): Promise<MirrorWriter> {
  return databaseUrl === undefined
    ? (await import('./sqlite/mirror.ts')).openMirrorForWriting(dataDir)
    : (await import('./postgres/mirror.ts')).openMirrorForWriting({ databaseUrl });
}

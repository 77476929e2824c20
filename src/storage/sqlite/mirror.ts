import type { AccountReader, AccountWriter } from '../accounts.ts';
import type { Items, ItemWriter } from '../items.ts';
import type { Library } from '../library.ts';
import type { Lines } from '../lines.ts';
import type { SessionReader, SessionWriter } from '../sessions.ts';
import { createAccountReader, createAccountWriter } from './accounts.ts';
import { createItemWriter } from './item-writer.ts';
import { createItems } from './items.ts';
import { createLibrary } from './library.ts';
import { createLines } from './lines.ts';
import { openForReading, openForWriting } from './open.ts';
import { createSessionReader, createSessionWriter } from './sessions.ts';

/** 32 MB: pages that many items change are written into the file once for all of them. */
const LOG_PAGES = 8_000;

/** What everybody may do. `items` has two verbs that write; on a connection for reading they fail. */
export interface MirrorReader {
  accounts: AccountReader;
  items: Items;
  library: Library;
  lines: Lines;
  sessions: SessionReader;
  close(): void;
}

/** What workers alone may do. */
export interface MirrorWriter extends MirrorReader {
  accountWriter: AccountWriter;
  sessionWriter: SessionWriter;
  itemWriter: ItemWriter;
}

export function openMirrorForReading(dataDir: string): MirrorReader {
  return readerOf(openForReading(dataDir, 'mirror'));
}

/** For a worker thread: what it commits is on the platter after the next `Flush`, and whoever asked a worker waits for that. */
export function openMirrorForWriting(dataDir: string): MirrorWriter {
  const db = openForWriting(dataDir, 'mirror');
  db.pragma('synchronous = NORMAL');
  // Whatever else is aboard of the thread waits too; a task that finds it locked is done again some seconds later.
  db.pragma('busy_timeout = 3000');
  db.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
  return {
    ...readerOf(db),
    accountWriter: createAccountWriter(db),
    sessionWriter: createSessionWriter(db),
    itemWriter: createItemWriter(db),
  };
}

/** Migrates `mirror.db` before anybody opens it for reading. */
export function prepareMirror(dataDir: string): void {
  openForWriting(dataDir, 'mirror').close();
}

/** After the workers, which end without closing: the last one to close a database writes its log into it. */
export function emptyMirrorLog(dataDir: string): void {
  openForWriting(dataDir, 'mirror').close();
}

function readerOf(db: ReturnType<typeof openForReading>): MirrorReader {
  return {
    accounts: createAccountReader(db),
    items: createItems(db),
    library: createLibrary(db),
    lines: createLines(db),
    sessions: createSessionReader(db),
    close: () => db.close(),
  };
}

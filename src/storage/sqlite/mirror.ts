import type { AccountReader, AccountWriter } from '../accounts.ts';
import type { Items, ItemWriter } from '../items.ts';
import type { Library } from '../library.ts';
import type { Lines } from '../lines.ts';
import type { Photos, PhotoVerbs, PhotoWriter, Pictures } from '../photos.ts';
import type { Records } from '../records.ts';
import type { RunReader, RunWriter } from '../runs.ts';
import type { SessionReader, SessionWriter } from '../sessions.ts';
import type { RiddenReader } from '../statistics.ts';
import { createAccountReader, createAccountWriter } from './accounts.ts';
import { createItemWriter } from './item-writer.ts';
import { createItems } from './items.ts';
import { createLibrary } from './library.ts';
import { createLines } from './lines.ts';
import { openForReading, openForWriting } from './open.ts';
import { createPhotos, createPhotoVerbs, createPhotoWriter } from './photos.ts';
import { createPictureFiles } from './pictures.ts';
import { createRecords } from './records.ts';
import { createRunReader, createRunWriter } from './runs.ts';
import { createSessionReader, createSessionWriter } from './sessions.ts';
import { createRiddenReader } from './statistics.ts';

/** 32 MB: pages that many items change are written into the file once for all of them. */
const LOG_PAGES = 8_000;

/** What everybody may do. `items` has two verbs that write; on a connection for reading they fail. */
export interface MirrorReader {
  accounts: AccountReader;
  items: Items;
  library: Library;
  records: Records;
  runs: RunReader;
  photos: Photos;
  pictures: Pictures;
  lines: Lines;
  sessions: SessionReader;
  statistics: RiddenReader;
  close(): void;
}

/** What workers alone may do. */
export interface MirrorWriter extends MirrorReader {
  accountWriter: AccountWriter;
  sessionWriter: SessionWriter;
  itemWriter: ItemWriter;
  runWriter: RunWriter;
  photoWriter: PhotoWriter;
  photoVerbs: PhotoVerbs;
}

export function openMirrorForReading(dataDir: string): MirrorReader {
  return readerOf(openForReading(dataDir, 'mirror'), dataDir);
}

/** For a worker thread: what it commits is on the platter after the next `Flush`, and whoever asked a worker waits for that. */
export function openMirrorForWriting(dataDir: string): MirrorWriter {
  const db = openForWriting(dataDir, 'mirror');
  db.pragma('synchronous = NORMAL');
  // Whatever else is aboard of the thread waits too; a task that finds it locked is done again some seconds later.
  db.pragma('busy_timeout = 3000');
  db.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
  const accountWriter = createAccountWriter(db);
  const photoVerbs = createPhotoVerbs(db, createPictureFiles(dataDir));
  return {
    ...readerOf(db, dataDir),
    accountWriter: {
      ...accountWriter,
      async erase(ref) {
        await accountWriter.erase(ref);
        await photoVerbs.eraseOrphans();
        // The rows of pictures that nobody else had went only now.
        db.pragma('wal_checkpoint(TRUNCATE)');
      },
    },
    sessionWriter: createSessionWriter(db),
    itemWriter: createItemWriter(db),
    runWriter: createRunWriter(db),
    photoWriter: createPhotoWriter(db),
    photoVerbs,
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

function readerOf(db: ReturnType<typeof openForReading>, dataDir: string): MirrorReader {
  return {
    accounts: createAccountReader(db),
    items: createItems(db),
    library: createLibrary(db),
    records: createRecords(db),
    runs: createRunReader(db),
    photos: createPhotos(db),
    pictures: createPictureFiles(dataDir),
    lines: createLines(db),
    sessions: createSessionReader(db),
    statistics: createRiddenReader(db),
    close: () => db.close(),
  };
}

import type { MirrorReader, MirrorWriter } from '../mirror.ts';
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
import { createTurns, inTurns, type Turn } from './turns.ts';

/** 32 MB: pages that many items change are written into the file once for all of them. */
const LOG_PAGES = 8_000;

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
  const turn = createTurns();
  const accountWriter = inTurns(turn, createAccountWriter(db));
  const photoVerbs = createPhotoVerbs(db, turn, createPictureFiles(dataDir));
  return {
    ...readerInTurns(turn, readerOf(db, dataDir)),
    accountWriter: {
      ...accountWriter,
      async erase(ref) {
        await accountWriter.erase(ref);
        await photoVerbs.eraseOrphans();
        // The rows of pictures that nobody else had went only now.
        await turn(async () => db.pragma('wal_checkpoint(TRUNCATE)'));
      },
    },
    sessionWriter: inTurns(turn, createSessionWriter(db)),
    itemWriter: createItemWriter(db, turn),
    runWriter: inTurns(turn, createRunWriter(db)),
    photoWriter: inTurns(turn, createPhotoWriter(db)),
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
    close: async () => void db.close(),
  };
}

/** Pictures are files, which nobody has to wait for. */
function readerInTurns(turn: Turn, { pictures, close, ...stores }: MirrorReader): MirrorReader {
  return {
    accounts: inTurns(turn, stores.accounts),
    items: inTurns(turn, stores.items),
    library: inTurns(turn, stores.library),
    records: inTurns(turn, stores.records),
    runs: inTurns(turn, stores.runs),
    photos: inTurns(turn, stores.photos),
    pictures,
    lines: inTurns(turn, stores.lines),
    sessions: inTurns(turn, stores.sessions),
    statistics: inTurns(turn, stores.statistics),
    close: () => turn(close),
  };
}

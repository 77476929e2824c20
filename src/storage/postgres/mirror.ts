import type { MirrorReader, MirrorWriter } from '../mirror.ts';
import { createAccountReader, createAccountWriter } from './accounts.ts';
import { type Database, openDatabase } from './database.ts';
import { createItemWriter } from './item-writer.ts';
import { createItems } from './items.ts';
import { createLibrary } from './library.ts';
import { createLines } from './lines.ts';
import { createPhotos, createPhotoVerbs, createPhotoWriter } from './photos.ts';
import { createPictures } from './pictures.ts';
import { createRecords } from './records.ts';
import { createRunReader, createRunWriter } from './runs.ts';
import { createSessionReader, createSessionWriter } from './sessions.ts';
import { createRiddenReader } from './statistics.ts';

/** Connections of one thread: there are many threads in many processes, and a server has a hundred. */
const MOST = 2;

interface At {
  databaseUrl: string;
}

/** The database must have been migrated. */
export const openMirrorForReading = ({ databaseUrl }: At): MirrorReader =>
  readerOver(openDatabase(databaseUrl, { most: MOST }));

/**
 * For any number of threads and processes. What `itemWriter` commits is on the disk with the next commit that waits for it: of the task
 * that it was done for.
 */
export function openMirrorForWriting({ databaseUrl }: At): MirrorWriter {
  const db = openDatabase(databaseUrl, { most: MOST });
  const accountWriter = createAccountWriter(db);
  const photoVerbs = createPhotoVerbs(db);
  return {
    ...readerOver(db),
    accountWriter: {
      ...accountWriter,
      async erase(ref) {
        await accountWriter.erase(ref);
        await photoVerbs.eraseOrphans();
      },
    },
    sessionWriter: createSessionWriter(db),
    itemWriter: createItemWriter(db),
    runWriter: createRunWriter(db),
    photoWriter: createPhotoWriter(db),
    photoVerbs,
  };
}

const readerOver = (db: Database): MirrorReader => ({
  accounts: createAccountReader(db),
  items: createItems(db),
  library: createLibrary(db),
  records: createRecords(db),
  runs: createRunReader(db),
  photos: createPhotos(db),
  pictures: createPictures(db),
  lines: createLines(db),
  sessions: createSessionReader(db),
  statistics: createRiddenReader(db),
  close: () => db.close(),
});

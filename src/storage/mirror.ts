import type { AccountReader, AccountWriter } from './accounts.ts';
import type { Items, ItemWriter } from './items.ts';
import type { Library } from './library.ts';
import type { Lines } from './lines.ts';
import type { Photos, PhotoVerbs, PhotoWriter, Pictures } from './photos.ts';
import type { Records } from './records.ts';
import type { RunReader, RunWriter } from './runs.ts';
import type { SessionReader, SessionWriter } from './sessions.ts';
import type { RiddenReader } from './statistics.ts';

/** What everybody may do. `items` has verbs that write; where it was opened for reading they fail. */
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
  close(): Promise<void>;
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

import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileName } from '../export/file-name.ts';
import type { LibraryItem } from '../storage/library.ts';

const LIST = '.slipstream-export.jsonl';
const PART = '.slipstream-export.part';

/** `there`: an earlier export wrote it, and it is still right. `empty`: there is nothing to write. */
export type Put = 'written' | 'there' | 'empty';

/** A file that an export wrote, as one line of the list in the folder. The last line of a key counts. */
interface Entry {
  key: string;
  /** Relative to the folder. */
  file: string;
  /** When the item was fetched, ISO 8601: a later fetch may have brought another body. */
  fetched_at: string;
  bytes: number;
  /** Of the file: whoever has changed it since owns it. */
  modified_ms: number;
}

/** A folder of exported files. What is in it and was not written by an export, or was changed since, is never touched. */
export function createExportFolder(folder: string, account: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const entries = readList(join(folder, LIST));
  const list = openSync(join(folder, LIST), 'a', 0o600);

  async function put(item: LibraryItem, extension: string, make: () => Promise<Buffer | undefined>): Promise<Put> {
    const key = `${account}/${item.type}/${item.id}.${extension}`;
    const before = ours(entries.get(key));
    const wanted = fileName(item);
    if (before && before.fetched_at === item.fetched_at && isNamed(before.file, wanted)) return 'there';
    const bytes = await make();
    if (!bytes) return 'empty';
    const file = freeName(wanted, extension, before, bytes);
    const written = write(file, bytes);
    if (before && before.file !== file) rmSync(join(folder, before.file), { force: true });
    const { size, mtimeMs } = statSync(join(folder, file));
    const entry = { key, file, fetched_at: item.fetched_at, bytes: size, modified_ms: mtimeMs };
    appendFileSync(list, `${JSON.stringify(entry)}\n`);
    entries.set(key, entry);
    return written;
  }

  /** The entry, where its file is still as it was written. */
  function ours(entry: Entry | undefined): Entry | undefined {
    if (!entry) return undefined;
    const stat = statSync(join(folder, entry.file), { throwIfNoEntry: false });
    return stat && stat.size === entry.bytes && stat.mtimeMs === entry.modified_ms ? entry : undefined;
  }

  /** Our own earlier file, one with these very bytes, or a name that nobody has. */
  function freeName(wanted: string, extension: string, before: Entry | undefined, bytes: Buffer): string {
    for (let count = 1; ; count += 1) {
      const file = `${wanted}${count === 1 ? '' : ` (${count})`}.${extension}`;
      const path = join(folder, file);
      if (!existsSync(path) || before?.file === file || holds(path, bytes)) return file;
    }
  }

  /** Whole or not at all: a torn file would look like a ride. */
  function write(file: string, bytes: Buffer): Put {
    const path = join(folder, file);
    if (holds(path, bytes)) return 'there';
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, PART), bytes, { mode: 0o600 });
    renameSync(join(folder, PART), path);
    return 'written';
  }

  return { put, close: () => closeSync(list) };
}

function readList(path: string): Map<string, Entry> {
  if (!existsSync(path)) return new Map();
  const entries = readFileSync(path, 'utf8').split('\n').flatMap(entryIn);
  return new Map(entries.map((entry) => [entry.key, entry]));
}

function entryIn(line: string): Entry[] {
  try {
    return [JSON.parse(line) as Entry];
  } catch {
    // The last line of an export that was killed; its file is compared by content instead.
    return [];
  }
}

const holds = (path: string, bytes: Buffer): boolean =>
  statSync(path, { throwIfNoEntry: false })?.size === bytes.length && readFileSync(path).equals(bytes);

/** `trips/2026-05-01 Evening ride 42`, or the same with a number behind. */
function isNamed(file: string, wanted: string): boolean {
  return file.startsWith(wanted) && /^( \(\d+\))?\.\w+$/.test(file.slice(wanted.length));
}

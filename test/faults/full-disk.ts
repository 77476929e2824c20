import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A place for a data folder, on a disk that can be made full and be given room again. */
export interface SmallDisk {
  folder: string;
  fill(pid: number): void;
  makeRoom(pid: number): void;
  remove(): void;
}

/**
 * The kernel refuses each write beyond the first bytes of any file (RLIMIT_FSIZE of the running program): no other program is
 * touched, and it needs no rights. SQLite says "disk I/O error" to it where a full disk says "full".
 */
function limitedFiles(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-full-'));
  const limit = (pid: number, most: string) => run('prlimit', '--pid', String(pid), `--fsize=${most}:`);
  return {
    folder: join(folder, 'data'),
    fill: (pid) => limit(pid, '4096'),
    makeRoom: (pid) => limit(pid, 'unlimited'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** A file system of its own, in memory, that another file fills to the last byte. */
function smallFileSystem(): SmallDisk {
  const place = mkdtempSync(join(tmpdir(), 'slipstream-full-'));
  run('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', place);
  const folder = join(place, 'data');
  mkdirSync(folder);
  const filler = join(place, 'filler');
  return {
    folder,
    fill() {
      for (const size of [1_048_576, 4_096, 1]) fillWith(filler, Buffer.alloc(size));
    },
    makeRoom: () => rmSync(filler),
    remove() {
      run('umount', '-l', place);
      rmSync(place, { recursive: true });
    },
  };
}

const run = (command: string, ...args: string[]) => void execFileSync(command, args, { stdio: 'pipe' });

function fillWith(file: string, piece: Buffer): void {
  try {
    for (let n = 0; n < 5_000; n += 1) appendFileSync(file, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** The ways there are here: the first works everywhere on Linux, the second for whoever may mount. */
export function smallDisks(): [string, () => SmallDisk][] {
  const ways: [string, () => SmallDisk][] = [['whose files may not grow', limitedFiles]];
  try {
    smallFileSystem().remove();
    ways.push(['that is full to the last byte', smallFileSystem]);
  } catch {
    // Mounting needs rights that this user does not have; the first way needs none.
  }
  return ways;
}

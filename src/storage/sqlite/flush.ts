import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Brings every commit of `mirror.db` that was made before the call onto the platter. */
export interface Flush {
  (): Promise<void>;
  close(): Promise<void>;
}

/**
 * Workers commit without waiting for the disk, and one sync of the write-ahead log serves everything they finished since the last
 * one: while a library is copied, most of the syncs that acknowledging had to queue behind at the disk are gone.
 */
export function createFlush(dataDir: string): Flush {
  let log: Promise<FileHandle> | undefined;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  // One that runs already may have begun before the commit that is asked about.
  const flush = (): Promise<void> => {
    if (!running) return begin();
    next ??= running.then(begin, begin);
    return next;
  };

  function begin(): Promise<void> {
    next = undefined;
    running = sync().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function sync(): Promise<void> {
    const opened = log ?? open(join(dataDir, 'mirror.db-wal'), 'r+');
    log = opened;
    try {
      await (await opened).datasync();
    } catch (error) {
      // Whatever it was, the next one begins anew, with another handle; what becomes of this one does not matter.
      log = undefined;
      await opened.then((handle) => handle.close()).catch(() => {});
      throw error;
    }
  }

  // Whoever waits for one that fails is told by that one.
  flush.close = async () => {
    await running?.catch(() => {});
    await (await log?.catch(() => undefined))?.close();
  };
  return flush;
}

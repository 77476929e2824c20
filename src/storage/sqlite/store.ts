import { createBoard } from '../memory/board.ts';
import { createLocks } from '../memory/locks.ts';
import { createSignals } from '../memory/signals.ts';
import { remote } from '../remote.ts';
import type { Store, Verbs } from '../store.ts';
import { createFlush } from './flush.ts';
import { openInbox } from './inbox.ts';
import { lockFolder } from './lock.ts';
import { emptyMirrorLog, openMirrorForReading, prepareMirror } from './mirror.ts';
import { assertNotHalfRestored } from './restore.ts';

/**
 * Two files in `DATA_DIR`, for one process: the main thread writes the inbox and reads the mirror, which workers write.
 *
 * @throws FolderInUse DamagedDatabase NewerDatabase
 */
export async function openStore(dataDir: string): Promise<Store> {
  const opened = new AsyncDisposableStack();
  try {
    opened.defer(lockFolder(dataDir));
    assertNotHalfRestored(dataDir);
    prepareMirror(dataDir);
    opened.defer(() => emptyMirrorLog(dataDir));
    const mirror = opened.adopt(openMirrorForReading(dataDir), (each) => each.close());
    const inbox = opened.adopt(openInbox(dataDir), (each) => each.close());
    const flush = opened.adopt(createFlush(dataDir), (each) => each.close());
    return {
      inbox,
      mirror,
      board: createBoard(),
      locks: createLocks(),
      signals: createSignals(),
      verbs: (call) => {
        const asked = <Name extends keyof Verbs>(name: Name) =>
          remote<Verbs[Name]>((method, args) => call(name, method, args));
        return {
          accounts: asked('accounts'),
          sessions: asked('sessions'),
          items: asked('items'),
          runs: asked('runs'),
          photos: asked('photos'),
        };
      },
      flush,
      close: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

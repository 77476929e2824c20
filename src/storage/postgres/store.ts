import type { Store } from '../store.ts';
import { assertNobodyAlone } from './alone.ts';
import { openBoard } from './board.ts';
import { openDatabase } from './database.ts';
import { openInbox } from './inbox.ts';
import { createLocks } from './locks.ts';
import { migrate } from './migrate.ts';
import { openMirrorForWriting } from './mirror.ts';
import { openSession } from './session.ts';
import { openSignals } from './signals.ts';

/** Connections of the main thread, beside its session and those of its mirror. */
const MOST = 4;

/**
 * One database for any number of processes, each of which writes for itself.
 *
 * @throws NewerSchema BeingFilled AtWork, and a storage error when the server is not there.
 */
export async function openStore(databaseUrl: string): Promise<Store> {
  await migrate(databaseUrl);
  const opened = new AsyncDisposableStack();
  try {
    const db = opened.adopt(openDatabase(databaseUrl, { most: MOST }), (each) => each.close());
    const session = opened.adopt(openSession(databaseUrl), (each) => each.close());
    await assertNobodyAlone(session);
    const board = opened.adopt(await openBoard(db, session), (each) => each.close());
    const signals = opened.adopt(openSignals(db, session), (each) => each.close());
    const mirror = opened.adopt(openMirrorForWriting({ databaseUrl }), (each) => each.close());
    const inbox = opened.adopt(openInbox({ databaseUrl, database: db, session }), (each) => each.close());
    const { accountWriter, sessionWriter, items, runWriter, photoVerbs } = mirror;
    return {
      inbox,
      mirror,
      board,
      locks: createLocks(session),
      signals,
      verbs: () => ({
        accounts: accountWriter,
        sessions: sessionWriter,
        items,
        runs: runWriter,
        photos: photoVerbs,
      }),
      // Whoever settles a task commits after what the worker did for it, to the same log.
      flush: async () => {},
      close: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

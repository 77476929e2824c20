import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Board } from '../../src/storage/board.ts';
import type { Inbox } from '../../src/storage/inbox.ts';
import type { Locks } from '../../src/storage/locks.ts';
import { createBoard } from '../../src/storage/memory/board.ts';
import { createLocks } from '../../src/storage/memory/locks.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { openBoard } from '../../src/storage/postgres/board.ts';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import { openInbox as openSharedInbox } from '../../src/storage/postgres/inbox.ts';
import { createLocks as createSharedLocks } from '../../src/storage/postgres/locks.ts';
import { openMirrorForWriting as openSharedMirror } from '../../src/storage/postgres/mirror.ts';
import { openSession } from '../../src/storage/postgres/session.ts';
import { openInbox } from '../../src/storage/sqlite/inbox.ts';
import { openMirrorForWriting, prepareMirror } from '../../src/storage/sqlite/mirror.ts';

/** What one process has of the storage: with its end the rest of it is gone. */
export interface Share {
  inbox: Inbox;
  board: Board;
  locks: Locks;
  close(): Promise<void>;
}

export interface Storage {
  /** For looking in, and for what is no process's own. */
  inbox: Inbox;
  mirror: MirrorWriter;
  /** @param through The address that the process's own connection goes to, where that is another one. */
  join(through?: string): Promise<Share>;
  close(): Promise<void>;
}

/** For one process. */
export function overSqlite(): Storage {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  prepareMirror(dataDir);
  const inbox = openInbox(dataDir);
  const mirror = openMirrorForWriting(dataDir);
  return {
    inbox,
    mirror,
    // As after a start: what was in flight is of the process before.
    async join() {
      const own = openInbox(dataDir);
      return { inbox: own, board: createBoard(), locks: createLocks(), close: () => own.close() };
    },
    async close() {
      await inbox.close();
      await mirror.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

/** For several. The database is migrated. */
export function overPostgres(databaseUrl: string): Storage {
  const opened = new AsyncDisposableStack();
  const db = opened.adopt(openDatabase(databaseUrl, { most: 8 }), (each) => each.close());
  const mirror = opened.adopt(openSharedMirror({ databaseUrl }), (each) => each.close());
  // Who is killed here is gone at once: nobody comes back after the first look.
  const shared = { databaseUrl, database: db, graceMs: 0 };
  return {
    inbox: opened.adopt(openSharedInbox(shared), (each) => each.close()),
    mirror,
    async join(through = databaseUrl) {
      const session = openSession(through);
      const inbox = openSharedInbox({ ...shared, session });
      const board = await openBoard(db, session);
      return {
        inbox,
        board,
        locks: createSharedLocks(session),
        async close() {
          await session.close();
          await board.close();
          await inbox.close();
        },
      };
    },
    close: () => opened.disposeAsync(),
  };
}

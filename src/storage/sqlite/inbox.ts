import type { Database } from 'better-sqlite3';
import type { Inbox } from '../inbox.ts';
import { createAbout } from './about.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createDeliveries } from './deliveries.ts';
import { createDrift } from './drift.ts';
import { createEnqueue } from './enqueue.ts';
import { createGroupCommit } from './group-commit.ts';
import { openForReading, openForWriting } from './open.ts';
import { createQueues } from './queues.ts';
import { createTasks } from './tasks.ts';
import { createKeepUnreadable } from './unreadable.ts';

/** The inbox in `DATA_DIR/inbox.db`. */
export function openInbox(dataDir: string): Inbox {
  const db = openForWriting(dataDir, 'inbox');
  // Waiting here would stop the thread that acknowledges: `group-commit.ts` waits for a lock without.
  db.pragma('busy_timeout = 5');
  return inboxOver(db);
}

/** For a look at it from another process; what writes fails. */
export const openInboxForReading = (dataDir: string): Inbox => inboxOver(openForReading(dataDir, 'inbox'));

function inboxOver(db: Database): Inbox {
  const write = createGroupCommit(db);
  const enqueue = createEnqueue(db);
  // A row that stays the same would not be written at all.
  const mark = db.prepare(
    "INSERT INTO marks (name, value) VALUES ('probed', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
  );
  const keepUnreadable = createKeepUnreadable(db);
  return {
    ...createDeliveries(db, write, enqueue, keepUnreadable),
    ...createTasks(db, write, enqueue),
    ...createQueues(db, write),
    ...createDrift(db, write),
    ...createDeadLetters(db, write, enqueue, keepUnreadable),
    ...createAbout(db),
    probe: () => write(() => void mark.run()),
    close: async () => void db.close(),
  };
}

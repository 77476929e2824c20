import type { Database } from 'better-sqlite3';
import type { Inbox } from '../inbox.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createDeliveries } from './deliveries.ts';
import { createDrift } from './drift.ts';
import { createEnqueue } from './enqueue.ts';
import { createGroupCommit } from './group-commit.ts';
import { openForReading, openForWriting } from './open.ts';
import { createQueues } from './queues.ts';
import { createTasks } from './tasks.ts';

/** The inbox in `DATA_DIR/inbox.db`. */
export const openInbox = (dataDir: string): Inbox => inboxOver(openForWriting(dataDir, 'inbox'));

/** For a look at it from another process; what writes fails. */
export const openInboxForReading = (dataDir: string): Inbox => inboxOver(openForReading(dataDir, 'inbox'));

function inboxOver(db: Database): Inbox {
  const write = createGroupCommit(db);
  const enqueue = createEnqueue(db);
  return {
    ...createDeliveries(db, write, enqueue),
    ...createTasks(db, write, enqueue),
    ...createQueues(db, write),
    ...createDrift(db, write),
    ...createDeadLetters(db, write, enqueue),
    close: () => db.close(),
  };
}

import type { Inbox } from '../inbox.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createDeliveries } from './deliveries.ts';
import { createDrift } from './drift.ts';
import { openForWriting } from './open.ts';
import { createTasks } from './tasks.ts';

/** The inbox in `DATA_DIR/inbox.db`. Synchronous inside: a commit is one fsync, paid once for all that is in it. */
export function openInbox(dataDir: string): Inbox {
  const db = openForWriting(dataDir, 'inbox');
  const { enqueueIn, ...tasks } = createTasks(db);
  return {
    ...tasks,
    ...createDeliveries(db, enqueueIn),
    ...createDrift(db),
    ...createDeadLetters(db, enqueueIn),
    close: () => db.close(),
  };
}

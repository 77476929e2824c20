import type { Inbox } from '../inbox.ts';
import { createAbout } from './about.ts';
import { type Database, openDatabase } from './database.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createDeliveries } from './deliveries.ts';
import { createDrift } from './drift.ts';
import { createQueues } from './queues.ts';
import { openSession, type Session } from './session.ts';
import { createTasks } from './tasks.ts';

/** Whoever sends a webhook waits for a second and does not send it again. */
const PATIENCE_MS = 800;
/** Of that the server has so much: then whoever waits is told why. */
const SERVERS_PART = 0.875;
/** Longer than it takes to connect again and to take the same locks again. */
const GRACE_MS = 5_000;

export interface InboxParts {
  databaseUrl: string;
  /** Shared with the rest of the process, and closed by whoever opened it. Without one it has its own. */
  database?: Database;
  /** The same. */
  session?: Session;
  /** Milliseconds: how far apart the two looks of `recover` are at least. */
  graceMs?: number;
  /** Milliseconds: who waits longer for a delivery to be stored is told that it was not. */
  patienceMs?: number;
}

/** The inbox in a database that is migrated. It connects when it is first needed. */
export function openInbox({ databaseUrl, graceMs = GRACE_MS, patienceMs = PATIENCE_MS, ...shared }: InboxParts): Inbox {
  const db = shared.database ?? openDatabase(databaseUrl, { most: 4 });
  const session = shared.session ?? openSession(databaseUrl);
  // An acknowledgement waits for one commit; see `keep.ts`.
  const keeper = openDatabase(databaseUrl, { most: 1, patience: Math.floor(patienceMs * SERVERS_PART), durable: true });
  return {
    ...createDeliveries(db, keeper, patienceMs),
    ...createTasks(db, session, graceMs),
    ...createQueues(db),
    ...createDrift(db),
    ...createDeadLetters(db),
    ...createAbout(db),
    async probe() {
      await keeper.run(
        "INSERT INTO marks (name, value) VALUES ('probed', 1) ON CONFLICT (name) DO UPDATE SET value = marks.value + 1",
      );
    },
    async close() {
      await keeper.close();
      if (!shared.session) await session.close();
      if (!shared.database) await db.close();
    },
  };
}

import type { Notification } from '../../vocabulary.ts';
import { type Deliveries, type Delivery, TAKEN_AT_ONCE, type Taken, type TakenNext } from '../inbox.ts';
import { unpack } from '../packing.ts';
import type { Database, Queries } from './database.ts';
import { createDays } from './days.ts';
import { enqueue } from './enqueue.ts';
import { createKeep } from './keep.ts';
import { droppedLetters } from './letter-cap.ts';
import { keepUnreadable } from './unreadable.ts';

type DeliveryRow = Omit<Delivery, 'receivedAt'> & { received_at: number; packed: boolean };

// Whoever has its row of `arrivals` has the delivery; what somebody else has at this moment is left to him.
const TAKE = `
  DELETE FROM arrivals WHERE delivery_id IN (
    SELECT delivery_id FROM arrivals WHERE delivery_id = ANY (@ids) FOR UPDATE SKIP LOCKED)
  RETURNING delivery_id AS id`;

// One after the other, so that it is looked for in its own day.
const SELECT_NEXT = `
  SELECT d.* FROM (SELECT delivery_id, day FROM arrivals ORDER BY delivery_id LIMIT @limit FOR UPDATE SKIP LOCKED) a
    CROSS JOIN LATERAL (
      SELECT id, source, client, received_at, body, packed, sealed FROM deliveries
      WHERE deliveries.id = a.delivery_id AND deliveries.day = a.day LIMIT 1) d
  ORDER BY d.id`;

// What a dead letter is about stays as long as the letter: it may be readable after an update.
const DELETE_OLD = `
  DELETE FROM deliveries_apart WHERE id IN (
    SELECT id FROM deliveries_apart
    WHERE received_at < @before AND id NOT IN (SELECT delivery_id FROM arrivals)
      AND NOT EXISTS (SELECT FROM dead_letters WHERE kind = 'delivery' AND delivery_id = deliveries_apart.id)
    ORDER BY received_at LIMIT @limit)`;

/** Emptying a table waits for everybody who is at it, and whoever comes then waits for that: better little, and often. */
const LOCK_MS = 200;
const LOCK_TRIES = 20;

/** @param keeper A connection for deliveries alone. @param patienceMs See `InboxParts`. */
export function createDeliveries(db: Database, keeper: Database, patienceMs: number): Deliveries {
  const days = createDays(db);
  const keep = createKeep(keeper, days, patienceMs);

  /** Within a transaction in which their rows of `arrivals` are deleted. */
  async function make(queries: Queries, taken: readonly Taken[]): Promise<Notification[]> {
    const notifications = taken.flatMap((each) => each.notifications);
    await enqueue(queries, notifications);
    const rejections = taken.flatMap((each) => each.rejections);
    await keepUnreadable(
      queries,
      rejections.map((rejection) => ({ kind: 'notification', ...rejection })),
    );
    return notifications;
  }

  const take = (taken: readonly Taken[]): Promise<void> =>
    db.transaction(async (queries) => {
      const mine = new Set(await idsOf(queries, taken));
      await make(
        queries,
        taken.filter(({ id }) => mine.has(id)),
      );
    });

  const idsOf = async (queries: Queries, taken: readonly Taken[]): Promise<number[]> =>
    (await queries.all<{ id: number }>(TAKE, { ids: taken.map(({ id }) => id) })).map(({ id }) => id);

  const takeNext = (limit: number, read: (delivery: Delivery) => Omit<Taken, 'id'>): Promise<TakenNext> =>
    db.transaction(async (queries) => {
      const rows = await queries.all<DeliveryRow>(SELECT_NEXT, { limit });
      const taken = readSome(rows, read);
      await idsOf(queries, taken);
      const notifications = await make(queries, taken);
      return { deliveries: taken.length, accounts: notifications.map(({ key }) => key) };
    });

  return {
    keep,
    take,
    takeNext,
    droppedLetters: () => droppedLetters(db),
    async prune(before, limit) {
      const deleted = await db.run(DELETE_OLD, { before, limit });
      // More of these first: a day is quick to drop.
      return deleted === limit ? deleted : deleted + (await days.drop(before));
    },
    async eraseTaken() {
      for (let tries = 1; ; tries += 1) {
        try {
          return await db.transaction(erase);
        } catch (error) {
          if (tries === LOCK_TRIES || !isLocked(error)) throw error;
        }
      }
    },
  };
}

function readSome(rows: readonly DeliveryRow[], read: (delivery: Delivery) => Omit<Taken, 'id'>): Taken[] {
  const taken: Taken[] = [];
  let size = 0;
  for (const row of rows) {
    const { notifications, rejections } = read(deliveryOf(row));
    taken.push({ id: row.id, notifications, rejections });
    size += notifications.length + rejections.length;
    if (size >= TAKEN_AT_ONCE) break;
  }
  return taken;
}

/** What is deleted would be on the disk until the next vacuum. So the tables are emptied, and what nobody took yet is put back. */
async function erase(queries: Queries): Promise<void> {
  await queries.run(`SET LOCAL lock_timeout = ${LOCK_MS}`);
  await queries.run('LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE');
  await queries.run(`
    CREATE TEMPORARY TABLE untaken ON COMMIT DROP AS
    SELECT deliveries.* FROM deliveries JOIN arrivals ON id = delivery_id AND deliveries.day = arrivals.day`);
  await queries.run('TRUNCATE deliveries');
  await queries.run('INSERT INTO deliveries SELECT * FROM untaken');
  // Each of them quotes one.
  await queries.run("DELETE FROM dead_letters WHERE kind <> 'task'");
}

const isLocked = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'POSTGRES_55P03';

const deliveryOf = ({ received_at, body, packed, ...rest }: DeliveryRow): Delivery => ({
  ...rest,
  body: unpack({ body, packed: packed ? 1 : 0 }),
  receivedAt: received_at,
});

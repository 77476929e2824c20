import type { Database } from 'better-sqlite3';
import {
  type Deliveries,
  type Delivery,
  type NewDelivery,
  TAKEN_AT_ONCE,
  type Taken,
  type TakenNext,
} from '../inbox.ts';
import { pack, unpack } from '../packing.ts';
import type { Enqueue } from './enqueue.ts';
import type { Write } from './group-commit.ts';
import { createLetterCap } from './letter-cap.ts';
import type { KeepUnreadable } from './unreadable.ts';

type DeliveryRow = Omit<Delivery, 'receivedAt' | 'sealed'> & { received_at: number; packed: number; sealed: number };

export function createDeliveries(
  db: Database,
  write: Write,
  enqueue: Enqueue,
  keepUnreadable: KeepUnreadable,
): Deliveries {
  const insert = db.prepare<[string, string, number, string, Buffer, number, number, string | null]>(
    'INSERT INTO deliveries (source, client, received_at, headers, body, packed, sealed, unreadable) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const letterCap = createLetterCap(db);
  const selectUntaken = db.prepare<[number], DeliveryRow>(`
    SELECT id, source, client, received_at, body, packed, sealed FROM deliveries
    WHERE id > (SELECT value FROM marks WHERE name = 'taken') AND unreadable IS NULL ORDER BY id LIMIT ?`);
  const lastTaken = db.prepare<[], number>("SELECT value FROM marks WHERE name = 'taken'").pluck();
  const markTaken = db.prepare<[number]>("UPDATE marks SET value = max(value, ?) WHERE name = 'taken'");
  // What a dead letter is about stays as long as the letter: it may be readable after an update.
  const deleteOld = db.prepare<[number, number]>(`
    DELETE FROM deliveries WHERE id IN (
      SELECT id FROM deliveries
      WHERE received_at < ? AND id <= (SELECT value FROM marks WHERE name = 'taken')
        AND id NOT IN (SELECT delivery_id FROM dead_letters WHERE kind = 'delivery')
      ORDER BY received_at LIMIT ?)`);

  const deleteTaken = db.prepare(`
    DELETE FROM deliveries WHERE unreadable IS NOT NULL OR id <= (SELECT value FROM marks WHERE name = 'taken')`);
  const deleteLetters = db.prepare("DELETE FROM dead_letters WHERE kind <> 'task'");

  function keepOne(d: NewDelivery): number {
    const headers = JSON.stringify(d.headers);
    // Sealed bytes are as good as random: packing finds nothing in them.
    const { body, packed } = d.sealed ? { body: d.body, packed: 0 } : pack(d.body);
    const sealed = d.sealed ? 1 : 0;
    const added = insert.run(
      d.source,
      d.client,
      d.receivedAt,
      headers,
      body,
      packed,
      sealed,
      d.unreadable?.code ?? null,
    );
    const id = Number(added.lastInsertRowid);
    if (d.unreadable) {
      const { source, unreadable: problem, receivedAt: learntAt, evidence = '' } = d;
      keepUnreadable([{ kind: 'delivery', source, deliveryId: id, problem, evidence, bytes: body.length, learntAt }]);
    }
    return id;
  }

  /** Ids grow in the order of `keep`, and so one mark says of each delivery whether it was taken. */
  function take(taken: readonly Taken[]): void {
    const last = lastTaken.get() ?? 0;
    const fresh = taken.filter(({ id }) => id > last);
    enqueue(fresh.flatMap(({ notifications }) => notifications));
    const rejections = fresh.flatMap((each) => each.rejections);
    keepUnreadable(rejections.map((rejection) => ({ kind: 'notification', bytes: 0, ...rejection })));
    markTaken.run(fresh.at(-1)?.id ?? last);
  }

  function takeNext(limit: number, read: (delivery: Delivery) => Omit<Taken, 'id'>): TakenNext {
    const taken: Taken[] = [];
    let size = 0;
    for (const row of selectUntaken.iterate(limit)) {
      const { notifications, rejections } = read(deliveryOf(row));
      taken.push({ id: row.id, notifications, rejections });
      size += notifications.length + rejections.length;
      if (size >= TAKEN_AT_ONCE) break;
    }
    if (taken.length > 0) take(taken);
    return {
      deliveries: taken.length,
      accounts: taken.flatMap(({ notifications }) => notifications.map(({ key }) => key)),
    };
  }

  return {
    keep: (delivery) => write(() => keepOne(delivery)),
    take: (taken) => write(() => take(taken)),
    takeNext: (limit, read) => write(() => takeNext(limit, read)),
    eraseTaken: async () => {
      await write(() => {
        deleteTaken.run();
        // Each of them quotes one.
        deleteLetters.run();
      });
      // Earlier pages are in the log until it is emptied.
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
    droppedLetters: async () => letterCap.dropped(),
    prune: (before, limit) => write(() => deleteOld.run(before, limit).changes),
  };
}

const deliveryOf = ({ received_at, body, packed, sealed, ...rest }: DeliveryRow): Delivery => ({
  ...rest,
  body: unpack({ body, packed }),
  sealed: sealed === 1,
  receivedAt: received_at,
});

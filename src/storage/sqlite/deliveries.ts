import type { Database } from 'better-sqlite3';
import type { Notification } from '../../vocabulary.ts';
import type { Deliveries, Delivery, NewDelivery, Rejection } from '../inbox.ts';
import type { Enqueue } from './enqueue.ts';
import type { Write } from './group-commit.ts';
import { pack, unpack } from './packing.ts';

/** A provider that keeps sending what cannot be read must not fill the disk: beyond this the oldest letter makes room. */
const LETTERS_KEPT = 1_000;

export function createDeliveries(db: Database, write: Write, enqueue: Enqueue): Deliveries {
  const insert = db.prepare<[string, string, number, string, Buffer, number, string | null]>(
    'INSERT INTO deliveries (source, client, received_at, headers, body, packed, unreadable) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertLetter = db.prepare<[string, string, number, string, string, string, number]>(`
    INSERT INTO dead_letters (kind, source, delivery_id, code, sentence, evidence, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const capLetters = db.prepare<[number]>(`
    DELETE FROM dead_letters WHERE kind <> 'task' AND id <= (
      SELECT id FROM dead_letters WHERE kind <> 'task' ORDER BY id DESC LIMIT 1 OFFSET ?)`);
  const selectUntaken = db.prepare<[number], Omit<Delivery, 'receivedAt'> & { received_at: number; packed: number }>(`
    SELECT id, source, client, received_at, body, packed FROM deliveries
    WHERE id > (SELECT value FROM marks WHERE name = 'taken') AND unreadable IS NULL ORDER BY id LIMIT ?`);
  const markTaken = db.prepare<[number]>("UPDATE marks SET value = max(value, ?) WHERE name = 'taken'");
  const deleteOld = db.prepare<[number, number]>(`
    DELETE FROM deliveries WHERE id IN (
      SELECT id FROM deliveries
      WHERE received_at < ? AND id <= (SELECT value FROM marks WHERE name = 'taken') ORDER BY received_at LIMIT ?)`);

  const deleteTaken = db.prepare("DELETE FROM deliveries WHERE id <= (SELECT value FROM marks WHERE name = 'taken')");

  function keepOne(d: NewDelivery): number {
    const headers = JSON.stringify(d.headers);
    const { body, packed } = pack(d.body);
    const added = insert.run(d.source, d.client, d.receivedAt, headers, body, packed, d.unreadable?.code ?? null);
    const id = Number(added.lastInsertRowid);
    if (d.unreadable) {
      const { code, sentence } = d.unreadable;
      insertLetter.run('delivery', d.source, id, code, sentence, d.body.toString('utf8', 0, 2_000), d.receivedAt);
      capLetters.run(LETTERS_KEPT);
    }
    return id;
  }

  function take(through: number, notifications: readonly Notification[], rejections: readonly Rejection[]): void {
    enqueue(notifications);
    for (const { source, deliveryId, problem, evidence, learntAt } of rejections) {
      insertLetter.run('notification', source, deliveryId, problem.code, problem.sentence, evidence, learntAt);
    }
    if (rejections.length > 0) capLetters.run(LETTERS_KEPT);
    markTaken.run(through);
  }

  return {
    keep: (delivery) => write(() => keepOne(delivery)),
    untaken: async (limit) =>
      selectUntaken.all(limit).map(({ received_at, body, packed, ...rest }) => ({
        ...rest,
        body: unpack({ body, packed }),
        receivedAt: received_at,
      })),
    take: (through, notifications, rejections) => write(() => take(through, notifications, rejections)),
    eraseTaken: async () => {
      await write(() => void deleteTaken.run());
      // Earlier pages are in the log until it is emptied.
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
    prune: (before, limit) => write(() => deleteOld.run(before, limit).changes),
  };
}

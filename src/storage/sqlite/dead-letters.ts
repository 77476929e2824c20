import type { Database } from 'better-sqlite3';
import type { AccountRef, Notification } from '../../vocabulary.ts';
import type { DeadLetters, ReplayAnswer } from '../inbox.ts';
import type { DeadLetter } from '../sync.ts';
import type { Enqueue } from './enqueue.ts';
import type { Write } from './group-commit.ts';
import { unpack } from './packing.ts';

interface LetterRow extends Omit<DeadLetter, 'created_at'> {
  created_at: number;
  delivery_id: number | null;
  evidence: string;
}

export function createDeadLetters(db: Database, write: Write, enqueue: Enqueue): DeadLetters {
  const select = db.prepare<[string, string, number], LetterRow>(`
    SELECT * FROM dead_letters WHERE (source = ? AND account = ?) OR (account IS NULL AND ?) ORDER BY id DESC LIMIT 500`);
  const selectOne = db.prepare<[number, string, string, number], LetterRow>(`
    SELECT * FROM dead_letters WHERE id = ? AND ((source = ? AND account = ?) OR (account IS NULL AND ?))`);
  const revive = db.prepare(`
    UPDATE tasks SET state = 'pending', attempts = 0, due_at = @now, priority = 0
    WHERE state = 'dead' AND source = @source AND account = @account AND type = @type AND item_id = @item_id`);
  const remove = db.prepare<[number]>('DELETE FROM dead_letters WHERE id = ?');
  const selectBody = db.prepare<[number | null], { body: Buffer; packed: number }>(
    'SELECT body, packed FROM deliveries WHERE id = ?',
  );

  function replay(id: number, ref: AccountRef, withUnclaimed: boolean, now: number): ReplayAnswer {
    const row = selectOne.get(id, ref.source, ref.account, withUnclaimed ? 1 : 0);
    if (!row) return { kind: 'none' };
    if (row.kind === 'task') {
      const { source, account, type, item_id } = row;
      revive.run({ source, account, type, item_id, now });
      remove.run(id);
      return { kind: 'queued' };
    }
    const kept = row.kind === 'delivery' ? selectBody.get(row.delivery_id) : undefined;
    return {
      kind: 'read-again',
      letter: row.kind,
      source: row.source,
      bytes: kept ? unpack(kept) : Buffer.from(row.evidence),
      receivedAt: row.created_at,
    };
  }
  function close(id: number, notifications: readonly Notification[]): void {
    enqueue(notifications);
    remove.run(id);
  }

  return {
    deadLetters: async (ref, withUnclaimed) => select.all(ref.source, ref.account, withUnclaimed ? 1 : 0).map(letterOf),
    replay: (id, ref, withUnclaimed, now) => write(() => replay(id, ref, withUnclaimed, now)),
    closeLetter: (id, notifications) => write(() => close(id, notifications)),
  };
}

function letterOf({ evidence: _, delivery_id: __, created_at, ...letter }: LetterRow): DeadLetter {
  return { ...letter, created_at: new Date(created_at).toISOString() };
}

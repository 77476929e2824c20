import type { Database } from 'better-sqlite3';
import { type AccountRef, RIDERS } from '../../vocabulary.ts';
import type { DeadLetters, ReplayAnswer } from '../inbox.ts';
import { unpack } from '../packing.ts';
import type { DeadLetter } from '../sync.ts';
import type { Enqueue } from './enqueue.ts';
import type { Write } from './group-commit.ts';
import type { KeepUnreadable } from './unreadable.ts';

interface LetterRow extends Omit<DeadLetter, 'created_at'> {
  created_at: number;
  delivery_id: number;
}

/** An account's own letters; those of nobody, and those of sources where nobody signs in, are the owner's. */
const MINE = `((source = ? AND account = ?) OR ((account IS NULL OR source <> '${RIDERS}') AND ?))`;
type Mine = [source: string, account: string, withUnclaimed: number];

export function createDeadLetters(
  db: Database,
  write: Write,
  enqueue: Enqueue,
  keepUnreadable: KeepUnreadable,
): DeadLetters {
  const select = db.prepare<Mine, LetterRow>(`SELECT * FROM dead_letters WHERE ${MINE} ORDER BY id DESC LIMIT 500`);
  const selectIds = db.prepare<Mine, number>(`SELECT id FROM dead_letters WHERE ${MINE} ORDER BY id DESC`).pluck();
  const selectOne = db.prepare<[...Mine, number], LetterRow>(`SELECT * FROM dead_letters WHERE ${MINE} AND id = ?`);
  const countUnclaimed = db
    .prepare<[], number>(`SELECT count(*) FROM dead_letters WHERE account IS NULL OR source <> '${RIDERS}'`)
    .pluck();
  // It is the person who asks now. How long ago a webhook did is no measure of how fast Slipstream is.
  const revive = db.prepare(`
    UPDATE tasks SET state = 'pending', attempts = 0, due_at = @now, priority = 0, last_error = NULL, origin = 'person', action = 'replayed',
      notifications = 1, first_learnt_at = @now, last_learnt_at = @now, webhook_first = NULL, webhook_last = NULL
    WHERE state = 'dead' AND source = @source AND account = @account AND type = @type AND item_id = @item_id`);
  const forget = db.prepare(`
    DELETE FROM tasks WHERE state = 'dead' AND source = @source AND account = @account AND type = @type AND item_id = @item_id`);
  const remove = db.prepare<[number]>('DELETE FROM dead_letters WHERE id = ?');
  const removeUnreadable = db
    .prepare<[number], number>("DELETE FROM dead_letters WHERE id = ? AND kind <> 'task' RETURNING delivery_id")
    .pluck();
  const update = db.prepare<[string, string, number]>('UPDATE dead_letters SET code = ?, sentence = ? WHERE id = ?');
  const selectBody = db.prepare<[number], { client: string; body: Buffer; packed: number; sealed: number }>(
    'SELECT client, body, packed, sealed FROM deliveries WHERE id = ?',
  );

  const mine = ({ source, account }: AccountRef, withUnclaimed: boolean): Mine => [
    source,
    account,
    withUnclaimed ? 1 : 0,
  ];

  function replay(id: number, whose: Mine, now: number): ReplayAnswer {
    const row = selectOne.get(...whose, id);
    if (!row) return { kind: 'none' };
    if (row.kind === 'task') {
      revive.run({ ...keyOf(row), now });
      remove.run(id);
      return { kind: 'queued' };
    }
    const delivery = selectBody.get(row.delivery_id);
    const kept = row.kind === 'delivery' ? delivery : undefined;
    return {
      kind: 'read-again',
      letter: row.kind,
      source: row.source,
      client: delivery?.client ?? '',
      bytes: kept ? unpack(kept) : Buffer.from(row.evidence),
      sealed: kept?.sealed === 1,
      receivedAt: row.created_at,
    };
  }

  function dismiss(id: number, whose: Mine): boolean {
    const row = selectOne.get(...whose, id);
    if (!row) return false;
    if (row.kind === 'task') forget.run(keyOf(row));
    remove.run(id);
    return true;
  }

  return {
    deadLetters: async (ref, withUnclaimed) => select.all(...mine(ref, withUnclaimed)).map(letterOf),
    letterIds: async (ref, withUnclaimed) => selectIds.all(...mine(ref, withUnclaimed)),
    unclaimedLetters: async () => countUnclaimed.get() ?? 0,
    replay: (id, ref, withUnclaimed, now) => write(() => replay(id, mine(ref, withUnclaimed), now)),
    closeLetter: (id, notifications, rejections) =>
      write(() => {
        const deliveryId = removeUnreadable.get(id);
        // Two people may press at once: only the first one finds the letter.
        if (deliveryId === undefined) return;
        enqueue(notifications);
        keepUnreadable(rejections.map((rejection) => ({ kind: 'notification', deliveryId, bytes: 0, ...rejection })));
      }),
    keepLetter: (id, { code, sentence }) => write(() => void update.run(code, sentence, id)),
    dismiss: (id, ref, withUnclaimed) => write(() => dismiss(id, mine(ref, withUnclaimed))),
  };
}

const keyOf = ({ source, account, type, item_id }: LetterRow) => ({ source, account, type, item_id });

function letterOf({ delivery_id: _, created_at, ...letter }: LetterRow): DeadLetter {
  return { ...letter, created_at: new Date(created_at).toISOString() };
}

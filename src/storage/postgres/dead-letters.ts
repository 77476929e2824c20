import { type AccountRef, RIDERS } from '../../vocabulary.ts';
import type { DeadLetters, ReplayAnswer } from '../inbox.ts';
import { unpack } from '../packing.ts';
import type { DeadLetter } from '../sync.ts';
import { SAY_DUE } from './channels.ts';
import type { Database, Queries } from './database.ts';
import { enqueue } from './enqueue.ts';
import { keepUnreadable } from './unreadable.ts';

interface LetterRow extends Omit<DeadLetter, 'created_at'> {
  created_at: number;
  delivery_id: number;
}

/** An account's own letters; those of nobody, and those of sources where nobody signs in, are the owner's. */
const MINE = `((source = @source AND account = @account) OR ((account IS NULL OR source <> '${RIDERS}') AND @withUnclaimed))`;
interface Mine {
  source: string;
  account: string;
  withUnclaimed: boolean;
  [name: string]: unknown;
}

const OF_THE_LETTER = 'source = @source AND account = @account AND type = @type AND item_id = @item_id';

const SELECT = `SELECT * FROM dead_letters WHERE ${MINE} ORDER BY id DESC LIMIT 500`;
const SELECT_IDS = `SELECT id FROM dead_letters WHERE ${MINE} ORDER BY id DESC`;
const SELECT_ONE = `SELECT * FROM dead_letters WHERE ${MINE} AND id = @id FOR UPDATE`;
const COUNT_UNCLAIMED = `SELECT count(*) AS n FROM dead_letters WHERE account IS NULL OR source <> '${RIDERS}'`;
// It is the person who asks now. How long ago a webhook did is no measure of how fast Slipstream is.
const REVIVE = `
  UPDATE tasks SET state = 'pending', attempts = 0, due_at = @now, priority = 0, last_error = NULL, origin = 'person', action = 'replayed',
    notifications = 1, first_learnt_at = @now, last_learnt_at = @now, webhook_first = NULL, webhook_last = NULL
  WHERE state = 'dead' AND ${OF_THE_LETTER}`;
const FORGET = `DELETE FROM tasks WHERE state = 'dead' AND ${OF_THE_LETTER}`;
const REMOVE = 'DELETE FROM dead_letters WHERE id = @id';
const REMOVE_UNREADABLE = "DELETE FROM dead_letters WHERE id = @id AND kind <> 'task' RETURNING delivery_id";
const UPDATE = 'UPDATE dead_letters SET code = @code, sentence = @sentence WHERE id = @id';
const SELECT_BODY = 'SELECT client, body, packed, sealed FROM deliveries WHERE id = @id';

interface BodyRow {
  client: string;
  body: Buffer;
  packed: boolean;
  sealed: boolean;
}

export function createDeadLetters(db: Database): DeadLetters {
  const mine = ({ source, account }: AccountRef, withUnclaimed: boolean): Mine => ({ source, account, withUnclaimed });

  async function replay(queries: Queries, id: number, whose: Mine, now: number): Promise<ReplayAnswer> {
    const row = await queries.get<LetterRow>(SELECT_ONE, { ...whose, id });
    if (!row) return { kind: 'none' };
    if (row.kind === 'task') {
      await queries.run(REVIVE, { ...row, now: Math.floor(now) });
      await queries.run(REMOVE, { id });
      await queries.run(SAY_DUE);
      return { kind: 'queued' };
    }
    const delivery = await queries.get<BodyRow>(SELECT_BODY, { id: row.delivery_id });
    const kept = row.kind === 'delivery' ? delivery : undefined;
    return {
      kind: 'read-again',
      letter: row.kind,
      source: row.source,
      client: delivery?.client ?? '',
      bytes: kept ? unpack({ body: kept.body, packed: kept.packed ? 1 : 0 }) : Buffer.from(row.evidence),
      sealed: kept?.sealed === true,
      receivedAt: row.created_at,
    };
  }

  async function dismiss(queries: Queries, id: number, whose: Mine): Promise<boolean> {
    const row = await queries.get<LetterRow>(SELECT_ONE, { ...whose, id });
    if (!row) return false;
    if (row.kind === 'task') await queries.run(FORGET, { ...row });
    await queries.run(REMOVE, { id });
    return true;
  }

  return {
    deadLetters: async (ref, withUnclaimed) =>
      (await db.all<LetterRow>(SELECT, mine(ref, withUnclaimed))).map(letterOf),
    letterIds: async (ref, withUnclaimed) =>
      (await db.all<{ id: number }>(SELECT_IDS, mine(ref, withUnclaimed))).map(({ id }) => id),
    unclaimedLetters: async () => (await db.get<{ n: number }>(COUNT_UNCLAIMED))?.n ?? 0,
    replay: (id, ref, withUnclaimed, now) =>
      db.transaction((queries) => replay(queries, id, mine(ref, withUnclaimed), now)),
    closeLetter: (id, notifications, rejections) =>
      db.transaction(async (queries) => {
        const closed = await queries.get<{ delivery_id: number }>(REMOVE_UNREADABLE, { id });
        // Two people may press at once: only the first one finds the letter.
        if (!closed) return;
        await enqueue(queries, notifications);
        const { delivery_id: deliveryId } = closed;
        await keepUnreadable(
          queries,
          rejections.map((each) => ({ kind: 'notification', deliveryId, ...each })),
        );
      }),
    keepLetter: async (id, { code, sentence }) => void (await db.run(UPDATE, { id, code, sentence })),
    dismiss: (id, ref, withUnclaimed) => db.transaction((queries) => dismiss(queries, id, mine(ref, withUnclaimed))),
  };
}

function letterOf({ delivery_id: _, created_at, ...letter }: LetterRow): DeadLetter {
  return { ...letter, created_at: new Date(created_at).toISOString() };
}

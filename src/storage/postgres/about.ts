import type { About, KnownOfKey } from '../inbox.ts';
import type { Database } from './database.ts';
import { storableKey } from './keys.ts';

type Task = NonNullable<KnownOfKey['task']>;
type TaskRow = Omit<Task, 'webhook'> & { first: number | null; last: number | null };

const MOST_FINDINGS = 100;

const OF_THE_KEY = 'source = @source AND account = @account AND type = @type AND item_id = @id';
const SELECT_TASK = `
  SELECT state, origin, action, notifications, first_learnt_at AS "firstLearntAt", last_learnt_at AS "lastLearntAt",
    webhook_first AS first, webhook_last AS last, due_at AS "dueAt", claimed_at AS "claimedAt", attempts, last_error AS "lastError",
    state = 'active' AND generation > claimed_generation AS "owesOneMore"
  FROM tasks WHERE ${OF_THE_KEY}`;
const SELECT_LETTER = `SELECT code, sentence, created_at AS at FROM dead_letters WHERE kind = 'task' AND ${OF_THE_KEY}`;
const SELECT_FINDINGS = `
  SELECT action, happened_at AS "happenedAt", found_at AS "foundAt", announced FROM findings
  WHERE ${OF_THE_KEY} ORDER BY found_at DESC LIMIT ${MOST_FINDINGS}`;
const SELECT_QUEUE = `
  SELECT paused_until AS "pausedUntil", parked FROM queues WHERE source = @source AND account = @account`;

export function createAbout(db: Database): About {
  return {
    about: async (asked) => {
      const key = { ...storableKey(asked) };
      const [task, letter, findings, queue] = await Promise.all([
        db.get<TaskRow>(SELECT_TASK, key),
        db.get<{ code: string; sentence: string; at: number }>(SELECT_LETTER, key),
        db.all<KnownOfKey['findings'][number]>(SELECT_FINDINGS, key),
        db.get<{ pausedUntil: number; parked: string | null }>(SELECT_QUEUE, key),
      ]);
      return {
        task: taskOf(task),
        letter,
        findings,
        pausedUntil: queue?.pausedUntil ?? 0,
        parked: queue?.parked ?? null,
      };
    },
  };
}

function taskOf(row: TaskRow | undefined): KnownOfKey['task'] {
  if (!row) return undefined;
  const { first, last, ...task } = row;
  return {
    ...task,
    webhook: first === null || last === null ? null : { first, last },
    owesOneMore: task.owesOneMore === true,
  };
}

import type { Database } from 'better-sqlite3';
import type { About, KnownOfKey } from '../inbox.ts';

interface TaskRow {
  state: 'pending' | 'active' | 'dead';
  origin: string;
  action: string;
  notifications: number;
  firstLearntAt: number;
  lastLearntAt: number;
  first: number | null;
  last: number | null;
  dueAt: number;
  claimedAt: number | null;
  attempts: number;
  lastError: string | null;
  owesOneMore: number;
}

interface FindingRow {
  action: string;
  happenedAt: number;
  foundAt: number;
  announced: number | null;
}

const MOST_FINDINGS = 100;

/** Each is a seek in an index: it is read on the thread that acknowledges. */
export function createAbout(db: Database): About {
  const selectTask = db.prepare<unknown[], TaskRow>(`
    SELECT state, origin, action, notifications, first_learnt_at AS firstLearntAt, last_learnt_at AS lastLearntAt,
      webhook_first AS first, webhook_last AS last, due_at AS dueAt, claimed_at AS claimedAt, attempts, last_error AS lastError,
      state = 'active' AND generation > claimed_generation AS owesOneMore
    FROM tasks WHERE source = @source AND account = @account AND type = @type AND item_id = @id`);
  const selectLetter = db.prepare<unknown[], { code: string; sentence: string; at: number }>(`
    SELECT code, sentence, created_at AS at FROM dead_letters
    WHERE kind = 'task' AND source = @source AND account = @account AND type = @type AND item_id = @id`);
  const selectFindings = db.prepare<unknown[], FindingRow>(`
    SELECT action, happened_at AS happenedAt, found_at AS foundAt, announced FROM findings
    WHERE source = @source AND account = @account AND type = @type AND item_id = @id ORDER BY found_at DESC LIMIT ${MOST_FINDINGS}`);
  const selectQueue = db.prepare<unknown[], { pausedUntil: number; parked: string | null }>(
    'SELECT paused_until AS pausedUntil, parked FROM queues WHERE source = @source AND account = @account',
  );

  return {
    about: async (key) => {
      const { pausedUntil = 0, parked = null } = selectQueue.get(key) ?? {};
      return {
        task: taskOf(selectTask.get(key)),
        letter: selectLetter.get(key),
        findings: selectFindings
          .all(key)
          .map(({ announced, ...finding }) => ({ ...finding, announced: announced === null ? null : announced === 1 })),
        pausedUntil,
        parked,
      };
    },
  };
}

function taskOf(row: TaskRow | undefined): KnownOfKey['task'] {
  if (!row) return undefined;
  const { first, last, owesOneMore, ...task } = row;
  return { ...task, webhook: first === null || last === null ? null : { first, last }, owesOneMore: owesOneMore === 1 };
}

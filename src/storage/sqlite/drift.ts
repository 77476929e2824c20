import type { Database } from 'better-sqlite3';
import type { SourceName } from '../../vocabulary.ts';
import type { Drift, Finding } from '../inbox.ts';
import type { Write } from './group-commit.ts';

interface FindingRow {
  source: SourceName;
  account: string;
  type: string;
  item_id: string;
  action: string;
  happened_at: number;
  found_at: number;
}

const DAY_MS = 86_400_000;

export function createDrift(db: Database, write: Write): Drift {
  const selectOpen = db.prepare<[number, number], FindingRow>(`
    SELECT source, account, type, item_id, action, happened_at, found_at FROM findings
    WHERE announced IS NULL AND happened_at < ? ORDER BY happened_at LIMIT ?`);
  const selectAnnounced = db.prepare(`
    SELECT 1 FROM tasks WHERE source = @source AND account = @account AND type = @type AND item_id = @id
      AND webhook_last >= @from AND webhook_first <= @to`);
  const update = db.prepare(`
    UPDATE findings SET announced = @announced
    WHERE source = @source AND account = @account AND type = @type AND item_id = @id AND action = @action
      AND happened_at = @happenedAt`);
  const count = db.prepare<[number, string, string], { day: number | null; total: number }>(`
    SELECT sum(found_at > ?) AS day, count(*) AS total FROM findings WHERE announced = 0 AND source = ? AND account = ?`);

  function judge(verdicts: readonly { finding: Finding; announced: boolean }[]): void {
    for (const { finding, announced } of verdicts) {
      const { key, action, happenedAt } = finding;
      update.run({ ...key, action, happenedAt, announced: announced ? 1 : 0 });
    }
  }

  return {
    openFindings: async (before, limit) => selectOpen.all(before, limit).map(findingOf),
    announcedInQueue: async (key, from, to) => selectAnnounced.get({ ...key, from, to }) !== undefined,
    judge: (verdicts) => write(() => judge(verdicts)),
    drift: async (ref, now) => {
      const row = count.get(now - DAY_MS, ref.source, ref.account);
      return { day: row?.day ?? 0, total: row?.total ?? 0 };
    },
  };
}

function findingOf(row: FindingRow): Finding {
  const { source, account, type, item_id: id, action, happened_at: happenedAt, found_at: foundAt } = row;
  return { key: { source, account, type, id }, action, happenedAt, foundAt };
}

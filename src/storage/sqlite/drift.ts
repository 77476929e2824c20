import type { Database } from 'better-sqlite3';
import type { SourceName } from '../../vocabulary.ts';
import type { Drift, Finding, Share } from '../inbox.ts';
import type { Write } from './group-commit.ts';

interface FindingRow {
  source: SourceName;
  account: string;
  type: string;
  item_id: string;
  action: string;
  happened_at: number;
  found_at: number;
  known: number | null;
}

const DAY_MS = 86_400_000;

export function createDrift(db: Database, write: Write): Drift {
  const selectOpen = db.prepare<[number, number], FindingRow>(`
    SELECT source, account, type, item_id, action, happened_at, found_at, known FROM findings
    WHERE announced IS NULL AND happened_at < ? ORDER BY happened_at LIMIT ?`);
  const selectAnnounced = db.prepare(`
    SELECT 1 FROM tasks WHERE source = @source AND account = @account AND type = @type AND item_id = @id
      AND webhook_last >= @from AND webhook_first <= @to`);
  const update = db.prepare(`
    UPDATE findings SET announced = @announced
    WHERE source = @source AND account = @account AND type = @type AND item_id = @id AND action = @action
      AND happened_at = @happenedAt`);
  const count = db.prepare<[number, string, string], { day: number | null; total: number }>(`
    SELECT sum(found_at > ?) AS day, count(*) AS total FROM findings
    WHERE announced = 0 AND known IS NOT 1 AND source = ? AND account = ?`);
  const share = db.prepare<[string, string, number, number], Share>(`
    SELECT count(*) AS changes, coalesce(sum(announced), 0) AS announced FROM findings
    WHERE source = ? AND account = ? AND found_at > ? AND happened_at > ? AND announced IS NOT NULL AND known IS NOT NULL`);
  const byDay = db.prepare<[string, string, number, number], Share & { day: string }>(`
    SELECT date(happened_at / 1000, 'unixepoch') AS day, count(*) AS changes, sum(announced) AS announced FROM findings
    WHERE source = ? AND account = ? AND found_at > ? AND happened_at > ? AND announced IS NOT NULL AND known IS NOT NULL
    GROUP BY day ORDER BY day`);
  const selectUnheard = db.prepare<
    [string, string, number, number, number],
    { changes: number; first: number | null; last: number | null }
  >(`
    SELECT count(*) AS changes, min(happened_at) AS first, max(happened_at) AS last FROM findings
    WHERE source = ? AND account = ? AND found_at > ? AND happened_at > ? AND announced = 0 AND found_at - happened_at < ?`);
  const selectOfRun = db.prepare<[string, string, number, number], { unannounced: number; open: number }>(`
    SELECT coalesce(sum(announced = 0), 0) AS unannounced, coalesce(sum(announced IS NULL), 0) AS open FROM findings
    WHERE source = ? AND account = ? AND found_at BETWEEN ? AND ? AND known IS NOT 1`);
  const prune = db.prepare<[number, number]>(`
    DELETE FROM findings WHERE (source, account, type, item_id, action, happened_at) IN
      (SELECT source, account, type, item_id, action, happened_at FROM findings
       WHERE found_at < ? AND announced = 1 LIMIT ?)`);

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
    announcedSince: async ({ source, account }, since) =>
      share.get(source, account, since, since) ?? { changes: 0, announced: 0 },
    announcedByDay: async ({ source, account }, since) => byDay.all(source, account, since, since),
    unheard: async ({ source, account }, since, withinMs) => {
      const { changes, first, last } = selectUnheard.get(source, account, since, since, withinMs) ?? NOTHING;
      return first === null || last === null ? null : { changes, first, last };
    },
    findingsOf: async ({ source, account }, from, to) =>
      selectOfRun.get(source, account, from, to) ?? { unannounced: 0, open: 0 },
    pruneFindings: (before, limit) => write(() => prune.run(before, limit).changes),
  };
}

const NOTHING = { changes: 0, first: null, last: null };

function findingOf(row: FindingRow): Finding {
  const { source, account, type, item_id: id, action, happened_at: happenedAt, found_at: foundAt } = row;
  return { key: { source, account, type, id }, action, happenedAt, foundAt, known: row.known === 1 };
}

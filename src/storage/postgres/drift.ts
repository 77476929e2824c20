import type { SourceName } from '../../vocabulary.ts';
import type { Drift, Finding, Share } from '../inbox.ts';
import type { Database } from './database.ts';
import { columnsOf } from './enqueue.ts';
import { storableKey } from './keys.ts';

interface FindingRow {
  source: SourceName;
  account: string;
  type: string;
  item_id: string;
  action: string;
  happened_at: number;
  found_at: number;
  known: boolean | null;
}

const DAY_MS = 86_400_000;

const SELECT_OPEN = `
  SELECT source, account, type, item_id, action, happened_at, found_at, known FROM findings
  WHERE announced IS NULL AND happened_at < @before ORDER BY happened_at LIMIT @limit`;
const SELECT_ANNOUNCED = `
  SELECT 1 FROM tasks WHERE source = @source AND account = @account AND type = @type AND item_id = @id
    AND webhook_last >= @from AND webhook_first <= @to`;
const JUDGE = `
  UPDATE findings f SET announced = n.announced
  FROM unnest(@source::text[], @account::text[], @type::text[], @id::text[], @action::text[], @happenedAt::bigint[], @announced::boolean[])
    AS n (source, account, type, item_id, action, happened_at, announced)
  WHERE f.source = n.source AND f.account = n.account AND f.type = n.type AND f.item_id = n.item_id AND f.action = n.action
    AND f.happened_at = n.happened_at`;
const COUNT = `
  SELECT count(*) FILTER (WHERE found_at > @since) AS day, count(*) AS total FROM findings
  WHERE NOT announced AND known IS NOT TRUE AND source = @source AND account = @account`;
const SHARED = `
  FROM findings WHERE source = @source AND account = @account AND found_at > @since AND happened_at > @since
    AND announced IS NOT NULL AND known IS NOT NULL`;
const SHARE = `SELECT count(*) AS changes, count(*) FILTER (WHERE announced) AS announced ${SHARED}`;
const BY_DAY = `
  SELECT to_char(to_timestamp(happened_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS changes,
    count(*) FILTER (WHERE announced) AS announced ${SHARED} GROUP BY 1 ORDER BY 1`;
const SELECT_UNHEARD = `
  SELECT count(*) AS changes, min(happened_at) AS first, max(happened_at) AS last FROM findings
  WHERE source = @source AND account = @account AND found_at > @since AND happened_at > @since AND NOT announced
    AND found_at - happened_at < @withinMs`;
const SELECT_OF_RUN = `
  SELECT count(*) FILTER (WHERE NOT announced) AS unannounced, count(*) FILTER (WHERE announced IS NULL) AS open FROM findings
  WHERE source = @source AND account = @account AND found_at BETWEEN @from AND @to AND known IS NOT TRUE`;
const PRUNE = `
  DELETE FROM findings WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM findings WHERE found_at < @before AND announced LIMIT @limit FOR UPDATE SKIP LOCKED))`;

export function createDrift(db: Database): Drift {
  return {
    openFindings: async (before, limit) => (await db.all<FindingRow>(SELECT_OPEN, { before, limit })).map(findingOf),
    announcedInQueue: async (key, from, to) =>
      (await db.get(SELECT_ANNOUNCED, { ...storableKey(key), from, to })) !== undefined,
    async judge(verdicts) {
      if (verdicts.length === 0) return;
      const rows = verdicts.map(({ finding: { key, action, happenedAt }, announced }) => ({
        ...storableKey(key),
        action,
        happenedAt,
        announced,
      }));
      await db.transaction((queries) => queries.run(JUDGE, columnsOf(rows)));
    },
    drift: async ({ source, account }, now) =>
      (await db.get<{ day: number; total: number }>(COUNT, { source, account, since: now - DAY_MS })) ?? {
        day: 0,
        total: 0,
      },
    announcedSince: async ({ source, account }, since) =>
      (await db.get<Share>(SHARE, { source, account, since })) ?? { changes: 0, announced: 0 },
    announcedByDay: ({ source, account }, since) => db.all<Share & { day: string }>(BY_DAY, { source, account, since }),
    unheard: async ({ source, account }, since, withinMs) => {
      const values = { source, account, since, withinMs };
      const row = await db.get<{ changes: number; first: number | null; last: number | null }>(SELECT_UNHEARD, values);
      const { changes, first, last } = row ?? NOTHING;
      return first === null || last === null ? null : { changes, first, last };
    },
    findingsOf: async ({ source, account }, from, to) =>
      (await db.get<{ unannounced: number; open: number }>(SELECT_OF_RUN, { source, account, from, to })) ?? {
        unannounced: 0,
        open: 0,
      },
    pruneFindings: (before, limit) => db.run(PRUNE, { before, limit }),
  };
}

const NOTHING = { changes: 0, first: null, last: null };

function findingOf(row: FindingRow): Finding {
  const { source, account, type, item_id: id, action, happened_at: happenedAt, found_at: foundAt } = row;
  return { key: { source, account, type, id }, action, happenedAt, foundAt, known: row.known === true };
}

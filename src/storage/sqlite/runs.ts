import type { Database } from 'better-sqlite3';
import type { AccountRef } from '../../vocabulary.ts';
import type { NewRun, Run, RunItem, RunKind, RunReader, RunWriter, StartedBy } from '../runs.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 90 * DAY_MS;

interface RunRow {
  id: number;
  kind: RunKind;
  started_by: StartedBy;
  began_at: number;
  ended_at: number;
  times: number;
  found: number;
  compared: number | null;
  missing_here: number | null;
  missing_there: number | null;
  older_here: number | null;
  pins_differ: number | null;
  items: string;
  failed: string | null;
}

export function createRunReader(db: Database): RunReader {
  const select = db.prepare<[number, number, number], RunRow>(
    'SELECT * FROM runs WHERE account_id = ? ORDER BY ended_at DESC, id DESC LIMIT ? OFFSET ?',
  );
  const count = db.prepare<[number], number>('SELECT count(*) FROM runs WHERE account_id = ?').pluck();
  const title = db
    .prepare<[number, string, string], string>(
      'SELECT title FROM items WHERE account_id = ? AND type = ? AND item_id = ? AND body_id IS NOT NULL',
    )
    .pluck();

  return {
    list: async (accountId, page, pageSize) => {
      const named = (item: RunItem) => ({ ...item, name: title.get(accountId, item.type, item.id) ?? null });
      const rows = select.all(accountId, pageSize, (page - 1) * pageSize);
      return {
        items: rows.map((row) => runOf(row, named)),
        meta: { total: count.get(accountId) ?? 0, page, page_size: pageSize },
      };
    },
  };
}

export function createRunWriter(db: Database): RunWriter {
  const account = db
    .prepare<[string, string], number>('SELECT id FROM accounts WHERE source = ? AND user_id = ?')
    .pluck();
  const latest = db.prepare<[number, string], RunRow>(
    'SELECT * FROM runs WHERE account_id = ? AND kind = ? ORDER BY ended_at DESC, id DESC LIMIT 1',
  );
  const again = db.prepare<[string, number, number]>(
    'UPDATE runs SET times = times + 1, started_by = ?, ended_at = max(ended_at, ?) WHERE id = ?',
  );
  const insert = db.prepare(`
    INSERT INTO runs (account_id, kind, started_by, began_at, ended_at, found, compared, missing_here, missing_there, older_here,
                      pins_differ, items, failed)
    VALUES (@accountId, @kind, @startedBy, @beganAt, @endedAt, @found, @compared, @missing_here, @missing_there, @older_here,
            @pins_differ, @items, @failed)`);
  const prune = db.prepare<[number, number]>('DELETE FROM runs WHERE account_id = ? AND ended_at < ?');

  function note({ source, account: user }: AccountRef, run: NewRun): void {
    const accountId = account.get(source, user);
    if (accountId === undefined) return;
    const before = latest.get(accountId, run.kind);
    if (before && isSameStory(before, run)) again.run(run.startedBy, run.endedAt, before.id);
    else insert.run({ accountId, ...columnsOf(run) });
    prune.run(accountId, run.endedAt - KEPT_MS);
  }

  const transaction = db.transaction(note);
  return { note: async (ref, run) => transaction.immediate(ref, run) };
}

/** Ninety-six checks a day that missed nothing are one line. An audit is a line each time: it is what people look for. */
function isSameStory(before: RunRow, run: NewRun): boolean {
  if (Math.floor(before.began_at / DAY_MS) !== Math.floor(run.beganAt / DAY_MS)) return false;
  if (run.failed !== undefined) return before.failed === run.failed;
  return run.kind === 'reconciliation' && run.found === 0 && before.found === 0 && before.failed === null;
}

const columnsOf = ({ differences, items, compared, failed, ...same }: NewRun) => ({
  ...same,
  compared: compared ?? null,
  failed: failed ?? null,
  missing_here: differences?.missing_here ?? null,
  missing_there: differences?.missing_there ?? null,
  older_here: differences?.older_here ?? null,
  pins_differ: differences ? Number(differences.pins_differ) : null,
  items: JSON.stringify(items),
});

function runOf(row: RunRow, named: (item: RunItem) => Run['items'][number]): Run {
  const { missing_here, missing_there, older_here, pins_differ, began_at, ended_at, items } = row;
  const stored: RunItem[] = JSON.parse(items);
  return {
    id: row.id,
    kind: row.kind,
    started_by: row.started_by,
    began_at: new Date(began_at).toISOString(),
    ended_at: new Date(ended_at).toISOString(),
    times: row.times,
    found: row.found,
    compared: row.compared,
    differences:
      missing_here === null || missing_there === null || older_here === null
        ? null
        : { missing_here, missing_there, older_here, pins_differ: pins_differ === 1 },
    items: stored.map(named),
    failed: row.failed,
  };
}

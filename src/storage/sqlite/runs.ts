import type { Database } from 'better-sqlite3';
import type { AccountRef } from '../../vocabulary.ts';
import { columnsOf, isSameStory, KEPT_MS, type RunRow, runOf } from '../run-rows.ts';
import type { NewRun, RunItem, RunReader, RunWriter } from '../runs.ts';

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
      const nameOf = ({ type, id }: RunItem) => title.get(accountId, type, id) ?? null;
      const rows = select.all(accountId, pageSize, (page - 1) * pageSize);
      return {
        items: rows.map((row) => runOf(row, nameOf)),
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
    else
      insert.run({
        accountId,
        ...columnsOf(run),
        pins_differ: run.differences ? Number(run.differences.pins_differ) : null,
      });
    prune.run(accountId, run.endedAt - KEPT_MS);
  }

  const transaction = db.transaction(note);
  return { note: async (ref, run) => transaction.immediate(ref, run) };
}

import { columnsOf, isSameStory, itemsIn, KEPT_MS, type RunRow, runOf } from '../run-rows.ts';
import type { RunReader, RunWriter } from '../runs.ts';
import type { Database, Queries } from './database.ts';

export function createRunReader(db: Queries): RunReader {
  /** Of all of them at once: a run may have found fifty. */
  async function namesOf(accountId: number, rows: readonly RunRow[]): Promise<Map<string, string>> {
    const items = rows.flatMap(itemsIn);
    const named = await db.all<{ type: string; id: string; title: string }>(
      `SELECT items.type, item_id AS id, title FROM unnest(@types::text[], @ids::text[]) AS asked (type, id)
        JOIN items ON account_id = @accountId AND items.type = asked.type AND item_id = asked.id AND body_id IS NOT NULL`,
      { accountId, types: items.map(({ type }) => type), ids: items.map(({ id }) => id) },
    );
    return new Map(named.map(({ type, id, title }) => [`${type} ${id}`, title]));
  }

  return {
    async list(accountId, page, pageSize) {
      const rows = await db.all<RunRow>(
        `SELECT * FROM runs WHERE account_id = @accountId ORDER BY ended_at DESC, id DESC LIMIT @pageSize OFFSET @offset`,
        { accountId, pageSize, offset: (page - 1) * pageSize },
      );
      const count = await db.get<{ total: number }>(
        'SELECT count(*) AS total FROM runs WHERE account_id = @accountId',
        {
          accountId,
        },
      );
      const names = await namesOf(accountId, rows);
      return {
        items: rows.map((row) => runOf(row, ({ type, id }) => names.get(`${type} ${id}`) ?? null)),
        meta: { total: count?.total ?? 0, page, page_size: pageSize },
      };
    },
  };
}

export function createRunWriter(db: Database): RunWriter {
  return {
    note: (ref, run) =>
      db.transaction(async (queries) => {
        // Two that end at the same moment: the second one sees what the first one said.
        const account = await queries.get<{ id: number }>(
          'SELECT id FROM accounts WHERE source = @source AND user_id = @account FOR NO KEY UPDATE',
          { ...ref },
        );
        if (!account) return;
        const accountId = account.id;
        const before = await queries.get<RunRow>(
          `SELECT * FROM runs WHERE account_id = @accountId AND kind = @kind ORDER BY ended_at DESC, id DESC LIMIT 1`,
          { accountId, kind: run.kind },
        );
        if (before && isSameStory(before, run)) {
          await queries.run(
            `UPDATE runs SET times = times + 1, started_by = @startedBy, ended_at = greatest(ended_at, @endedAt) WHERE id = @id`,
            { startedBy: run.startedBy, endedAt: run.endedAt, id: before.id },
          );
        } else {
          await queries.run(
            `INSERT INTO runs (account_id, kind, started_by, began_at, ended_at, found, compared, missing_here,
              missing_there, older_here, pins_differ, items, failed)
            VALUES (@accountId, @kind, @startedBy, @beganAt, @endedAt, @found, @compared, @missing_here,
              @missing_there, @older_here, @pins_differ, @items, @failed)`,
            { accountId, ...columnsOf(run) },
          );
        }
        await queries.run('DELETE FROM runs WHERE account_id = @accountId AND ended_at < @before', {
          accountId,
          before: run.endedAt - KEPT_MS,
        });
      }),
  };
}

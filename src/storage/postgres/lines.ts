import type { Box, ItemName, Lines, Outline } from '../lines.ts';
import type { Queries } from './database.ts';
import { conditionOf } from './library-filter.ts';

/** So many bits of a position in the world are the same in one strip of it: there are 64. */
const STRIP_BITS = 20;

export function createLines(db: Queries): Lines {
  return {
    async version(accountId) {
      const row = await db.get<{ shown_version: number }>('SELECT shown_version FROM accounts WHERE id = @accountId', {
        accountId,
      });
      return row?.shown_version ?? 0;
    },
    async shown(accountId, filter) {
      const { sql, values } = conditionOf(accountId, filter);
      const rows = await db.all<ItemName & { item: number }>(
        `SELECT items.id AS item, items.type, item_id AS id FROM (SELECT item FROM listed WHERE ${sql}) AS shown JOIN items ON items.id = item`,
        values,
      );
      return new Map(rows.map(({ item, type, id }) => [item, { type, id }]));
    },
    async inCell(accountId, step, cell) {
      const rows = await db.all<{ item: number; line: Buffer }>(
        'SELECT item, line FROM lines WHERE account_id = @accountId AND step = @step AND cell = @cell ORDER BY item',
        { accountId, step, cell },
      );
      return rows.map(({ item, line }): [number, Uint8Array] => [item, line]);
    },
    async boxes(accountId, filter) {
      const { sql, values } = conditionOf(accountId, filter);
      const strips = await db.all<Box & { tracks: number }>(
        `SELECT count(*) AS tracks, min(west) AS west, max(south) AS south, max(east) AS east, min(north) AS north
        FROM (SELECT item FROM listed WHERE ${sql}) AS shown JOIN outlines ON outlines.item = shown.item
        GROUP BY west >> ${STRIP_BITS} ORDER BY west >> ${STRIP_BITS}`,
        values,
      );
      return {
        tracks: strips.reduce((sum, { tracks }) => sum + tracks, 0),
        boxes: strips.map(({ tracks: _, ...box }) => box),
      };
    },
    places: (accountId, items) =>
      db.all<ItemName & Box>(
        `SELECT items.type, item_id AS id, west, south, east, north
        FROM unnest(@types::text[], @ids::text[]) WITH ORDINALITY AS wanted (type, id, place)
        JOIN items ON account_id = @accountId AND items.type = wanted.type AND item_id = wanted.id
        JOIN outlines ON outlines.item = items.id ORDER BY place`,
        { accountId, types: items.map(({ type }) => type), ids: items.map(({ id }) => id) },
      ),
  };
}

/** Within the transaction of whoever writes the ride. */
export function createOutlineWriter(db: Queries): (item: number, outline: Outline | null) => Promise<void> {
  return async (item, outline) => {
    await db.run('DELETE FROM outlines WHERE item = @item', { item });
    await db.run('DELETE FROM lines WHERE item = @item', { item });
    if (!outline) return;
    const { west, south, east, north, cells } = outline;
    await db.run(
      'INSERT INTO outlines (item, west, south, east, north) VALUES (@item, @west, @south, @east, @north)',
      { item, west, south, east, north },
    );
    await db.run(
      `INSERT INTO lines (account_id, step, cell, item, line)
      SELECT account_id, step, cell, items.id, line
      FROM items, unnest(@steps::bigint[], @cells::bigint[], @lines::bytea[]) AS drawn (step, cell, line) WHERE items.id = @item`,
      {
        item,
        steps: cells.map(({ step }) => step),
        cells: cells.map(({ cell }) => cell),
        lines: cells.map(({ line }) => line),
      },
    );
  };
}

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
        `SELECT item, items.type, item_id AS id
        FROM (SELECT item FROM listed WHERE ${sql}) AS shown JOIN items ON items.account_id = @accountId AND items.id = item`,
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

/** What is not drawn any more goes, and the rest is drawn anew. */
const REDRAW = `
  WITH drawn AS (SELECT * FROM unnest(@steps::integer[], @cells::bigint[], @lines::bytea[]) AS each (step, cell, line)),
  erased AS (DELETE FROM lines WHERE item = @item
    AND NOT EXISTS (SELECT 1 FROM drawn WHERE drawn.step = lines.step AND drawn.cell = lines.cell)),
  nowhere AS (DELETE FROM outlines WHERE item = @item AND NOT @isSomewhere::boolean),
  somewhere AS (INSERT INTO outlines (item, west, south, east, north)
    SELECT @item::bigint, @west::integer, @south::integer, @east::integer, @north::integer WHERE @isSomewhere::boolean
    ON CONFLICT (item) DO UPDATE SET west = excluded.west, south = excluded.south, east = excluded.east, north = excluded.north)
  INSERT INTO lines (account_id, step, cell, item, line)
  SELECT account_id, step, cell, items.id, line FROM items, drawn WHERE items.id = @item
  ON CONFLICT (account_id, step, cell, item) DO UPDATE SET line = excluded.line`;

/** Within the transaction of whoever writes the ride. */
export function createOutlineWriter(db: Queries): (item: number, outline: Outline | null) => Promise<void> {
  return async (item, outline) => {
    const { west, south, east, north, cells = [] } = outline ?? {};
    await db.run(REDRAW, {
      ...{ item, west, south, east, north, isSomewhere: outline !== null },
      steps: cells.map(({ step }) => step),
      cells: cells.map(({ cell }) => cell),
      lines: cells.map(({ line }) => line),
    });
  };
}

import type { Database } from 'better-sqlite3';
import type { Box, ItemName, Lines, Outline } from '../lines.ts';
import { conditionOf } from './library-filter.ts';

/** So many bits of a position in the world are the same in one strip of it: there are 64. */
const STRIP_BITS = 20;

export function createLines(db: Database): Lines {
  const selectVersion = db.prepare<[number], number>('SELECT shown_version FROM accounts WHERE id = ?').pluck();
  const selectCell = db
    .prepare<[number, number, number], [number, Buffer]>(
      'SELECT item, line FROM lines WHERE account_id = ? AND step = ? AND cell = ?',
    )
    .raw();
  const selectPlaces = db.prepare<[string, number], ItemName & Box>(`
    SELECT items.type, item_id AS id, west, south, east, north
    FROM json_each(?) AS wanted CROSS JOIN items
      ON account_id = ? AND items.type = wanted.value ->> 'type' AND item_id = wanted.value ->> 'id'
    CROSS JOIN outlines ON outlines.item = items.id`);

  return {
    version: async (accountId) => selectVersion.get(accountId) ?? 0,
    async shown(accountId, filter) {
      const { sql, values } = conditionOf(accountId, filter);
      const rows = db
        .prepare<unknown[], [number, ItemName['type'], string]>(
          `SELECT id, type, item_id FROM items WHERE id IN (SELECT item FROM listed WHERE ${sql})`,
        )
        .raw()
        .all(values);
      return new Map(rows.map(([item, type, id]) => [item, { type, id }]));
    },
    inCell: async (accountId, step, cell) => selectCell.all(accountId, step, cell),
    async boxes(accountId, filter) {
      const { sql, values } = conditionOf(accountId, filter);
      const strips = db
        .prepare<unknown[], Box & { tracks: number }>(`
          SELECT count(*) AS tracks, min(west) AS west, max(south) AS south, max(east) AS east, min(north) AS north
          FROM outlines WHERE item IN (SELECT item FROM listed WHERE ${sql}) GROUP BY west >> ${STRIP_BITS}`)
        .all(values);
      return {
        tracks: strips.reduce((sum, { tracks }) => sum + tracks, 0),
        boxes: strips.map(({ tracks: _, ...box }) => box),
      };
    },
    places: async (accountId, items) => selectPlaces.all(JSON.stringify(items), accountId),
  };
}

/** Within the transaction of whoever writes the ride. */
export function createOutlineWriter(db: Database): (item: number, outline: Outline | null) => void {
  const forget = ['outlines', 'lines'].map((table) => db.prepare<[number]>(`DELETE FROM ${table} WHERE item = ?`));
  const insertOutline = db.prepare<[number, number, number, number, number]>(
    'INSERT INTO outlines VALUES (?, ?, ?, ?, ?)',
  );
  const insertLine = db.prepare<[number, number, Uint8Array, number]>(
    'INSERT INTO lines SELECT account_id, ?, ?, id, ? FROM items WHERE id = ?',
  );
  return (item, outline) => {
    for (const each of forget) each.run(item);
    if (!outline) return;
    insertOutline.run(item, outline.west, outline.south, outline.east, outline.north);
    for (const { step, cell, line } of outline.cells) insertLine.run(step, cell, line, item);
  };
}

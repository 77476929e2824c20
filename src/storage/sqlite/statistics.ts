import type { Database } from 'better-sqlite3';
import type { Ridden, RiddenKind, RiddenName, RiddenReader } from '../statistics.ts';
import { conditionOf } from './library-filter.ts';

/**
 * One pass over the narrow rows, which are summed up outside: days, bikes and records each by a statement of their own would be
 * three passes and more.
 */
export function createRiddenReader(db: Database): RiddenReader {
  const selectKinds = db.prepare<[number], RiddenKind & { id: number }>(`
    SELECT id, activity_type AS activity, gear_id AS gear, gear_name AS gearName FROM kinds WHERE account_id = ?`);
  const selectNames = db.prepare<[number, string], RiddenName>(`
    SELECT id AS ride, item_id AS id, title AS name FROM items
    WHERE account_id = ? AND id IN (SELECT value FROM json_each(?))`);
  const read = db.transaction((accountId: number, sql: string, values: object) => ({
    rides: db
      .prepare<unknown[], Ridden>(`
        SELECT shown.item AS ride, at, shown.distance, climbing, time, calories, highest, kind
        FROM (SELECT item, happened_at AS at, distance, climbing, time, kind FROM listed WHERE ${sql}) AS shown
          CROSS JOIN rides INDEXED BY rides_burnt ON rides.item = shown.item
        ORDER BY at DESC, ride DESC`)
      .all(values),
    kinds: new Map(selectKinds.all(accountId).map(({ id, ...kind }) => [id, kind])),
  }));

  return {
    async ridden(accountId, filter) {
      const { sql, values } = conditionOf(accountId, filter);
      return read(accountId, sql, values);
    },
    async names(accountId, rides) {
      return selectNames.all(accountId, JSON.stringify(rides));
    },
  };
}

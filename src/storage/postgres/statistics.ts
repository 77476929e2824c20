import type { Ridden, RiddenKind, RiddenName, RiddenReader } from '../statistics.ts';
import type { Database } from './database.ts';
import { atOneInstant } from './instant.ts';
import { conditionOf } from './library-filter.ts';

/** One pass over the narrow rows, as in SQLite: what is summed up, and how, is the same for both. */
export function createRiddenReader(db: Database): RiddenReader {
  return {
    ridden: (accountId, filter) =>
      atOneInstant(db, async (queries) => {
        const { sql, values } = conditionOf(accountId, filter);
        const rides = await queries.all<Ridden>(
          `SELECT shown.item AS ride, at, shown.distance, climbing, time, calories, highest, kind
          FROM (SELECT item, happened_at AS at, distance, climbing, time, kind FROM listed WHERE ${sql}) AS shown
            JOIN rides ON rides.item = shown.item
          ORDER BY at DESC, ride DESC`,
          values,
        );
        const kinds = await queries.all<RiddenKind & { id: number }>(
          `SELECT id, activity_type AS activity, gear_id AS gear, gear_name AS "gearName" FROM kinds WHERE account_id = @accountId`,
          { accountId },
        );
        return { rides, kinds: new Map(kinds.map(({ id, ...kind }) => [id, kind])) };
      }),
    names: (accountId, rides) =>
      db.all<RiddenName>(
        'SELECT id AS ride, item_id AS id, title AS name FROM items WHERE account_id = @accountId AND id = ANY(@rides) ORDER BY id',
        { accountId, rides },
      ),
  };
}

import type { HeldItem, Items, Losses } from '../items.ts';
import type { Database, Queries } from './database.ts';
import { holdAccount, lockSeveral } from './locking.ts';

type Held = Pick<
  Items,
  'lossesSince' | 'held' | 'countHeld' | 'kept' | 'confirmHeld' | 'confirmKept' | 'keepHeld' | 'unannouncedSince'
>;

type Since = 'held_at' | 'kept_at';

/** An answer of the owner: to what was held or kept at `through` or before. */
interface About {
  accountId: number;
  through: number;
  now: number;
}

/** What is gone at the provider and was announced by nobody. */
export function createHeld(db: Database): Held {
  const list = (column: Since, accountId: number) =>
    db.all<HeldItem>(
      `SELECT type, item_id AS id, title AS name, distance, happened_at AS "happenedAt", ${column} AS at
      FROM items LEFT JOIN rides ON rides.item = items.id WHERE account_id = @accountId AND ${column} IS NOT NULL
      ORDER BY happened_at DESC, items.id`,
      { accountId },
    );

  return {
    lossesSince: (accountId, since) => lossesSince(db, accountId, since),
    held: (accountId) => list('held_at', accountId),
    async countHeld(accountId) {
      const row = await db.get<{ held: number }>(
        'SELECT count(*) AS held FROM items WHERE account_id = @accountId AND held_at IS NOT NULL',
        { accountId },
      );
      return row?.held ?? 0;
    },
    kept: (accountId) => list('kept_at', accountId),
    confirmHeld: (accountId, through, now) => confirm(db, 'held_at', { accountId, through, now }),
    confirmKept: (accountId, through, now) => confirm(db, 'kept_at', { accountId, through, now }),
    keepHeld: (accountId, through, now) => keep(db, { accountId, through, now }),
    unannouncedSince: (accountId, since) =>
      db.all<{ type: string; id: string }>(
        `SELECT type, item_id AS id FROM items
        WHERE account_id = @accountId AND deleted_at > @since AND NOT deletion_announced`,
        { accountId, since },
      ),
  };
}

/** In the transaction that decides on one more, after `lockAccount`. Each count has its index. */
export async function lossesSince(queries: Queries, accountId: number, since: number): Promise<Losses> {
  const row = await queries.get<{ deleted: number; held: number; active: number }>(
    `SELECT (SELECT count(*) FROM items WHERE account_id = @accountId AND deleted_at > @since AND NOT deletion_announced) AS deleted,
            (SELECT count(*) FROM items WHERE account_id = @accountId AND held_at IS NOT NULL) AS held,
            (SELECT count(*) FROM items WHERE account_id = @accountId AND state = 'active' AND owned) AS active`,
    { accountId, since },
  );
  const { deleted, held, active } = row ?? { deleted: 0, held: 0, active: 0 };
  return { deleted, held, owned: active - held };
}

/** Whoever owns it has announced it now: it does not count for the brake. */
const confirm = (db: Database, column: Since, { now, ...about }: About): Promise<number> =>
  answered(db, column, about, async (queries, items) => {
    await record(queries, items, { now, action: 'confirmed', outcome: 'tombstoned' });
    return queries.run(
      `UPDATE items SET deleted_at = @now, deletion_announced = true, held_at = NULL, kept_at = NULL, missing_at = NULL,
        pinned = false WHERE id = ANY(@items::bigint[])`,
      { now, items },
    );
  });

const keep = (db: Database, { now, ...about }: About): Promise<{ type: string; id: string }[]> =>
  answered(db, 'held_at', about, async (queries, items) => {
    await record(queries, items, { now, action: 'refused', outcome: 'kept' });
    return queries.all(
      `UPDATE items SET kept_at = @now, held_at = NULL, missing_at = NULL WHERE id = ANY(@items::bigint[])
      RETURNING type, item_id AS id`,
      { now, items },
    );
  });

/** A worker that was about to find one of them again has done so before it is decided what the answer is about. */
function answered<T>(
  db: Database,
  column: Since,
  { accountId, through }: Omit<About, 'now'>,
  work: (queries: Queries, items: number[]) => Promise<T>,
): Promise<T> {
  return db.transaction(async (queries) => {
    await lockSeveral(queries, accountId);
    await holdAccount(queries, accountId);
    const rows = await queries.all<{ id: number }>(
      `SELECT id FROM items WHERE account_id = @accountId AND ${column} <= @through ORDER BY id FOR NO KEY UPDATE`,
      { accountId, through },
    );
    return work(
      queries,
      rows.map(({ id }) => id),
    );
  });
}

/** No fetch, but what became of the item: its history must not leave it out. */
async function record(
  queries: Queries,
  items: number[],
  said: { now: number; action: string; outcome: string },
): Promise<void> {
  await queries.run(
    `INSERT INTO fetches (account_id, type, item_id, seq, origin, action, notifications, first_learnt_at, claimed_at, finished_at, outcome)
    SELECT account_id, type, item_id, seq, 'person', @action, 1, @now, @now, @now, @outcome FROM items
    WHERE id = ANY(@items::bigint[]) ORDER BY id`,
    { ...said, items },
  );
}

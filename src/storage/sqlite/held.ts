import type { Database } from 'better-sqlite3';
import type { HeldItem, Items, Losses } from '../items.ts';

type Held = Pick<
  Items,
  'lossesSince' | 'held' | 'countHeld' | 'kept' | 'confirmHeld' | 'confirmKept' | 'keepHeld' | 'unannouncedSince'
>;

/** An answer of the owner: to what was held or kept at `through` or before. */
interface About {
  accountId: number;
  through: number;
  now: number;
}

/** What is gone at the provider and was announced by nobody. The verbs that write are for a worker's connection. */
export function createHeld(db: Database): Held {
  const lossesSince = createLossesSince(db);
  const list = (column: 'held_at' | 'kept_at') =>
    db.prepare<[number], HeldItem>(`
      SELECT type, item_id AS id, title AS name, distance, happened_at AS happenedAt, ${column} AS at
      FROM items LEFT JOIN rides ON rides.item = items.id WHERE account_id = ? AND ${column} IS NOT NULL
      ORDER BY happened_at DESC, items.id`);
  const selectHeld = list('held_at');
  const selectKept = list('kept_at');
  // Whoever owns it has announced it now: it does not count for the brake.
  const bury = (column: 'held_at' | 'kept_at') =>
    db.prepare<[number, number, number]>(`
      UPDATE items SET deleted_at = ?, deletion_announced = 1, held_at = NULL, kept_at = NULL, missing_at = NULL, pinned = 0
      WHERE account_id = ? AND ${column} <= ?`);
  const buryHeld = bury('held_at');
  const buryKept = bury('kept_at');
  const record = (column: 'held_at' | 'kept_at') =>
    db.prepare(`
      INSERT INTO fetches (account_id, type, item_id, seq, origin, action, notifications, first_learnt_at, claimed_at, finished_at, outcome)
      SELECT account_id, type, item_id, seq, 'person', @action, 1, @now, @now, @now, @outcome FROM items
      WHERE account_id = @accountId AND ${column} <= @through`);
  const recordHeld = record('held_at');
  const recordKept = record('kept_at');
  // No fetch, but what became of the item: its history must not leave it out.
  const confirm = db.transaction((said: typeof recordHeld, done: typeof buryHeld, about: About): number => {
    said.run({ ...about, action: 'confirmed', outcome: 'tombstoned' });
    return done.run(about.now, about.accountId, about.through).changes;
  });
  const keep = db.prepare<[number, number, number], { type: string; id: string }>(`
    UPDATE items SET kept_at = ?, held_at = NULL, missing_at = NULL WHERE account_id = ? AND held_at <= ? RETURNING type, item_id AS id`);
  const keepAll = db.transaction((about: About) => {
    recordHeld.run({ ...about, action: 'refused', outcome: 'kept' });
    return keep.all(about.now, about.accountId, about.through);
  });
  const count = db
    .prepare<[number], number>('SELECT count(*) FROM items WHERE account_id = ? AND held_at IS NOT NULL')
    .pluck();
  const selectUnannounced = db.prepare<[number, number], { type: string; id: string }>(`
    SELECT type, item_id AS id FROM items WHERE account_id = ? AND deleted_at > ? AND deletion_announced = 0`);

  return {
    lossesSince: async (accountId, since) => lossesSince(accountId, since),
    held: async (accountId) => selectHeld.all(accountId),
    countHeld: async (accountId) => count.get(accountId) ?? 0,
    kept: async (accountId) => selectKept.all(accountId),
    confirmHeld: async (accountId, through, now) =>
      confirm.immediate(recordHeld, buryHeld, { accountId, through, now }),
    confirmKept: async (accountId, through, now) =>
      confirm.immediate(recordKept, buryKept, { accountId, through, now }),
    keepHeld: async (accountId, through, now) => keepAll.immediate({ accountId, through, now }),
    unannouncedSince: async (accountId, since) => selectUnannounced.all(accountId, since),
  };
}

/** For the transaction that decides on one more. */
export function createLossesSince(db: Database): (accountId: number, since: number) => Losses {
  // Each count has its index.
  const select = db.prepare<unknown[], { deleted: number; held: number; active: number }>(`
    SELECT (SELECT count(*) FROM items WHERE account_id = @accountId AND deleted_at > @since AND deletion_announced = 0) AS deleted,
           (SELECT count(*) FROM items WHERE account_id = @accountId AND held_at IS NOT NULL) AS held,
           (SELECT count(*) FROM items WHERE account_id = @accountId AND state = 'active' AND owned = 1) AS active`);
  return (accountId, since) => {
    const { deleted, held, active } = select.get({ accountId, since }) ?? { deleted: 0, held: 0, active: 0 };
    return { deleted, held, owned: active - held };
  };
}

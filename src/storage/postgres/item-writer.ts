import type { Claim, Key } from '../../vocabulary.ts';
import { DESCRIPTION, type ItemRef, type ItemVerbs, type ItemWriter, type Present, type StoredItem } from '../items.ts';
import { dropBody, findBody, storeBody } from './bodies.ts';
import type { Database, Queries } from './database.ts';
import { createDescriber } from './describing.ts';
import { asErased } from './erased.ts';
import { LostRace } from './errors.ts';
import { lossesSince } from './held.ts';
import { holdAccount, lockAccount } from './locking.ts';
import { createPinVerbs } from './pins.ts';

/** More than a fetch takes, and less than what makes a clock wrong. */
const CLOCK_PUT_BACK_MS = 120_000;

interface ItemRow {
  id: number;
  version: string;
  seq: number;
  body_id: number | null;
  owned: boolean;
  missing_at: number | null;
  held_at: number | null;
  kept_at: number | null;
  deleted_at: number | null;
  fetched_at: number;
}

/** Processes write side by side; what must not is one after the other by the locks of `locking.ts`. */
export function createItemWriter(db: Database): ItemWriter {
  return {
    // What a fetch came to is on the disk when its task is done: that is a later commit of the same database.
    transaction: (work) =>
      db
        .transaction((queries) => work(createItemVerbs(queries)), { durable: 'later' })
        .catch((error) => {
          throw asErased(error);
        }),
    async hasBody({ accountId, type, id }, hash) {
      const row = await db.get(
        `SELECT 1 FROM items JOIN bodies ON bodies.id = items.body_id
        WHERE account_id = @accountId AND type = @type AND item_id = @id AND hash = @hash`,
        { accountId, type, id, hash },
      );
      return row !== undefined;
    },
    async describedBefore(limit) {
      const rows = await db.all<{ item: number; accountId: number } & Key>(
        `SELECT rides.item, accounts.id AS "accountId", source, user_id AS account, type, item_id AS id
        FROM rides JOIN items ON items.id = rides.item JOIN accounts ON accounts.id = items.account_id
        WHERE described < ${DESCRIPTION} ORDER BY rides.item LIMIT @limit`,
        { limit },
      );
      return rows.map(({ item, accountId, ...key }) => ({ item, accountId, key }));
    },
  };
}

// The order of answers is (version, seq). A tombstone gives way to any later fetch, whatever version it saw. So does a body that
// was fetched while the provider's clock, against ours, was ahead of what it is now: its version says nothing about later ones.
const UPSERT = `
  INSERT INTO items (account_id, type, item_id, version, seq, body_id, owned, secret, began_at, fetched_at, title, happened_at)
  VALUES (@accountId, @type, @id, @version, @seq, @bodyId, @owned, @secret, @beganAt, @now, @title, @happenedAt)
  ON CONFLICT (account_id, type, item_id) DO UPDATE SET
    version = excluded.version, seq = greatest(items.seq, excluded.seq), body_id = excluded.body_id, owned = excluded.owned,
    secret = coalesce(excluded.secret, items.secret), began_at = excluded.began_at, fetched_at = excluded.fetched_at,
    title = excluded.title, happened_at = excluded.happened_at,
    missing_at = NULL, held_at = NULL, kept_at = NULL, deleted_at = NULL, deletion_announced = NULL,
    refused_at = CASE WHEN excluded.seq <= items.seq THEN items.refused_at END
  WHERE (items.body_id IS NULL OR @isStored::boolean) AND CASE
    WHEN @stated::boolean AND (items.deleted_at IS NOT NULL OR items.body_id IS NULL) THEN excluded.version > items.version
    WHEN @stated::boolean THEN (excluded.version, excluded.seq) > (items.version, items.seq)
    WHEN items.deleted_at IS NOT NULL OR items.body_id IS NULL
      OR (items.began_at - items.fetched_at) - (excluded.began_at - excluded.fetched_at) > ${CLOCK_PUT_BACK_MS}
      THEN excluded.seq > items.seq
    ELSE (excluded.version, excluded.seq) > (items.version, items.seq) END
  RETURNING id`;

function createItemVerbs(queries: Queries): ItemVerbs {
  const describe = createDescriber(queries);

  /** The account first, also when there is no such item. */
  async function lock({ accountId, type, id }: ItemRef): Promise<ItemRow | undefined> {
    const row = await queries.get<ItemRow>(
      `SELECT items.id, version, seq, body_id, owned, missing_at, held_at, kept_at, deleted_at, fetched_at
      FROM accounts JOIN items ON items.account_id = accounts.id
      WHERE accounts.id = @accountId AND type = @type AND item_id = @id
      FOR KEY SHARE OF accounts FOR NO KEY UPDATE OF items`,
      { accountId, type, id },
    );
    if (!row) await holdAccount(queries, accountId);
    return row;
  }

  /** By this fetch, unless a later one has said something already. */
  const update = (assignments: string, values: { id: number; seq: number } & Record<string, unknown>) =>
    queries.run(`UPDATE items SET ${assignments}, seq = @seq WHERE id = @id AND seq < @seq`, values);

  async function keep(ref: ItemRef, present: Present, claim: Claim, now: number): ReturnType<ItemVerbs['keep']> {
    const stored = await lock(ref);
    const found = await findBody(queries, present.hash);
    const { seq, secret } = claim;
    const { beganAt, stated } = present;
    // A tombstone is only raised by what is newer than it; that the bytes are the same says nothing about that.
    if (stored && found?.id === stored.body_id && !(stated && stored.deleted_at !== null)) {
      const touched = await update(
        `began_at = @beganAt, fetched_at = @now, missing_at = NULL, held_at = NULL, kept_at = NULL, refused_at = NULL,
        deleted_at = NULL, deletion_announced = NULL, secret = coalesce(@secret, secret)`,
        { id: stored.id, seq, beganAt, now, secret },
      );
      return touched === 1 ? 'unchanged' : 'stale';
    }
    const { version, owned, title, happenedAt, ...description } = present.describe();
    const body = found ?? (await storeBody(queries, present));
    const { accountId, type, id } = ref;
    const item = await queries.get<{ id: number }>(UPSERT, {
      ...{ accountId, type, id, version, seq, bodyId: body.id, owned, secret, beganAt, now, title, happenedAt, stated },
      isStored: stored !== undefined,
    });
    if (!item) {
      if (!stored) throw new LostRace();
      await dropBody(queries, body);
      return 'stale';
    }
    await describe({ item: item.id, accountId, id, title }, { version, owned, happenedAt, ...description }, now);
    if (!stored || stored.body_id === null) return 'created';
    await queries.run(
      `INSERT INTO revisions (item, body_id, version, seq, fetched_at, replaced_at)
      VALUES (@item, @body_id, @version, @seq, @fetched_at, @now)`,
      { ...stored, item: item.id, now },
    );
    return 'updated';
  }

  return {
    async find(ref) {
      const row = await lock(ref);
      return row && storedOf(row);
    },
    keep,
    async keepAbsent({ accountId, type, id }, { seq }, now, version = '') {
      const noted = await queries.run(
        `INSERT INTO items (account_id, type, item_id, version, seq, secret, began_at, fetched_at)
        VALUES (@accountId, @type, @id, @version, @seq, NULL, 0, @now)
        ON CONFLICT (account_id, type, item_id) DO UPDATE SET seq = greatest(items.seq, excluded.seq),
          version = greatest(items.version, excluded.version) WHERE items.body_id IS NULL`,
        { accountId, type, id, version, seq, now },
      );
      if (noted === 0) throw new LostRace();
    },
    async setMissing({ id }, { seq }, now) {
      await update('missing_at = coalesce(missing_at, @now)', { id, seq, now });
    },
    // With the account's row in hand, so each hold is later than all that anybody can have been shown before it.
    async setHeld({ id }, { seq }, now) {
      await queries.run(
        'SELECT 1 FROM accounts WHERE id = (SELECT account_id FROM items WHERE id = @id) FOR NO KEY UPDATE',
        { id },
      );
      await update(
        `held_at = coalesce(held_at, greatest(@now, 1 + coalesce((SELECT max(held_at) FROM items AS other
          WHERE other.account_id = items.account_id AND other.held_at IS NOT NULL), 0)))`,
        { id, seq, now },
      );
    },
    async bury({ id }, { seq }, announced, now, version = '') {
      await update(
        `version = greatest(version, @version), deleted_at = coalesce(deleted_at, @now), deletion_announced = @announced,
        missing_at = NULL, held_at = NULL, kept_at = NULL, pinned = false`,
        { id, seq, now, version, announced },
      );
    },
    async refuse({ id }, { seq }, now) {
      await update('refused_at = coalesce(refused_at, @now), fetched_at = @now', { id, seq, now });
    },
    async lossesSince(accountId, since) {
      await lockAccount(queries, accountId);
      return lossesSince(queries, accountId, since);
    },
    ...createPinVerbs(queries),
    async describeAnew(item, description, now) {
      const row = await queries.get<{ accountId: number; id: string; title: string }>(
        `SELECT accounts.id AS "accountId", item_id AS id, title
        FROM accounts JOIN items ON items.account_id = accounts.id JOIN rides ON rides.item = items.id
        WHERE items.id = @item AND described < ${DESCRIPTION}
        FOR KEY SHARE OF accounts FOR NO KEY UPDATE OF items, rides`,
        { item },
      );
      if (!row) return;
      if (description) await describe({ item, ...row }, description, now);
      else await queries.run(`UPDATE rides SET described = ${DESCRIPTION} WHERE item = @item`, { item });
    },
    async record(accountId, claim, outcome, detail, now) {
      const { key, webhook, seq, origin, action, notifications, firstLearntAt, claimedAt } = claim;
      await queries.run(
        `INSERT INTO fetches (account_id, type, item_id, seq, origin, action, notifications, first_learnt_at, webhook_first,
          webhook_last, claimed_at, finished_at, outcome, detail)
        VALUES (@accountId, @type, @id, @seq, @origin, @action, @notifications, @firstLearntAt, @webhookFirst,
          @webhookLast, @claimedAt, @now, @outcome, @detail)`,
        {
          ...{ accountId, type: key.type, id: key.id, seq, origin, action, notifications, firstLearntAt, claimedAt },
          ...{ webhookFirst: webhook?.first, webhookLast: webhook?.last, now, outcome, detail },
        },
      );
    },
  };
}

const storedOf = (row: ItemRow): StoredItem => ({
  id: row.id,
  version: row.version,
  seq: row.seq,
  hasBody: row.body_id !== null,
  owned: row.owned,
  missingAt: row.missing_at,
  heldAt: row.held_at,
  keptAt: row.kept_at,
  deletedAt: row.deleted_at,
});

import type { Database } from 'better-sqlite3';
import type { Key } from '../../vocabulary.ts';
import { DESCRIPTION, type ItemVerbs, type ItemWriter, type StoredItem } from '../items.ts';
import type { RideColumns } from '../library.ts';
import { countryName, nameKey } from '../list-keys.ts';
import { createLossesSince } from './held.ts';
import { createOutlineWriter } from './lines.ts';
import { createPhotoNotes } from './photos.ts';
import { createTransaction, type Turn } from './turns.ts';

/** More than a fetch takes, and less than what makes a clock wrong. */
const CLOCK_PUT_BACK_MS = 120_000;

interface ItemRow {
  id: number;
  version: string;
  seq: number;
  body_id: number | null;
  owned: number;
  missing_at: number | null;
  held_at: number | null;
  kept_at: number | null;
  deleted_at: number | null;
  fetched_at: number;
}

/** A transaction, and each call outside of one, has the connection for itself. */
export function createItemWriter(db: Database, turn: Turn): ItemWriter {
  const selectHash = db
    .prepare<[number, string, string], Buffer | null>(`
      SELECT hash FROM items JOIN bodies ON bodies.id = items.body_id WHERE account_id = ? AND type = ? AND item_id = ?`)
    .pluck();
  const selectDescribedBefore = db.prepare<[number], { item: number; accountId: number } & Key>(`
    SELECT rides.item, accounts.id AS accountId, source, user_id AS account, type, item_id AS id
    FROM rides JOIN items ON items.id = rides.item JOIN accounts ON accounts.id = items.account_id
    WHERE described < ${DESCRIPTION} LIMIT ?`);
  const verbs = createItemVerbs(db);
  const transaction = createTransaction(db, turn);

  return {
    transaction: (work) => transaction(() => work(verbs)),
    hasBody: ({ accountId, type, id }, hash) =>
      turn(async () => selectHash.get(accountId, type, id)?.equals(hash) ?? false),
    describedBefore: (limit) =>
      turn(async () =>
        selectDescribedBefore.all(limit).map(({ item, accountId, ...key }) => ({ item, accountId, key })),
      ),
  };
}

function createItemVerbs(db: Database): ItemVerbs {
  const select = db.prepare<[number, string, string], ItemRow & { hash: Buffer | null }>(`
    SELECT items.*, bodies.hash FROM items LEFT JOIN bodies ON bodies.id = items.body_id
    WHERE account_id = ? AND type = ? AND item_id = ?`);
  const touch = db.prepare(`
    UPDATE items SET seq = @seq, began_at = @beganAt, fetched_at = @now, missing_at = NULL, held_at = NULL, kept_at = NULL,
      refused_at = NULL, deleted_at = NULL, deletion_announced = NULL, secret = coalesce(@secret, secret)
    WHERE id = @id AND seq < @seq`);
  const selectBody = db.prepare<[Buffer], number>('SELECT id FROM bodies WHERE hash = ?').pluck();
  const insertBody = db
    .prepare<[Buffer, number, Buffer], number>('INSERT INTO bodies (hash, bytes, zstd) VALUES (?, ?, ?) RETURNING id')
    .pluck();
  // The order of answers is (version, seq). A tombstone gives way to any later fetch, whatever version it saw. So does a body that
  // was fetched while the provider's clock, against ours, was ahead of what it is now: its version says nothing about later ones.
  const upsert = db
    .prepare<unknown[], number>(`
      INSERT INTO items (account_id, type, item_id, version, seq, body_id, owned, secret, began_at, fetched_at, title, happened_at)
      VALUES (@accountId, @type, @id, @version, @seq, @bodyId, @owned, @secret, @beganAt, @now, @title, @happenedAt)
      ON CONFLICT (account_id, type, item_id) DO UPDATE SET
        version = excluded.version, seq = max(seq, excluded.seq), body_id = excluded.body_id, owned = excluded.owned,
        secret = coalesce(excluded.secret, secret), began_at = excluded.began_at, fetched_at = excluded.fetched_at,
        title = excluded.title, happened_at = excluded.happened_at,
        missing_at = NULL, held_at = NULL, kept_at = NULL, deleted_at = NULL, deletion_announced = NULL,
        refused_at = iif(excluded.seq > seq, NULL, refused_at)
      WHERE CASE WHEN @stated AND (deleted_at IS NOT NULL OR body_id IS NULL) THEN excluded.version > version
                 WHEN @stated THEN (excluded.version, excluded.seq) > (version, seq)
                 WHEN deleted_at IS NOT NULL OR body_id IS NULL
                   OR (began_at - fetched_at) - (excluded.began_at - excluded.fetched_at) > ${CLOCK_PUT_BACK_MS} THEN excluded.seq > seq
                 ELSE (excluded.version, excluded.seq) > (version, seq) END
      RETURNING id`)
    .pluck();
  const upsertRide = db.prepare(`
    INSERT OR REPLACE INTO rides (item, description, visibility, locality, administrative_area, country_code, activity_type, distance,
      elevation_gain, elevation_loss, duration, moving_time, avg_speed, departed_at, created_at, thumbnail, gear_id, gear_name,
      calories, country, name_key, described, highest)
    VALUES (@item, @description, @visibility, @locality, @administrative_area, @country_code, @activity_type, @distance,
      @elevation_gain, @elevation_loss, @duration, @moving_time, @avg_speed, @departed_at, @created_at, @thumbnail, @gear_id, @gear_name,
      @calories, @country, @nameKey, ${DESCRIPTION}, @highest)`);
  const upsertRecord = db.prepare(
    'INSERT OR REPLACE INTO records (item, summary, words) VALUES (@item, @summary, @words)',
  );
  const writeOutline = createOutlineWriter(db);
  const selectTitle = db
    .prepare<[number], string>(
      `SELECT title FROM items JOIN rides ON rides.item = items.id WHERE items.id = ? AND described < ${DESCRIPTION}`,
    )
    .pluck();
  const letBe = db.prepare<[number]>(`UPDATE rides SET described = ${DESCRIPTION} WHERE item = ?`);
  const notePhotos = createPhotoNotes(db);
  const insertRevision = db.prepare<[number, number, string, number, number, number]>(`
    INSERT INTO revisions (item, body_id, version, seq, fetched_at, replaced_at) VALUES (?, ?, ?, ?, ?, ?)`);
  const upsertAbsent = db.prepare(`
    INSERT INTO items (account_id, type, item_id, version, seq, secret, began_at, fetched_at)
    VALUES (@accountId, @type, @id, @version, @seq, NULL, 0, @now)
    ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq), version = max(version, excluded.version) WHERE body_id IS NULL`);
  const update = (assignments: string) =>
    db.prepare(`UPDATE items SET ${assignments}, seq = @seq WHERE id = @id AND seq < @seq`);
  const markMissing = update('missing_at = coalesce(missing_at, @now)');
  // Writers come one after the other, so each hold is later than all that anybody can have been shown before it.
  const markHeld = update(`held_at = coalesce(held_at, max(@now, 1 + coalesce(
    (SELECT max(held_at) FROM items AS other WHERE other.account_id = items.account_id AND other.held_at IS NOT NULL), 0)))`);
  const markDeleted = update(
    'version = max(version, @version), deleted_at = coalesce(deleted_at, @now), deletion_announced = @announced, missing_at = NULL, held_at = NULL, kept_at = NULL, pinned = 0',
  );
  const markRefused = update('refused_at = coalesce(refused_at, @now), fetched_at = @now');
  const lossesSince = createLossesSince(db);
  const claimPins = db.prepare<[number, number, number]>(
    'UPDATE accounts SET pins_seq = ? WHERE id = ? AND pins_seq < ?',
  );
  // Another rider's item is not followed any more, so it must be looked at again before it is shown again.
  const unpinOthers = db.prepare<[number, number, string]>(`
    UPDATE items SET pinned = 0, refused_at = iif(owned, NULL, coalesce(refused_at, ?)) WHERE account_id = ? AND pinned = 1
      AND NOT EXISTS (SELECT 1 FROM json_each(?) WHERE value ->> 'type' = items.type AND value ->> 'id' = items.item_id)`);
  // And what is followed from now on is looked at by a later fetch: what was fetched before, for whatever reason, may be old.
  const pin = db.prepare(`
    INSERT INTO items (account_id, type, item_id, seq, pinned, began_at, fetched_at) VALUES (@accountId, @type, @id, @seq, 1, 0, @now)
    ON CONFLICT DO UPDATE SET pinned = 1,
      seq = iif(owned OR pinned, seq, max(seq, @seq)),
      refused_at = iif(owned OR pinned, refused_at, coalesce(refused_at, @now))`);
  const selectWanted = db.prepare<[number], { type: string; id: string }>(`
    SELECT type, item_id AS id FROM items WHERE account_id = ? AND pinned = 1 AND state <> 'active'`);
  const selectPinnedBy = db
    .prepare<unknown[], string>(`
      SELECT other.user_id FROM items JOIN accounts other ON other.id = items.account_id
      JOIN accounts self ON self.id = @accountId AND other.source = self.source AND other.id <> self.id
      WHERE items.type = @type AND items.item_id = @id AND items.pinned = 1 AND other.state = 'active'
        AND EXISTS (SELECT 1 FROM items WHERE account_id = @accountId AND type = @type AND item_id = @id AND owned = 1)`)
    .pluck();
  const insertFetch = db.prepare(`
    INSERT INTO fetches (account_id, type, item_id, seq, origin, action, notifications, first_learnt_at, webhook_first, webhook_last,
                         claimed_at, finished_at, outcome, detail)
    VALUES (@accountId, @type, @id, @seq, @origin, @action, @notifications, @firstLearntAt, @webhookFirst, @webhookLast,
            @claimedAt, @now, @outcome, @detail)`);

  return {
    async find(ref) {
      const row = select.get(ref.accountId, ref.type, ref.id);
      return row && storedOf(row);
    },

    async keep(ref, present, claim, now) {
      const stored = select.get(ref.accountId, ref.type, ref.id);
      const { seq, secret = null } = claim;
      const { beganAt } = present;
      // A tombstone is only raised by what is newer than it; that the bytes are the same says nothing about that.
      if (stored?.hash?.equals(present.hash) && !(present.stated && stored.deleted_at !== null)) {
        return touch.run({ id: stored.id, seq, beganAt, now, secret }).changes === 1 ? 'unchanged' : 'stale';
      }
      const { ride, record, title, happenedAt, version, owned, photos, outline } = present.describe();
      const bodyId =
        selectBody.get(present.hash) ?? insertBody.get(present.hash, present.bytes, present.compressed) ?? null;
      const item = upsert.get({
        ...ref,
        version,
        seq,
        bodyId,
        owned: owned ? 1 : 0,
        secret,
        beganAt,
        now,
        title,
        happenedAt,
        stated: present.stated ? 1 : 0,
      });
      if (item === undefined) return 'stale';
      if (ride) upsertRide.run(rowOf(item, title, ride));
      if (record) upsertRecord.run({ item, ...record });
      notePhotos(item, photos, now);
      writeOutline(item, outline);
      if (!stored?.body_id) return 'created';
      insertRevision.run(item, stored.body_id, stored.version, stored.seq, stored.fetched_at, now);
      return 'updated';
    },

    keepAbsent: async (ref, { seq }, now, version = '') => void upsertAbsent.run({ ...ref, seq, now, version }),
    setMissing: async ({ id }, { seq }, now) => void markMissing.run({ id, seq, now }),
    setHeld: async ({ id }, { seq }, now) => void markHeld.run({ id, seq, now }),
    bury: async ({ id }, { seq }, announced, now, version = '') =>
      void markDeleted.run({ id, seq, now, version, announced: announced ? 1 : 0 }),
    refuse: async ({ id }, { seq }, now) => void markRefused.run({ id, seq, now }),

    lossesSince: async (accountId, since) => lossesSince(accountId, since),

    async replacePins(accountId, pins, { seq }, now) {
      if (claimPins.run(seq, accountId, seq).changes === 0) return undefined;
      unpinOthers.run(now, accountId, JSON.stringify(pins.map(({ type, id }) => ({ type, id }))));
      for (const { type, id } of pins) pin.run({ accountId, type, id, seq, now });
      return selectWanted.all(accountId);
    },

    async describeAnew(item, description, now) {
      const title = selectTitle.get(item);
      if (title === undefined) return;
      if (!description) return void letBe.run(item);
      if (description.ride) upsertRide.run(rowOf(item, title, description.ride));
      notePhotos(item, description.photos, now);
      writeOutline(item, description.outline);
    },

    pinnedBy: async ({ accountId, type, id }) => selectPinnedBy.all({ type, id, accountId }),

    async record(accountId, claim, outcome, detail, now) {
      const { key, webhook, seq, origin, action, notifications, firstLearntAt, claimedAt } = claim;
      const { type, id } = key;
      const interval = { webhookFirst: webhook?.first ?? null, webhookLast: webhook?.last ?? null };
      insertFetch.run({
        accountId,
        type,
        id,
        seq,
        origin,
        action,
        notifications,
        firstLearntAt,
        claimedAt,
        ...interval,
        now,
        outcome,
        detail,
      });
    },
  };
}

const rowOf = (item: number, title: string, ride: RideColumns) => ({
  ...ride,
  item,
  thumbnail: JSON.stringify(ride.thumbnail),
  country: countryName(ride.country_code),
  nameKey: nameKey(title),
});

function storedOf(row: ItemRow): StoredItem {
  const { id, version, seq } = row;
  return {
    id,
    version,
    seq,
    hasBody: row.body_id !== null,
    owned: row.owned === 1,
    missingAt: row.missing_at,
    heldAt: row.held_at,
    keptAt: row.kept_at,
    deletedAt: row.deleted_at,
  };
}

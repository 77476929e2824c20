import type { Key } from '../../vocabulary.ts';
import { type PhotoRow, type PictureRow, photoOf, pictureOf } from '../photo-rows.ts';
import type { PhotoAttempt, PhotoEnd, PhotoRef, Photos, PhotoVerbs, PhotoWriter } from '../photos.ts';
import type { Database, Queries } from './database.ts';

/** Not due again before this long: an attempt that nothing more was heard of, of a process that is gone. Longer than one can take. */
const BEGUN_MS = 300_000;

const OF_ITEM = 'account_id = @accountId AND type = @type AND item_id = @id';

export function createPhotos(db: Queries): Photos {
  return {
    async of({ accountId, type, id }) {
      const rows = await db.all<PhotoRow>(
        `SELECT photo_id AS id, due_at, problem, hash, bytes, media, width, height
        FROM items JOIN photos ON photos.item = items.id LEFT JOIN pictures ON pictures.id = photos.picture
        WHERE ${OF_ITEM} ORDER BY photos.id`,
        { accountId, type, id },
      );
      return rows.map(photoOf);
    },
    async picture(accountId, hash) {
      const row = await db.get<PictureRow>(
        `SELECT hash, bytes, media, width, height FROM pictures WHERE hash = @hash AND EXISTS (
          SELECT 1 FROM photos JOIN items ON items.id = photos.item WHERE picture = pictures.id AND account_id = @accountId)`,
        { accountId, hash: Buffer.from(hash, 'hex') },
      );
      return row && pictureOf(row);
    },
    async count() {
      const row = await db.get<{ copied: number; waiting: number; failed: number }>(`
        SELECT count(*) FILTER (WHERE picture IS NOT NULL) AS copied, count(*) FILTER (WHERE due_at IS NOT NULL) AS waiting,
          count(*) FILTER (WHERE picture IS NULL AND due_at IS NULL) AS failed
        FROM photos`);
      return row ?? { copied: 0, waiting: 0, failed: 0 };
    },
  };
}

/** For the transaction that stores a body, so that no photo in one is ever forgotten. */
export function createPhotoNotes(
  db: Queries,
): (item: number, photos: readonly PhotoRef[], now: number) => Promise<void> {
  return async (item, photos, now) => {
    if (photos.length === 0) return;
    // A picture that is here is not copied again, whatever its address is now. One that was given up has another chance.
    await db.run(
      `INSERT INTO photos (item, photo_id, url, due_at)
      SELECT @item, id, url, @now FROM unnest(@ids::text[], @urls::text[]) WITH ORDINALITY AS named (id, url, place) ORDER BY place
      ON CONFLICT (item, photo_id) DO UPDATE SET url = excluded.url, due_at = excluded.due_at, attempts = 0, problem = NULL
      WHERE photos.picture IS NULL AND (photos.due_at IS NULL OR photos.url <> excluded.url)`,
      { item, now, ids: photos.map(({ id }) => id), urls: photos.map(({ url }) => url) },
    );
  };
}

const DUE = `
  SELECT photos.id FROM photos JOIN items ON items.id = photos.item JOIN accounts ON accounts.id = items.account_id
  WHERE due_at <= @now AND accounts.state <> 'disconnected' ORDER BY due_at, photos.id LIMIT @limit
  FOR UPDATE OF photos SKIP LOCKED`;

export function createPhotoWriter(db: Database): PhotoWriter {
  return {
    begin: (limit, mostAttempts, now) =>
      db.transaction(async (queries) => {
        await queries.run(
          `UPDATE photos SET due_at = NULL, begun_at = NULL, problem = 'no-picture'
          WHERE id IN (SELECT id FROM photos WHERE due_at <= @now AND attempts >= @mostAttempts FOR UPDATE SKIP LOCKED)`,
          { now, mostAttempts },
        );
        const begun = await queries.all<Omit<PhotoAttempt, 'key'> & Key>(
          `WITH begun AS (
            UPDATE photos SET attempts = attempts + 1, begun_at = @now, due_at = @now + ${BEGUN_MS} WHERE id IN (${DUE})
            RETURNING id, item, url, attempts)
          SELECT begun.id AS photo, url, attempts, source, user_id AS account, type, item_id AS id
          FROM begun JOIN items ON items.id = begun.item JOIN accounts ON accounts.id = items.account_id ORDER BY begun.id`,
          { now, limit },
        );
        return begun.map(({ photo, url, attempts, ...key }) => ({ photo, url, attempts, key }));
      }),
    settle: (ends) =>
      db.transaction(async (queries) => {
        // No bytes are taken for nobody's until this is committed.
        await queries.run('LOCK TABLE pictures IN ROW EXCLUSIVE MODE');
        let known = true;
        for (const end of inOrder(ends)) known = (await settle(queries, end)) && known;
        return known;
      }),
    async nextDue() {
      const row = await db.get<{ due_at: number }>(`
        SELECT due_at FROM photos JOIN items ON items.id = photos.item JOIN accounts ON accounts.id = items.account_id
        WHERE due_at IS NOT NULL AND accounts.state <> 'disconnected' ORDER BY due_at LIMIT 1`);
      return row?.due_at ?? null;
    },
  };
}

/** Whoever settles several locks them in one order. */
const inOrder = (ends: readonly PhotoEnd[]): PhotoEnd[] => ends.toSorted((a, b) => a.attempt.photo - b.attempt.photo);

/** @returns false when it was erased meanwhile. */
async function settle(db: Queries, end: PhotoEnd): Promise<boolean> {
  const { photo, attempts } = end.attempt;
  const row = await db.get<{ attempts: number; picture: number | null }>(
    'SELECT attempts, picture FROM photos WHERE id = @photo FOR UPDATE',
    { photo },
  );
  if (!row) return false;
  if (end.kind === 'copied') await keep(db, end);
  // Else it took so long that another process began anew: what becomes of that one counts.
  else if (row.attempts === attempts && row.picture === null) await putBack(db, end);
  return true;
}

async function putBack(db: Queries, end: Exclude<PhotoEnd, { kind: 'copied' }>): Promise<void> {
  const { photo } = end.attempt;
  const { dueAt } = end;
  if (end.kind === 'put off')
    await db.run(
      'UPDATE photos SET attempts = attempts - 1, due_at = @dueAt::bigint, begun_at = NULL WHERE id = @photo',
      { photo, dueAt },
    );
  else
    await db.run(
      'UPDATE photos SET problem = @problem, due_at = @dueAt::bigint, begun_at = NULL WHERE id = @photo',
      { photo, dueAt, problem: end.problem },
    );
}

async function keep(db: Queries, { attempt, picture }: PhotoEnd & { kind: 'copied' }): Promise<void> {
  const { photo } = attempt;
  const hash = Buffer.from(picture.hash, 'hex');
  const there = await db.get('SELECT 1 FROM picture_bytes WHERE hash = @hash', { hash: picture.hash });
  if (!there) {
    // Whoever erased an account took them for nobody's between the two: copied once more, at once.
    await db.run(
      'UPDATE photos SET attempts = attempts - 1, due_at = begun_at, begun_at = NULL WHERE id = @photo AND begun_at IS NOT NULL',
      { photo },
    );
    return;
  }
  await db.run(
    `INSERT INTO pictures (hash, bytes, media, width, height) VALUES (@hash, @bytes, @media, @width, @height)
    ON CONFLICT DO NOTHING`,
    { ...picture, hash },
  );
  await db.run(
    `UPDATE photos SET picture = (SELECT id FROM pictures WHERE hash = @hash), due_at = NULL, begun_at = NULL, problem = NULL
    WHERE id = @photo`,
    { hash, photo },
  );
  await db.run('DELETE FROM loose_pictures WHERE hash = @hash', { hash: picture.hash });
}

export function createPhotoVerbs(db: Database): PhotoVerbs {
  /** Of what lost a photo, and of bytes that no photo has had yet: nobody looks through all pictures of all riders. */
  async function eraseOrphans(): Promise<void> {
    await db.transaction(async (queries) => {
      // Waits for whoever is storing a picture; who stores one afterwards sees what is gone.
      await queries.run('LOCK TABLE pictures IN SHARE ROW EXCLUSIVE MODE');
      const loose = await queries.all<{ hash: string }>('DELETE FROM loose_pictures RETURNING hash');
      const hashes = loose.map(({ hash }) => hash);
      await queries.run(
        `DELETE FROM pictures WHERE hash IN (SELECT decode(loose, 'hex') FROM unnest(@hashes::text[]) AS loose)
          AND NOT EXISTS (SELECT 1 FROM photos WHERE picture = pictures.id)`,
        { hashes },
      );
      await queries.run(
        `DELETE FROM picture_bytes WHERE hash = ANY(@hashes)
          AND NOT EXISTS (SELECT 1 FROM pictures WHERE pictures.hash = decode(picture_bytes.hash, 'hex'))`,
        { hashes },
      );
    });
  }

  return {
    /** What a process that is gone had begun comes due by itself: others may be copying at this moment. */
    async tidy(now) {
      await db.run(
        `UPDATE photos SET picture = NULL, due_at = @now, attempts = 0 WHERE picture IN (
          SELECT id FROM pictures WHERE NOT EXISTS (SELECT 1 FROM picture_bytes WHERE hash = encode(pictures.hash, 'hex')))`,
        { now },
      );
      await eraseOrphans();
    },
    eraseOrphans,
    retry: (ref, now) =>
      db.run(
        `UPDATE photos SET due_at = @now, attempts = 0, problem = NULL WHERE picture IS NULL AND due_at IS NULL
          AND item = (SELECT id FROM items WHERE ${OF_ITEM})`,
        { accountId: ref.accountId, type: ref.type, id: ref.id, now },
      ),
  };
}

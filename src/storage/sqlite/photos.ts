import type { Database } from 'better-sqlite3';
import type { Key } from '../../vocabulary.ts';
import { type PhotoRow, type PictureRow, photoOf, pictureOf } from '../photo-rows.ts';
import type { PhotoEnd, PhotoProblem, PhotoRef, Photos, PhotoVerbs, PhotoWriter } from '../photos.ts';
import type { PictureFiles } from './pictures.ts';
import type { Turn } from './turns.ts';

/** Not due again before this long: an attempt that nothing more was heard of. Longer than one can take. */
const BEGUN_MS = 300_000;

export function createPhotos(db: Database): Photos {
  const selectOf = db.prepare<[number, string, string], PhotoRow>(`
    SELECT photo_id AS id, due_at, problem, hash, bytes, media, width, height
    FROM items JOIN photos ON photos.item = items.id LEFT JOIN pictures ON pictures.id = photos.picture
    WHERE account_id = ? AND type = ? AND item_id = ? ORDER BY photos.id`);
  const selectPicture = db.prepare<[Buffer, number], PictureRow>(`
    SELECT hash, bytes, media, width, height FROM pictures WHERE hash = ? AND EXISTS (
      SELECT 1 FROM photos JOIN items ON items.id = photos.item WHERE picture = pictures.id AND account_id = ?)`);
  const count = db.prepare<[], { copied: number; waiting: number; failed: number }>(`
    SELECT count(*) FILTER (WHERE picture IS NOT NULL) AS copied, count(*) FILTER (WHERE due_at IS NOT NULL) AS waiting,
      count(*) FILTER (WHERE picture IS NULL AND due_at IS NULL) AS failed
    FROM photos`);

  return {
    of: async ({ accountId, type, id }) => selectOf.all(accountId, type, id).map(photoOf),
    async picture(accountId, hash) {
      const row = selectPicture.get(Buffer.from(hash, 'hex'), accountId);
      return row && pictureOf(row);
    },
    count: async () => count.get() ?? { copied: 0, waiting: 0, failed: 0 },
  };
}

/** For the transaction that stores a body, so that no photo in one is ever forgotten. */
export function createPhotoNotes(db: Database): (item: number, photos: readonly PhotoRef[], now: number) => void {
  // A picture that is here is not copied again, whatever its address is now. One that was given up has another chance.
  const note = db.prepare<unknown[]>(`
    INSERT INTO photos (item, photo_id, url, due_at) VALUES (@item, @id, @url, @now)
    ON CONFLICT DO UPDATE SET url = excluded.url, due_at = excluded.due_at, attempts = 0, problem = NULL
    WHERE picture IS NULL AND (due_at IS NULL OR url <> excluded.url)`);
  return (item, photos, now) => {
    for (const { id, url } of photos) note.run({ item, id, url, now });
  };
}

export function createPhotoWriter(db: Database): PhotoWriter {
  const begin = db.prepare<unknown[], { photo: number; item: number; url: string; attempts: number }>(`
    UPDATE photos SET attempts = attempts + 1, begun_at = @now, due_at = @now + ${BEGUN_MS}
    WHERE id IN (SELECT photos.id FROM photos JOIN items ON items.id = photos.item JOIN accounts ON accounts.id = items.account_id
                 WHERE due_at <= @now AND accounts.state <> 'disconnected' ORDER BY due_at, photos.id LIMIT @limit)
    RETURNING id AS photo, item, url, attempts`);
  const giveUp = db.prepare<[number, number]>(`
    UPDATE photos SET due_at = NULL, begun_at = NULL, problem = 'no-picture' WHERE due_at <= ? AND attempts >= ?`);
  const selectKey = db.prepare<[number], Key>(`
    SELECT source, user_id AS account, type, item_id AS id
    FROM items JOIN accounts ON accounts.id = items.account_id WHERE items.id = ?`);
  const insertPicture = db.prepare<unknown[]>(`
    INSERT INTO pictures (hash, bytes, media, width, height)
    SELECT @hash, @bytes, @media, @width, @height WHERE EXISTS (SELECT 1 FROM photos WHERE id = @photo)
    ON CONFLICT DO NOTHING`);
  const keep = db.prepare<[Buffer, number]>(`
    UPDATE photos SET picture = (SELECT id FROM pictures WHERE hash = ?), due_at = NULL, begun_at = NULL, problem = NULL WHERE id = ?`);
  const fail = db.prepare<[PhotoProblem, number | null, number]>(
    'UPDATE photos SET problem = ?, due_at = ?, begun_at = NULL WHERE id = ?',
  );
  const putOff = db.prepare<[number, number]>(
    'UPDATE photos SET attempts = attempts - 1, due_at = ?, begun_at = NULL WHERE id = ?',
  );
  const nextDue = db
    .prepare<[], number | null>(`
      SELECT min(due_at) FROM photos JOIN items ON items.id = photos.item JOIN accounts ON accounts.id = items.account_id
      WHERE due_at IS NOT NULL AND accounts.state <> 'disconnected'`)
    .pluck();

  function settle(end: PhotoEnd): number {
    const { photo } = end.attempt;
    if (end.kind === 'failed') return fail.run(end.problem, end.dueAt, photo).changes;
    if (end.kind === 'put off') return putOff.run(end.dueAt, photo).changes;
    const hash = Buffer.from(end.picture.hash, 'hex');
    insertPicture.run({ ...end.picture, hash, photo });
    return keep.run(hash, photo).changes;
  }

  const beginAll = db.transaction((limit: number, mostAttempts: number, now: number) => {
    giveUp.run(now, mostAttempts);
    return begin.all({ limit, now }).flatMap(({ item, ...attempt }) => {
      const key = selectKey.get(item);
      return key ? [{ ...attempt, key }] : [];
    });
  });
  const settleAll = db.transaction((ends: readonly PhotoEnd[]) => ends.map(settle).every((changes) => changes === 1));

  return {
    begin: async (limit, mostAttempts, now) => beginAll.immediate(limit, mostAttempts, now),
    settle: async (ends) => settleAll.immediate(ends),
    nextDue: async () => nextDue.get() ?? null,
  };
}

/** The rows and the files, brought in line. Files are overwritten while others have their turn: that may take long. */
export function createPhotoVerbs(db: Database, turn: Turn, files: PictureFiles): PhotoVerbs {
  const resume = db.prepare<[number]>('UPDATE photos SET due_at = ?, begun_at = NULL WHERE begun_at IS NOT NULL');
  const dropUnused = db.prepare(
    'DELETE FROM pictures WHERE NOT EXISTS (SELECT 1 FROM photos WHERE picture = pictures.id)',
  );
  const selectHashes = db.prepare<[], string>('SELECT lower(hex(hash)) FROM pictures').pluck();
  const lost = db.prepare<[number, Buffer]>(`
    UPDATE photos SET picture = NULL, due_at = ?, attempts = 0
    WHERE picture = (SELECT id FROM pictures WHERE hash = ?)`);
  const retry = db.prepare<unknown[]>(`
    UPDATE photos SET due_at = @now, attempts = 0, problem = NULL WHERE picture IS NULL AND due_at IS NULL
      AND item = (SELECT id FROM items WHERE account_id = @accountId AND type = @type AND item_id = @id)`);

  // With the lock in hand: who stores a picture meanwhile looks once more, after its commit, whether the file is still there.
  const discardOrphans = db.transaction(() => {
    dropUnused.run();
    const known = new Set(selectHashes.all());
    files.discard(files.list().filter((hash) => !known.has(hash)));
  });
  const findLost = db.transaction((now: number) => {
    resume.run(now);
    const there = new Set(files.list());
    for (const hash of selectHashes.all()) if (!there.has(hash)) lost.run(now, Buffer.from(hash, 'hex'));
  });

  return {
    async tidy(now) {
      files.discardParts();
      await turn(async () => {
        findLost.immediate(now);
        discardOrphans.immediate();
      });
      await files.shred();
    },
    retry: (ref, now) => turn(async () => retry.run({ ...ref, now }).changes),
    async eraseOrphans() {
      await turn(async () => discardOrphans.immediate());
      await files.shred();
    },
  };
}

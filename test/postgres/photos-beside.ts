import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import type { PhotoAttempt, PhotoEnd } from '../../src/storage/photos.ts';
import type { Database } from '../../src/storage/postgres/database.ts';
import { IN_THIS_DATABASE } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const MINUTE = 60_000;
const MOST_ATTEMPTS = 7;
const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Photos and several processes. `open` gives two of them over one database, and a look into it. */
export function photosBesideSuite(
  open: () => { one: MirrorWriter; two: MirrorWriter; db: Database },
  forget: () => Promise<void>,
): void {
  /** A rider with so many photos that are due at noon. */
  async function photograph(photos: number): Promise<void> {
    await forget();
    await open().db.run(
      `WITH rider AS (INSERT INTO accounts (source, user_id, name, client, token_kind, connected_at)
          VALUES ('ridewithgps', '1', '', '', 'bearer', 0) RETURNING id),
        ride AS (INSERT INTO items (account_id, type, item_id, seq, began_at, fetched_at)
          SELECT id, 'trip', '7', 1, 0, 0 FROM rider RETURNING id)
      INSERT INTO photos (item, photo_id, url, due_at) SELECT id, n::text, 'https://photos.example/', @now
      FROM ride, generate_series(1, @photos::integer) AS n`,
      { photos, now: NOON },
    );
  }

  const begin = (by: MirrorWriter, limit: number, now = NOON) => by.photoWriter.begin(limit, MOST_ATTEMPTS, now);
  const count = () => open().one.photos.count();
  const endOf = (attempt: PhotoAttempt | undefined, bytes: Buffer): PhotoEnd => ({
    attempt: attempt ?? expect.fail('There was nothing to copy.'),
    ...{
      kind: 'copied',
      picture: { hash: hashOf(bytes), bytes: bytes.length, media: 'image/png', width: 4, height: 3 },
    },
  });

  test('processes that begin at the same time are given different ones', async () => {
    await photograph(40);
    const { one, two } = open();
    const given = await Promise.all(Array.from({ length: 12 }, (_, at) => begin(at % 2 ? one : two, 3)));
    const photos = given.flat().map(({ photo }) => photo);
    expect([photos.length, new Set(photos).size]).toEqual([36, 36]);
    expect(await begin(one, 10)).toHaveLength(4);
  });

  test('what a process that is gone had begun comes due by itself, and whoever starts meanwhile disturbs nobody', async () => {
    await photograph(1);
    const { one, two } = open();
    await begin(one, 1);
    await two.photoVerbs.tidy(NOON + 1_000);
    expect(await begin(two, 1, NOON + MINUTE)).toEqual([]);
    expect(await begin(two, 1, NOON + 10 * MINUTE)).toMatchObject([{ attempts: 2 }]);
  });

  test('an attempt that ends after another one began takes nothing back', async () => {
    await photograph(1);
    const { one, two } = open();
    const [slow] = await begin(one, 1);
    const [quick] = await begin(two, 1, NOON + 10 * MINUTE);
    const bytes = Buffer.from('quick');
    const failed: PhotoEnd = { attempt: slow as PhotoAttempt, kind: 'failed', problem: 'missing', dueAt: null };
    expect(await one.photoWriter.settle([failed])).toBe(true);
    expect(await count()).toMatchObject({ waiting: 1, failed: 0 });
    await two.pictures.put(hashOf(bytes), bytes);
    await two.photoWriter.settle([endOf(quick, bytes)]);
    expect(await one.photoWriter.settle([{ ...failed, attempt: quick as PhotoAttempt }])).toBe(true);
    expect(await count()).toEqual({ copied: 1, waiting: 0, failed: 0 });
  });

  test('bytes that were taken for nobody’s before their photo had them are copied once more', async () => {
    await photograph(1);
    const { one, two } = open();
    const [attempt] = await begin(one, 1);
    const bytes = Buffer.from('early');
    await one.pictures.put(hashOf(bytes), bytes);
    await two.photoVerbs.eraseOrphans();
    expect(await one.photoWriter.settle([endOf(attempt, bytes)])).toBe(true);
    expect(await count()).toEqual({ copied: 0, waiting: 1, failed: 0 });
    expect(await begin(two, 1)).toMatchObject([{ attempts: 1 }]);
  });

  /** Does `work` while a transaction that does this is open; it ends when the work waits for it, or has not. */
  async function during<T>(statements: readonly string[], values: object, work: () => Promise<T>): Promise<T> {
    const { done } = await open().db.transaction(async (queries) => {
      for (const sql of statements) await queries.run(sql, { ...values });
      const done = work();
      const isWaiting = async () =>
        (
          await queries.all(
            `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'pictures'::regclass AND ${IN_THIS_DATABASE}`,
          )
        ).length > 0;
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      done.then(over, over);
      await until(async () => isOver || (await isWaiting()));
      return { done };
    });
    return done;
  }

  test('nothing is taken for nobody’s while a picture of it is being stored', async () => {
    await photograph(1);
    const { one, two } = open();
    const [attempt] = await begin(one, 1);
    const bytes = Buffer.from('being stored');
    const hash = hashOf(bytes);
    await one.pictures.put(hash, bytes);
    const storing = [
      `INSERT INTO pictures (hash, bytes, media, width, height) VALUES (decode(@hash, 'hex'), 1, 'image/png', 1, 1)`,
      `UPDATE photos SET picture = (SELECT id FROM pictures WHERE hash = decode(@hash, 'hex')) WHERE id = @photo`,
    ];
    await during(storing, { hash, photo: attempt?.photo }, () => two.photoVerbs.eraseOrphans());
    expect(await one.pictures.has(hash)).toBe(true);
  });

  test('and no picture is stored whose bytes are being erased', async () => {
    await photograph(1);
    const { one } = open();
    const [attempt] = await begin(one, 1);
    const bytes = Buffer.from('being erased');
    const hash = hashOf(bytes);
    await one.pictures.put(hash, bytes);
    const erasing = ['LOCK TABLE pictures IN SHARE ROW EXCLUSIVE MODE', 'DELETE FROM picture_bytes WHERE hash = @hash'];
    expect(await during(erasing, { hash }, () => one.photoWriter.settle([endOf(attempt, bytes)]))).toBe(true);
    expect(await count()).toMatchObject({ copied: 0, waiting: 1 });
  });

  test('whatever is erased while pictures are stored: no photo is without its bytes, and no bytes are without a photo', async () => {
    await photograph(60);
    const { one, two, db } = open();
    const copying = async (by: MirrorWriter): Promise<void> => {
      for (let [attempt] = await begin(by, 1); attempt; [attempt] = await begin(by, 1)) {
        // Some have the same picture.
        const bytes = Buffer.from(`picture ${attempt.photo % 20}`);
        await by.pictures.put(hashOf(bytes), bytes);
        await by.photoWriter.settle([endOf(attempt, bytes)]);
      }
    };
    const erasing = async (by: MirrorWriter): Promise<void> => {
      for (let photo = 1; photo <= 30; photo += 1) {
        await db.run('DELETE FROM photos WHERE photo_id = @photo', { photo: String(photo) });
        await by.photoVerbs.eraseOrphans();
      }
    };
    await Promise.all([copying(one), copying(two), erasing(one), erasing(two)]);
    await one.photoVerbs.eraseOrphans();
    const [left] = await db.all(`SELECT
      (SELECT count(*) FROM pictures WHERE encode(hash, 'hex') NOT IN (SELECT hash FROM picture_bytes)) AS "withoutBytes",
      (SELECT count(*) FROM picture_bytes WHERE decode(hash, 'hex') NOT IN (SELECT hash FROM pictures)) AS "nobodys",
      (SELECT count(*) FROM pictures WHERE id NOT IN (SELECT picture FROM photos WHERE picture IS NOT NULL)) AS "unused",
      (SELECT count(*) FROM photos) AS photos, (SELECT count(*) FROM loose_pictures) AS loose`);
    expect(left).toEqual({ withoutBytes: 0, nobodys: 0, unused: 0, photos: 30, loose: 0 });
    expect(await count()).toEqual({ copied: 30, waiting: 0, failed: 0 });
  });
}

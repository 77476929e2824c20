import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applySnapshot } from '../../src/mirror.ts';
import type { Account } from '../../src/storage/accounts.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import type { PhotoAttempt, PhotoEnd, StoredPhoto } from '../../src/storage/photos.ts';

export type PhotosUnderTest = Pick<
  MirrorWriter,
  'accountWriter' | 'itemWriter' | 'photos' | 'photoWriter' | 'photoVerbs' | 'pictures' | 'close'
>;

const NOON = Date.parse('2026-06-01T12:00:00Z');
const MINUTE = 60_000;
const MOST_ATTEMPTS = 7;
const ABSENT = '0'.repeat(64);

/** What becomes of photos over one storage. `lose` takes the bytes of a picture away behind its back. */
export function photosSuite(
  name: string,
  open: () => Promise<PhotosUnderTest>,
  forget: () => Promise<void>,
  { lose }: { lose(hash: string): Promise<void> },
): void {
  describe(`photos in ${name}`, () => {
    let mirror: PhotosUnderTest;
    let rider: Account;
    let other: Account;
    let now: number;
    let seq: number;
    beforeEach(async () => {
      now = NOON;
      seq = 0;
      mirror = await open();
      rider = await connect('1');
      other = await connect('2');
    });
    afterEach(async () => {
      await mirror.close();
      await forget();
    });

    const connect = (account: string): Promise<Account> =>
      mirror.accountWriter.connect({
        ...{ source: 'ridewithgps', account, name: account, client: 'key', tokenKind: 'bearer', connectedAt: NOON },
        sealedToken: Buffer.from('sealed'),
      });

    /** A version of the rider's trip that names these photos. */
    async function photograph(ids: readonly string[], of = rider, host = 'photos'): Promise<void> {
      seq += 1;
      const key = { source: of.source, account: of.user_id, type: 'trip', id: '7' };
      const claim = {
        task: 1,
        key,
        seq,
        attempts: 1,
        origin: 'webhook' as const,
        action: '',
        announcesDeletion: false,
      };
      const learnt = { firstLearntAt: now, lastLearntAt: now, claimedAt: now, notifications: 1, webhook: null };
      const version = new Date(NOON + seq * 1_000).toISOString();
      const photos = ids.map((id) => ({ id, url: `https://${host}.example/${id}` }));
      const describe = () => ({
        ...{ version, owned: true, title: '', happenedAt: version, ride: null, outline: null, photos },
        record: { summary: '', words: '' },
      });
      const raw = Buffer.from(`${of.user_id} ${seq}`);
      const present = { kind: 'present' as const, raw, beganAt: now, describe };
      await applySnapshot(mirror.itemWriter, of, { ...claim, ...learnt }, present, () => now);
    }

    const begin = (limit = 10) => mirror.photoWriter.begin(limit, MOST_ATTEMPTS, now);
    const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

    /** The attempt brought these bytes. @returns false when its photo was erased meanwhile. */
    async function copied(attempt: PhotoAttempt | undefined, bytes: Buffer): Promise<boolean> {
      if (!attempt) return expect.fail('There was nothing to copy.');
      const hash = hashOf(bytes);
      await mirror.pictures.put(hash, bytes);
      const picture = { hash, bytes: bytes.length, media: 'image/png' as const, width: 4, height: 3 };
      return mirror.photoWriter.settle([{ attempt, kind: 'copied', picture }]);
    }

    async function failed(attempt: PhotoAttempt | undefined, dueAt: number | null): Promise<void> {
      if (!attempt) return expect.fail('There was nothing to copy.');
      await mirror.photoWriter.settle([{ attempt, kind: 'failed', problem: 'missing', dueAt }]);
    }

    const stored = (of = rider): Promise<StoredPhoto[]> =>
      mirror.photos.of({ accountId: of.id, type: 'trip', id: '7' });
    const states = async (of = rider) => (await stored(of)).map(({ id, state }) => `${id} ${state}`);
    const bytesOf = async (hash: string) => {
      const stream = await mirror.pictures.read(hash);
      return stream && buffer(stream);
    };

    test('are given out when they are due, each once, and shown when they are copied', async () => {
      await photograph(['a', 'b', 'c']);
      expect(await mirror.photoWriter.nextDue()).toBe(NOON);
      const [first, second] = await begin(2);
      expect(first).toEqual({
        ...{ photo: expect.any(Number), url: 'https://photos.example/a', attempts: 1 },
        key: { source: 'ridewithgps', account: '1', type: 'trip', id: '7' },
      });
      expect((await begin(2)).map(({ url }) => url.at(-1))).toEqual(['c']);
      expect(await begin()).toEqual([]);
      const bytes = Buffer.from('a picture');
      expect(await copied(first, bytes)).toBe(true);
      await failed(second, NOON + MINUTE);
      const picture = { hash: hashOf(bytes), bytes: 9, media: 'image/png', width: 4, height: 3 };
      expect(await stored()).toEqual([
        { id: 'a', state: 'copied', picture },
        { id: 'b', state: 'waiting', problem: 'missing' },
        { id: 'c', state: 'waiting', problem: null },
      ]);
      expect(await mirror.photos.count()).toEqual({ copied: 1, waiting: 2, failed: 0 });
      expect(await mirror.photoWriter.nextDue()).toBe(NOON + MINUTE);
      now += MINUTE;
      expect(await begin()).toMatchObject([{ url: second?.url, attempts: 2 }]);
    });

    test('are their rider’s alone, and come back byte for byte', async () => {
      await photograph(['a']);
      const bytes = Buffer.alloc(1_300_000, 'a large picture, ');
      const hash = hashOf(bytes);
      await copied((await begin())[0], bytes);
      expect([await mirror.pictures.has(hash), await bytesOf(hash)]).toEqual([true, bytes]);
      expect(await mirror.photos.picture(rider.id, hash)).toMatchObject({ hash, bytes: bytes.length });
      expect(await mirror.photos.picture(other.id, hash)).toBeUndefined();
      expect(await mirror.photos.picture(rider.id, ABSENT)).toBeUndefined();
      expect([await mirror.pictures.has(ABSENT), await mirror.pictures.read(ABSENT)]).toEqual([false, undefined]);
    });

    test('that are put off spend no attempt; those that used all of theirs are given up, and one who asks has another', async () => {
      await photograph(['a']);
      for (let more = 0; more < 2 * MOST_ATTEMPTS; more += 1) {
        const [attempt] = await begin();
        if (attempt) await mirror.photoWriter.settle([{ attempt, kind: 'put off', dueAt: now }]);
      }
      expect(await states()).toEqual(['a waiting']);
      // Nothing more is heard of any of these.
      for (let more = 0; more <= MOST_ATTEMPTS; more += 1) {
        await begin();
        now += 10 * MINUTE;
      }
      expect(await stored()).toEqual([{ id: 'a', state: 'failed', problem: 'no-picture' }]);
      expect(await mirror.photoWriter.nextDue()).toBeNull();
      const ref = { accountId: rider.id, type: 'trip', id: '7' };
      expect(await mirror.photoVerbs.retry({ ...ref, accountId: other.id }, now)).toBe(0);
      expect(await mirror.photoVerbs.retry(ref, now)).toBe(1);
      expect(await begin()).toMatchObject([{ attempts: 1 }]);
    });

    test('that a later version names again are copied once, and of a new address once more where they failed', async () => {
      await photograph(['a', 'b']);
      const [first, second] = await begin();
      await copied(first, Buffer.from('first'));
      await failed(second, null);
      await photograph(['b', 'a', 'c'], rider, 'elsewhere');
      expect((await begin()).map(({ url }) => url)).toEqual([
        'https://elsewhere.example/b',
        'https://elsewhere.example/c',
      ]);
      expect(await states()).toEqual(['a copied', 'b waiting', 'c waiting']);
    });

    test('of somebody who has left are not asked for', async () => {
      await photograph(['a']);
      await mirror.accountWriter.disconnect({ source: 'ridewithgps', account: '1' });
      expect([await begin(), await mirror.photoWriter.nextDue()]).toEqual([[], null]);
    });

    test('are erased with their rider, unless another has the same picture', async () => {
      await photograph(['a', 'b', 'c']);
      await photograph(['a'], other);
      const [one, two, three, theirs] = await begin();
      const [shared, own, late] = ['shared', 'own', 'late'].map((text) => Buffer.from(text)) as [
        Buffer,
        Buffer,
        Buffer,
      ];
      for (const attempt of [one, theirs]) await copied(attempt, shared);
      await copied(two, own);
      await mirror.accountWriter.erase({ source: 'ridewithgps', account: '1' });
      expect([await bytesOf(hashOf(shared)), await bytesOf(hashOf(own))]).toEqual([shared, undefined]);
      expect(await states(other)).toEqual(['a copied']);
      expect(await mirror.photos.count()).toEqual({ copied: 1, waiting: 0, failed: 0 });
      // One was still being copied.
      expect(await copied(three, late)).toBe(false);
      await mirror.photoVerbs.eraseOrphans();
      expect(await mirror.pictures.has(hashOf(late))).toBe(false);
      await mirror.accountWriter.erase({ source: 'ridewithgps', account: '2' });
      expect(await mirror.pictures.has(hashOf(shared))).toBe(false);
    });

    test('are copied once more when their bytes are lost, and bytes that are nobody’s are gone', async () => {
      await photograph(['a', 'b']);
      const [first, second] = await begin();
      const [lost, kept, nobodys] = ['lost', 'kept', 'nobody’s'].map((text) => Buffer.from(text)) as [
        Buffer,
        Buffer,
        Buffer,
      ];
      await copied(first, lost);
      await copied(second, kept);
      await mirror.pictures.put(hashOf(nobodys), nobodys);
      await lose(hashOf(lost));
      await mirror.photoVerbs.tidy(now);
      expect(await states()).toEqual(['a waiting', 'b copied']);
      expect([await bytesOf(hashOf(kept)), await mirror.pictures.has(hashOf(nobodys))]).toEqual([kept, false]);
      await copied((await begin())[0], lost);
      expect(await states()).toEqual(['a copied', 'b copied']);
    });

    test('end together: what is erased does not keep the others from it', async () => {
      await photograph(['a']);
      await photograph(['a'], other);
      const attempts = await begin();
      await mirror.accountWriter.erase({ source: 'ridewithgps', account: '1' });
      const ends = attempts.map((attempt): PhotoEnd => ({ attempt, kind: 'failed', problem: 'missing', dueAt: null }));
      expect(await mirror.photoWriter.settle(ends)).toBe(false);
      expect(await states(other)).toEqual(['a failed']);
    });
  });
}

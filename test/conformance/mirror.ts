import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applySnapshot, CONFIRM_AFTER_MS } from '../../src/mirror.ts';
import { describeRide } from '../../src/sources/ridewithgps/describe.ts';
import type { Snapshot } from '../../src/sources/source.ts';
import type { Account, AccountReader, AccountWriter } from '../../src/storage/accounts.ts';
import type { Items, ItemWriter } from '../../src/storage/items.ts';
import type { Library } from '../../src/storage/library.ts';
import type { Lines } from '../../src/storage/lines.ts';
import type { Claim } from '../../src/vocabulary.ts';
import { linesSuite } from './lines.ts';

export interface MirrorUnderTest {
  accounts: AccountReader;
  accountWriter: AccountWriter;
  items: Items;
  itemWriter: ItemWriter;
  library: Library;
  lines: Lines;
  close(): Promise<void>;
}

const NOON = Date.parse('2026-06-01T12:00:00Z');

/** The rules of `mirror.ts` over one storage: what the provider said, in which order, and what must be here afterwards. */
export function mirrorSuite(name: string, open: () => Promise<MirrorUnderTest>, forget: () => Promise<void>): void {
  describe(`the mirror in ${name}`, () => {
    let mirror: MirrorUnderTest;
    let rider: Account;
    let other: Account;
    let now: number;
    /** The provider's clock minus ours. */
    let ahead: number;
    beforeEach(async () => {
      now = NOON;
      ahead = 0;
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
        source: 'ridewithgps',
        account,
        name: `Rider ${account}`,
        client: 'key',
        tokenKind: 'bearer',
        sealedToken: Buffer.from('sealed'),
        connectedAt: NOON,
      });

    function claim(seq: number, over: Partial<Claim> & { id?: string; account?: string; type?: string } = {}): Claim {
      const { id = '7', account = '1', type = 'trip', ...rest } = over;
      return {
        task: 1,
        key: { source: 'ridewithgps', account, type, id },
        seq,
        attempts: 1,
        origin: 'webhook',
        action: 'updated',
        announcesDeletion: false,
        firstLearntAt: now,
        lastLearntAt: now,
        notifications: 1,
        webhook: { first: now, last: now },
        claimedAt: now,
        ...rest,
      };
    }

    function present(ride: Record<string, unknown> = {}): Snapshot {
      const whole = {
        id: 7,
        user_id: 1,
        name: 'A ride',
        updated_at: '2026-05-01T00:00:00Z',
        unknown_key: [1, { deep: true }],
        ...ride,
      };
      const raw = Buffer.from(JSON.stringify({ trip: whole }));
      return { kind: 'present', raw, beganAt: now + ahead, describe: () => describeRide(whole, { account: '1' }) };
    }

    const apply = (of: Claim, snapshot: Snapshot) =>
      applySnapshot(mirror.itemWriter, of.key.account === '1' ? rider : other, of, snapshot, () => now);
    const gone: Snapshot = { kind: 'gone' };
    const forbidden: Snapshot = { kind: 'forbidden' };
    const find = (id = '7', account = rider) => mirror.library.find(account.id, 'trip', id);

    test('a body is kept whole, byte for byte', async () => {
      const snapshot = present();
      expect((await apply(claim(1), snapshot)).outcome).toBe('created');
      expect(await mirror.library.body(rider.id, 'trip', '7')).toEqual(
        snapshot.kind === 'present' ? snapshot.raw : undefined,
      );
      expect(await find()).toMatchObject({
        name: 'A ride',
        owned: true,
        pinned: false,
        state: 'active',
        updated_at: '2026-05-01T00:00:00.000Z',
      });
    });

    test('the same body again is unchanged, and counts as fetched', async () => {
      await apply(claim(1), present());
      now += 5_000;
      expect((await apply(claim(2), present())).outcome).toBe('unchanged');
      expect((await find())?.fetched_at).toBe(new Date(now).toISOString());
    });

    test('a newer version replaces an older one, and never the other way round', async () => {
      await apply(claim(1), present({ updated_at: '2026-05-02T00:00:00Z', name: 'Two' }));
      expect((await apply(claim(2), present({ updated_at: '2026-05-01T00:00:00Z', name: 'One' }))).outcome).toBe(
        'stale',
      );
      expect(await find()).toMatchObject({ name: 'Two' });
      expect((await apply(claim(3), present({ updated_at: '2026-05-03T00:00:00Z', name: 'Three' }))).outcome).toBe(
        'updated',
      );
      expect(await find()).toMatchObject({ name: 'Three' });
    });

    test('a clock of the provider that was ahead and is right again keeps nothing back', async () => {
      ahead = 3_600_000;
      await apply(claim(1), present({ updated_at: '2026-05-01T01:00:00Z', name: 'Stamped an hour ahead' }));
      ahead = 0;
      expect((await apply(claim(2), present({ name: 'Later, and stamped before it' }))).outcome).toBe('updated');
      expect((await apply(claim(3), present({ updated_at: '2026-04-01T00:00:00Z' }))).outcome).toBe('stale');
    });

    test('within one second, and when a change does not move updated_at, the later fetch wins', async () => {
      await apply(claim(5), present({ name: 'Five' }));
      expect((await apply(claim(4), present({ name: 'Four' }))).outcome).toBe('stale');
      expect((await apply(claim(6), present({ name: 'Six' }))).outcome).toBe('updated');
      expect(await find()).toMatchObject({ name: 'Six' });
    });

    test('an earlier fetch that saw a later version is taken', async () => {
      await apply(claim(5), present({ name: 'Old', updated_at: '2026-05-01T00:00:00Z' }));
      expect((await apply(claim(4), present({ name: 'New', updated_at: '2026-05-02T00:00:00Z' }))).outcome).toBe(
        'updated',
      );
      expect(await find()).toMatchObject({ name: 'New' });
    });

    test('versions are compared as times, whatever zone they are written in', async () => {
      await apply(claim(1), present({ name: 'Later', updated_at: '2026-05-01T01:00:00Z' }));
      expect(
        (await apply(claim(2), present({ name: 'Earlier', updated_at: '2026-05-01T02:30:00+02:00' }))).outcome,
      ).toBe('stale');
    });

    test('a deletion that was announced needs one 404, keeps the last body, and may be raised by a later fetch only', async () => {
      await apply(claim(1), present());
      expect((await apply(claim(5, { announcesDeletion: true }), gone)).outcome).toBe('tombstoned');
      expect(await find()).toMatchObject({ state: 'deleted', name: 'A ride', deleted_at: new Date(now).toISOString() });
      expect(await mirror.library.body(rider.id, 'trip', '7')).toBeDefined();

      expect((await apply(claim(4), present({ name: 'Stale', updated_at: '2027-01-01T00:00:00Z' }))).outcome).toBe(
        'stale',
      );
      expect(await find()).toMatchObject({ state: 'deleted' });
      expect((await apply(claim(6), present({ name: 'Back' }))).outcome).toBe('updated');
      expect(await find()).toMatchObject({ state: 'active', name: 'Back', deleted_at: null });
    });

    test('an unchanged body raises a tombstone too', async () => {
      await apply(claim(1), present());
      await apply(claim(2, { announcesDeletion: true }), gone);
      await apply(claim(3), present());
      expect(await find()).toMatchObject({ state: 'active' });
    });

    test('a deletion that nobody announced needs the same answer a minute later', async () => {
      await apply(claim(1), present());
      const first = await apply(claim(2), gone);
      expect(first).toMatchObject({ outcome: 'missing', confirmAt: now + CONFIRM_AFTER_MS });
      expect(await find()).toMatchObject({ state: 'active' });
      now += 20_000;
      expect(await apply(claim(3), gone)).toMatchObject({ outcome: 'missing', confirmAt: NOON + CONFIRM_AFTER_MS });
      now = NOON + CONFIRM_AFTER_MS;
      expect((await apply(claim(4), gone)).outcome).toBe('tombstoned');
      expect(await find()).toMatchObject({ state: 'deleted' });
    });

    test('a 404 that heals within the minute was none', async () => {
      await apply(claim(1), present());
      await apply(claim(2), gone);
      await apply(claim(3), present());
      now += 2 * CONFIRM_AFTER_MS;
      expect(await apply(claim(4), gone)).toMatchObject({ outcome: 'missing', confirmAt: now + CONFIRM_AFTER_MS });
    });

    test('a late 404 of an earlier fetch deletes nothing', async () => {
      await apply(claim(5), present());
      expect((await apply(claim(4, { announcesDeletion: true }), gone)).outcome).toBe('stale');
      expect(await find()).toMatchObject({ state: 'active' });
    });

    test('what was never seen leaves no tombstone to look at, and an earlier fetch cannot create it afterwards', async () => {
      await apply(claim(5, { announcesDeletion: true }), gone);
      expect(await find()).toBeUndefined();
      expect((await apply(claim(4), present())).outcome).toBe('stale');
      expect(await find()).toBeUndefined();
      expect((await apply(claim(6), present())).outcome).toBe('created');
      expect(await find()).toMatchObject({ state: 'active' });
    });

    test('the owner being refused its own item is no deletion', async () => {
      await apply(claim(1), present());
      expect((await apply(claim(2), forbidden)).outcome).toBe('refused');
      expect(await find()).toMatchObject({ state: 'active' });
    });

    test('for an account that does not own it, 404 and 403 mean hidden, and a later look brings it back', async () => {
      const pins = { id: 'pinned', type: 'pinned' };
      for (const [seq, absence] of [
        [10, gone],
        [20, forbidden],
      ] as const) {
        await apply(claim(seq, pins), { kind: 'pins', pins: [{ type: 'trip', id: '7' }] });
        await apply(claim(seq + 1), present({ user_id: 99, name: `Seen at ${seq}` }));
        expect(await find()).toMatchObject({ state: 'active', owned: false, pinned: true });
        expect((await apply(claim(seq + 2), absence)).outcome).toBe('hidden');
        expect(await find()).toMatchObject({ state: 'hidden', deleted_at: null });
        await apply(claim(seq + 3), present({ user_id: 99, name: `Seen at ${seq}` }));
        expect(await find()).toMatchObject({ state: 'active' });
      }
    });

    describe('what a source states', () => {
      const ref = { source: 'rye', account: 'default' } as const;
      let shop: Account;
      beforeEach(async () => {
        const sealedToken = Buffer.from('sealed');
        const how = { name: 'Rye', client: '', tokenKind: 'bearer', sealedToken, connectedAt: NOON } as const;
        shop = await mirror.accountWriter.connect({ ...ref, ...how });
      });
      const at = (minute: number) => new Date(NOON + minute * 60_000).toISOString();
      function stated(version: string, text: string): Snapshot {
        const raw = Buffer.from(JSON.stringify({ text }));
        const record = { summary: text, words: text };
        const describe = () => ({
          ...{ version, owned: true, title: text, happenedAt: version },
          ...{ ride: null, record, photos: [], outline: null },
        });
        return { kind: 'present', raw, beganAt: 0, stated: true, describe };
      }
      const say = async (seq: number, snapshot: Snapshot) => {
        const of = claim(seq, { announcesDeletion: snapshot.kind === 'gone' });
        const key = { ...ref, type: 'product', id: '7' };
        return (await applySnapshot(mirror.itemWriter, shop, { ...of, key }, snapshot, () => now)).outcome;
      };
      const standing = () => mirror.items.standing({ accountId: shop.id, type: 'product', id: '7' });

      test('is ordered by its own time, whenever it arrives', async () => {
        expect(await say(1, stated(at(2), 'two'))).toBe('created');
        expect(await say(2, stated(at(1), 'one'))).toBe('stale');
        expect(await say(3, stated(at(3), 'three'))).toBe('updated');
        expect(await say(4, stated(at(3), 'three'))).toBe('unchanged');
      });

      test('a deletion stays one when an update from before it comes late, also with the very body that was there', async () => {
        await say(1, stated(at(1), 'one'));
        expect(await say(2, { kind: 'gone', version: at(5) })).toBe('tombstoned');
        expect(await say(3, stated(at(4), 'four'))).toBe('stale');
        expect(await say(4, stated(at(1), 'one'))).toBe('stale');
        expect(await say(5, stated(at(5), 'five'))).toBe('stale');
        expect((await standing())?.deletedAt).toBe(now);
        expect(await say(6, stated(at(6), 'one'))).toBe('updated');
        expect((await standing())?.deletedAt).toBeNull();
      });

      test('a deletion of what was never seen keeps it away, until something later is said', async () => {
        expect(await say(1, { kind: 'gone', version: at(5) })).toBe('never seen, gone');
        expect(await say(2, stated(at(4), 'four'))).toBe('stale');
        expect((await standing())?.hasBody).toBe(false);
        expect(await say(3, stated(at(6), 'six'))).toBe('created');
      });

      test('a deletion from before what is here is history', async () => {
        await say(1, stated(at(5), 'five'));
        expect(await say(2, { kind: 'gone', version: at(4) })).toBe('stale');
        expect((await standing())?.deletedAt).toBeNull();
      });

      test('who connects another source is no owner, and a rider who comes later is', async () => {
        expect(shop.owner).toBe(false);
        expect((await mirror.accounts.riders()).map(({ user_id }) => user_id)).toEqual(['1', '2']);
        expect((await mirror.accounts.riders())[0]?.owner).toBe(true);
      });

      test('a renewed token replaces the one that is there, and gives none to who has left', async () => {
        await mirror.accountWriter.renew(ref, Buffer.from('renewed'));
        expect(await mirror.accounts.sealedToken(ref)).toEqual(Buffer.from('renewed'));
        await mirror.accountWriter.disconnect(ref);
        await mirror.accountWriter.renew(ref, Buffer.from('too late'));
        expect(await mirror.accounts.sealedToken(ref)).toBeUndefined();
      });
    });

    describe('the brake', () => {
      const ids = (count: number) => Array.from({ length: count }, (_, n) => String(100 + n));
      async function fill(count: number): Promise<void> {
        for (const id of ids(count)) await apply(claim(1, { id }), present({ id: Number(id), name: id }));
      }
      async function vanish(id: string, seq: number, announcesDeletion = false): Promise<string> {
        await apply(claim(seq, { id, announcesDeletion }), gone);
        if (announcesDeletion) return 'tombstoned';
        now += CONFIRM_AFTER_MS;
        return (await apply(claim(seq + 1, { id }), gone)).outcome;
      }

      test('ten unannounced deletions in a small library go through, the eleventh is held and asked about', async () => {
        await fill(15);
        const outcomes: string[] = [];
        for (const [n, id] of ids(12).entries()) outcomes.push(await vanish(id, 10 + 2 * n));
        expect(outcomes.filter((outcome) => outcome === 'tombstoned')).toHaveLength(10);
        expect(outcomes.slice(10)).toEqual(['held', 'held']);
        expect((await mirror.items.held(rider.id)).map(({ id }) => id).sort()).toEqual(['110', '111']);
        expect(await find('110')).toMatchObject({ state: 'active' });
      });

      test('of a large library a fifth may go in a day', async () => {
        await fill(100);
        const outcomes: string[] = [];
        for (const [n, id] of ids(22).entries()) outcomes.push(await vanish(id, 10 + 2 * n));
        expect(outcomes.filter((outcome) => outcome === 'tombstoned')).toHaveLength(20);
      });

      test('announced deletions are not counted, and the next day begins anew', async () => {
        await fill(40);
        for (const [n, id] of ids(12).entries()) await vanish(id, 10 + n, true);
        expect(await vanish('112', 40)).toBe('tombstoned');
        for (const [n, id] of ids(22).slice(13).entries()) expect(await vanish(id, 50 + 2 * n)).toBe('tombstoned');
        expect(await vanish('130', 90)).toBe('held');
        now += 86_400_000;
        expect(await vanish('131', 100)).toBe('tombstoned');
      });

      test('what is still held the next day counts again: a fault that lasts goes on to be stopped', async () => {
        await fill(30);
        for (const [n, id] of ids(13).entries()) await vanish(id, 10 + 2 * n);
        now += 86_400_000;
        const outcomes: string[] = [];
        for (const [n, id] of ids(22).slice(13).entries()) outcomes.push(await vanish(id, 100 + 2 * n));
        expect(outcomes).toEqual([...Array(7).fill('tombstoned'), 'held', 'held']);
      });

      const heldNow = async () => (await mirror.items.held(rider.id)).map(({ id }) => id).sort();
      const latest = async () => Math.max(...(await mirror.items.held(rider.id)).map(({ at }) => at));

      test('the owner may say yes', async () => {
        await fill(13);
        for (const [n, id] of ids(12).entries()) await vanish(id, 10 + 2 * n);
        expect(await mirror.items.confirmHeld(rider.id, await latest(), now)).toBe(2);
        expect(await find('110')).toMatchObject({ state: 'deleted', name: '110' });
        expect(await mirror.items.held(rider.id)).toEqual([]);
        // Whoever said yes has announced it: the next day’s ten are not used up by it.
        now += 86_400_000;
        expect(await mirror.items.lossesSince(rider.id, now - 86_400_000)).toEqual({ deleted: 0, held: 0, owned: 1 });
      });

      test('a yes is about what was shown: what was held since stays, even within the same millisecond', async () => {
        await fill(14);
        for (const [n, id] of ids(11).entries()) await vanish(id, 10 + 2 * n);
        const shown = await latest();
        for (const id of ['111', '112']) await apply(claim(60, { id }), gone);
        now += CONFIRM_AFTER_MS;
        await apply(claim(61, { id: '111' }), gone);
        now = shown;
        await apply(claim(62, { id: '112' }), gone);
        now += CONFIRM_AFTER_MS;
        await apply(claim(63, { id: '112' }), gone);
        expect(await heldNow()).toEqual(['110', '111', '112']);
        expect(new Set((await mirror.items.held(rider.id)).map(({ at }) => at)).size).toBe(3);
        expect(await mirror.items.confirmHeld(rider.id, shown, now)).toBe(1);
        expect(await heldNow()).toEqual(['111', '112']);
      });

      test('the owner may say no: it is kept, and nobody is asked again while it is gone', async () => {
        await fill(13);
        for (const [n, id] of ids(12).entries()) await vanish(id, 10 + 2 * n);
        const kept = await mirror.items.keepHeld(rider.id, await latest(), now);
        expect(kept.map(({ id }) => id).sort()).toEqual(['110', '111']);
        expect(await find('110')).toMatchObject({ state: 'active' });
        for (const seq of [60, 70, 80]) expect(await vanish('110', seq)).toBe('kept');
        expect(await mirror.items.held(rider.id)).toEqual([]);
        expect((await mirror.items.kept(rider.id)).map(({ id }) => id).sort()).toEqual(['110', '111']);
      });

      test('what is kept and comes back is like any other, and is asked about when it goes once more', async () => {
        await fill(13);
        for (const [n, id] of ids(12).entries()) await vanish(id, 10 + 2 * n);
        await mirror.items.keepHeld(rider.id, await latest(), now);
        await apply(claim(60, { id: '110' }), present({ id: 110, name: '110' }));
        expect((await mirror.items.kept(rider.id)).map(({ id }) => id)).toEqual(['111']);
        expect(await vanish('110', 62)).toBe('held');
      });

      test('what is kept is deleted when that is announced, or when its owner says so after all', async () => {
        await fill(13);
        for (const [n, id] of ids(13).entries()) await vanish(id, 10 + 2 * n);
        await mirror.items.keepHeld(rider.id, await latest(), now);
        expect(await vanish('110', 60, true)).toBe('tombstoned');
        const [{ at = 0 } = {}] = await mirror.items.kept(rider.id);
        expect(await mirror.items.confirmKept(rider.id, at - 1, now)).toBe(0);
        expect(await mirror.items.confirmKept(rider.id, at, now)).toBe(2);
        expect(await find('112')).toMatchObject({ state: 'deleted' });
        expect(await mirror.items.kept(rider.id)).toEqual([]);
      });

      test('a held deletion that is announced after all waits for nobody', async () => {
        await fill(13);
        for (const [n, id] of ids(12).entries()) await vanish(id, 10 + 2 * n);
        expect(await vanish('110', 60, true)).toBe('tombstoned');
        expect(await heldNow()).toEqual(['111']);
      });

      test('what was held of one account is not answered for by another', async () => {
        await fill(13);
        for (const [n, id] of ids(12).entries()) await vanish(id, 10 + 2 * n);
        expect(await mirror.items.confirmHeld(other.id, Number.MAX_SAFE_INTEGER, now)).toBe(0);
        expect(await mirror.items.keepHeld(other.id, Number.MAX_SAFE_INTEGER, now)).toEqual([]);
        expect(await heldNow()).toEqual(['110', '111']);
      });

      test('it is known what it has let through within a day', async () => {
        await fill(13);
        for (const [n, id] of ids(11).entries()) await vanish(id, 10 + 2 * n);
        await vanish('112', 60, true);
        expect(await mirror.items.lossesSince(rider.id, now - 86_400_000)).toEqual({ deleted: 10, held: 1, owned: 1 });
        expect(await mirror.items.unannouncedSince(rider.id, now - 86_400_000)).toHaveLength(10);
        expect(await mirror.items.unannouncedSince(rider.id, now)).toEqual([]);
      });

      test('what is held and then seen again is simply there', async () => {
        await fill(13);
        for (const [n, id] of ids(11).entries()) await vanish(id, 10 + 2 * n);
        await apply(claim(60, { id: '110' }), present({ id: 110, name: '110' }));
        expect(await mirror.items.held(rider.id)).toEqual([]);
      });
    });

    describe('pins', () => {
      const pinned = (seq: number, pins: string[], account = '1') =>
        apply(claim(seq, { account, type: 'pinned', id: 'pinned' }), {
          kind: 'pins',
          pins: pins.map((id) => ({ type: 'trip', id })),
        });

      test('the whole set is replaced, and what is not here yet is fetched', async () => {
        await apply(claim(1), present());
        const { followUps } = await pinned(2, ['7', '8']);
        expect(followUps.map(({ key: { id } }) => id)).toEqual(['8']);
        expect(await find()).toMatchObject({ pinned: true });
        await pinned(3, ['8']);
        expect(await find()).toMatchObject({ pinned: false, state: 'active' });
      });

      test('an older set does not replace a newer one', async () => {
        await apply(claim(1), present());
        await pinned(5, ['7']);
        expect((await pinned(4, [])).outcome).toBe('stale');
        expect(await find()).toMatchObject({ pinned: true });
      });

      test('what another rider owns is hidden when it is unpinned, and asked for again when it is pinned', async () => {
        await pinned(1, ['7']);
        await apply(claim(2), present({ user_id: 99 }));
        await pinned(3, []);
        expect(await find()).toMatchObject({ state: 'hidden', pinned: false });
        expect((await pinned(4, ['7'])).followUps.map(({ key: { id } }) => id)).toEqual(['7']);
        expect(await find()).toMatchObject({ state: 'hidden', pinned: true });
        await apply(claim(5), present({ user_id: 99 }));
        expect(await find()).toMatchObject({ state: 'active' });
      });

      test('an item that is pinned again is asked for again, also if somebody looked at it in between', async () => {
        await pinned(1, ['7']);
        await apply(claim(2), present({ user_id: 99 }));
        await pinned(3, []);
        await apply(claim(4), present({ user_id: 99 }));
        expect((await pinned(6, ['7'])).followUps.map(({ key: { id } }) => id)).toEqual(['7']);
        // A fetch that began before it was followed again is not what was asked for, however new its version is.
        await apply(claim(5), present({ user_id: 99, name: 'Late', updated_at: '2026-06-02T00:00:00Z' }));
        expect(await find()).toMatchObject({ state: 'hidden', pinned: true });
        await apply(claim(7), present({ user_id: 99, name: 'Later', updated_at: '2026-06-02T00:00:00Z' }));
        expect(await find()).toMatchObject({ state: 'active', name: 'Later' });
      });

      test('an item pinned before it was ever seen is shown only once it was', async () => {
        await pinned(1, ['7']);
        expect(await find()).toBeUndefined();
        await apply(claim(2), present({ user_id: 99 }));
        expect(await find()).toMatchObject({ pinned: true, owned: false, state: 'active' });
      });

      test('a change of an item asks for it again for whoever else has it pinned', async () => {
        await pinned(1, ['7'], '2');
        const { followUps } = await apply(claim(2), present());
        expect(followUps.map(({ key }) => key)).toEqual([
          { source: 'ridewithgps', account: '2', type: 'trip', id: '7' },
        ]);
        // Also when nothing changed: the first round may have been cut off in between.
        expect((await apply(claim(3), present())).followUps).toHaveLength(1);
        expect((await apply(claim(4, { announcesDeletion: true }), gone)).followUps).toHaveLength(1);
        expect((await apply(claim(5, { account: '2' }), gone)).followUps).toEqual([]);
      });

      test('two who follow the same item of a third rider do not ask for each other', async () => {
        await pinned(1, ['7']);
        await pinned(2, ['7'], '2');
        expect((await apply(claim(3), present({ user_id: 99 }))).followUps).toEqual([]);
        expect((await apply(claim(4, { account: '2' }), present({ user_id: 99 }))).followUps).toEqual([]);
      });
    });

    test('the greatest sequence is that of the last fetch, whatever came of it', async () => {
      expect(await mirror.items.greatestSeq()).toBe(0);
      await apply(claim(5, { type: 'pinned', id: 'pinned' }), { kind: 'pins', pins: [] });
      expect(await mirror.items.greatestSeq()).toBe(5);
      await apply(claim(6), present());
      await apply(claim(9), forbidden);
      expect(await mirror.items.greatestSeq()).toBe(9);
    });

    test('what two accounts see of one thing may differ, and equal bodies are stored once', async () => {
      const { body: raw } = { body: present() };
      await apply(claim(1), raw);
      await apply(claim(2, { account: '2', type: 'pinned', id: 'pinned' }), {
        kind: 'pins',
        pins: [{ type: 'trip', id: '7' }],
      });
      await apply(claim(3, { account: '2' }), present({ name: 'Seen from outside' }));
      expect(await find('7', rider)).toMatchObject({ name: 'A ride' });
      expect(await find('7', other)).toMatchObject({ name: 'Seen from outside' });
    });

    test('erasing one account leaves the other as it was', async () => {
      await apply(claim(1), present());
      await apply(claim(2, { account: '2' }), present());
      await mirror.accountWriter.erase({ source: 'ridewithgps', account: '1' });
      expect(await mirror.accounts.find({ source: 'ridewithgps', account: '1' })).toBeUndefined();
      expect(await mirror.library.body(other.id, 'trip', '7')).toBeDefined();
      await mirror.accountWriter.erase({ source: 'ridewithgps', account: '2' });
      expect(await mirror.library.body(other.id, 'trip', '7')).toBeUndefined();
    });

    test('it is known what need not be fetched again: a good fetch that began later than the change', async () => {
      await apply(claim(1), present());
      const changes = [
        { type: 'trip', id: '7', happenedAt: now - 2_001 },
        { type: 'trip', id: '7', happenedAt: now - 2_000 },
        { type: 'trip', id: '8', happenedAt: 0 },
      ];
      expect(await mirror.items.fetchedLaterThan(rider.id, changes, 2_000, 0)).toEqual([true, false, false]);
      // The provider's clock was an hour ahead when this was fetched, and is right again.
      expect(await mirror.items.fetchedLaterThan(rider.id, changes, 2_000, -3_600_000)).toEqual([false, false, false]);
      await apply(claim(2), gone);
      expect(await mirror.items.fetchedLaterThan(rider.id, changes.slice(0, 1), 2_000, 0)).toEqual([false]);
    });

    test('what is stated is known when that version is here, or a later one, and in the same state', async () => {
      const known = async (version: string, body: Buffer | null) => {
        const change = { type: 'trip', id: '7', happenedAt: 0, statement: { version, body } };
        return (await mirror.items.fetchedLaterThan(rider.id, [change], 2_000, 0))[0];
      };
      const body = Buffer.from('{}');
      const [before, version, after] = [1, 2, 3].map((day) => `2026-05-0${day}T00:00:00.000Z`) as [
        string,
        string,
        string,
      ];
      expect(await known(version, body)).toBe(false);
      await apply(claim(1), present({ updated_at: version }));
      expect([await known(before, body), await known(version, body), await known(after, body)]).toEqual([
        true,
        true,
        false,
      ]);
      // Deleted within the same millisecond.
      expect([await known(before, null), await known(version, null)]).toEqual([true, false]);
      await apply(claim(2), { kind: 'gone', version });
      expect([await known(version, body), await known(version, null), await known(after, null)]).toEqual([
        false,
        true,
        false,
      ]);
      await apply(claim(3), gone);
      expect(await known(after, body)).toBe(false);
    });

    test('the first account that ever connects is the owner', () => {
      expect([rider.owner, other.owner]).toEqual([true, false]);
    });

    describe('the library', () => {
      /** Six items whose every figure differs, and one that has none. */
      async function fill(): Promise<void> {
        const rides: Record<string, unknown>[] = [
          {
            ...{
              id: 1,
              name: 'Vršič before breakfast',
              description: 'Fog in the valley',
              departed_at: '2025-06-01T05:00:00Z',
            },
            ...{
              locality: 'Kranjska Gora',
              administrative_area: 'Upper Carniola',
              country_code: 'SI',
              visibility: 'public',
            },
            ...{ distance: 60_000, elevation_gain: 1_300, moving_time: 9_000, activity_type: 'cycling:road' },
            ...{ gear: { id: 3, make: 'Basso', model: 'Palta' }, updated_at: '2026-05-06T00:00:00Z' },
          },
          {
            ...{ id: 2, name: 'Über den Paß', departed_at: '2025-12-31T23:59:59Z', updated_at: '2026-05-05T00:00:00Z' },
            ...{ locality: 'Villach', administrative_area: 'Carinthia', country_code: 'AT', visibility: 'private' },
            ...{ distance: 90_000, elevation_gain: 900, moving_time: 12_000, activity_type: 'cycling:gravel' },
            ...{ gear: { id: 4, make: null, model: null, description: 'Steel' } },
          },
          {
            ...{ id: 3, name: 'alpine loop', departed_at: '2026-01-01T00:00:00Z', updated_at: '2026-05-04T00:00:00Z' },
            ...{
              locality: 'Kamnik',
              administrative_area: 'Central Slovenia',
              country_code: 'SI',
              visibility: 'public',
            },
            ...{ distance: 40_000, elevation_gain: 1_100, duration: 10_000, activity_type: 'cycling:road' },
            ...{ gear: { id: 3, make: 'Basso', model: 'Palta' } },
          },
          { id: 4, name: 'Zone two "OR" NOT', departed_at: '2026-02-01T00:00:00Z', updated_at: '2026-05-07T00:00:00Z' },
        ];
        for (const [at, ride] of rides.entries()) await apply(claim(at + 1, { id: String(ride.id) }), present(ride));
      }

      const page = (over: object = {}, account = rider) =>
        mirror.library.list(account.id, { types: ['route', 'trip'], page: 1, pageSize: 10, ...over });
      const ids = async (over: object = {}) => (await page(over)).items.map(({ id }) => id).join('');

      test.each<[what: string, over: object, found: string]>([
        ['a word begun', { q: 'bre' }, '1'],
        ['no middle of a word', { q: 'reakfast' }, ''],
        ['all words, wherever each is', { q: 'fog kranjska vrs' }, '1'],
        ['letters without their marks', { q: 'uber' }, '2'],
        ['marks that the name has not', { q: 'álpîne' }, '3'],
        ['the name of the country', { q: 'slovenia' }, '31'],
        ['the code of the country', { q: 'AT' }, '2'],
        ['operators as words', { q: 'OR NOT' }, '4'],
        ['quotes as nothing', { q: '"OR" "' }, '4'],
        ['columns as words', { q: 'name:alpine' }, ''],
        ['no words as nothing', { q: '"*^ - ()' }, ''],
        ['only blanks as everything', { q: '  ' }, '4321'],
        ['a zero byte as a space', { q: 'alpine\0loop' }, '3'],
        ['days, the first in it', { from: '2026-01-01' }, '43'],
        ['days, the last in it', { to: '2025-12-31' }, '21'],
        ['days, both', { from: '2025-06-02', to: '2026-01-01' }, '32'],
        ['distance, both ends in it', { distanceMin: 40_000, distanceMax: 60_000 }, '31'],
        ['climbing, both ends in it', { climbingMin: 900, climbingMax: 1_100 }, '32'],
        ['what has no distance in no range', { distanceMin: 0 }, '321'],
        ['activity', { activity: 'cycling:road' }, '31'],
        ['gear', { gear: '4' }, '2'],
        ['visibility', { visibility: 'private' }, '2'],
        ['country', { country: 'SI' }, '31'],
        ['area', { country: 'SI', area: 'Upper Carniola' }, '1'],
        ['several at once', { q: 'slo', activity: 'cycling:road', distanceMax: 50_000 }, '3'],
        ['change', { since: '2026-05-06T00:00:00.000Z' }, '41'],
        ['type', { types: ['route'] }, ''],
        ['state', { state: 'deleted' }, ''],
        ['pin', { pinned: true }, ''],
      ])('finds by %s', async (_what, over, found) => {
        await fill();
        expect(await ids(over)).toBe(found);
        const { totals, meta } = await page(over);
        expect([totals.count, meta.total]).toEqual([found.length, found.length]);
        expect(await mirror.library.tally(rider.id, { types: ['route', 'trip'], ...over })).toBe(found.length);
      });

      test.each([
        ['date', '4321', '1234'],
        ['distance', '2134', '3124'],
        ['climbing', '1324', '2314'],
        ['time', '2314', '1324'],
        ['updated', '4123', '3214'],
      ])('sorts by %s in both directions, what is unknown last', async (sort, falling, rising) => {
        await fill();
        expect([await ids({ sort }), await ids({ sort, order: 'asc' })]).toEqual([falling, rising]);
        const pages = [1, 2, 3, 4].map((at) => ids({ sort, page: at, pageSize: 1 }));
        expect((await Promise.all(pages)).join('')).toBe(falling);
      });

      test('sorts names as people do, from A on', async () => {
        await fill();
        expect([await ids({ sort: 'name' }), await ids({ sort: 'name', order: 'desc' })]).toEqual(['3214', '4123']);
      });

      test('sums up what is filtered, on whatever page', async () => {
        await fill();
        const sums = { count: 2, distance: 100_000, climbing: 2_400, moving_time: 19_000 };
        expect((await page({ country: 'SI', pageSize: 1, page: 2 })).totals).toEqual(sums);
        expect((await page({ country: 'XX' })).totals).toEqual({ count: 0, distance: 0, climbing: 0, moving_time: 0 });
        expect((await page({}, other)).totals.count).toBe(0);
      });

      test('says what else could be chosen: each choice is counted as if it alone were not made', async () => {
        await fill();
        const { facets } = await page({ activity: 'cycling:road', from: '2026-01-01' });
        expect(facets).toEqual({
          activities: [{ value: 'cycling:road', count: 1 }],
          gear: [{ value: '3', name: 'Basso Palta', count: 1 }],
          visibilities: [{ value: 'public', count: 1 }],
          countries: [{ value: 'SI', name: 'Slovenia', count: 1, areas: [{ value: 'Central Slovenia', count: 1 }] }],
          years: [
            { value: '2026', count: 1 },
            { value: '2025', count: 1 },
          ],
        });
        const all = (await page({ gear: '3', country: 'SI' })).facets;
        expect(all.gear).toEqual([{ value: '3', name: 'Basso Palta', count: 2 }]);
        expect(all.countries.map(({ value, count }) => [value, count])).toEqual([['SI', 2]]);
        const { gear } = (await page({ gear: '3' })).facets;
        expect(gear.map(({ name }) => name)).toEqual(['Basso Palta', 'Steel']);
        expect((await page({}, other)).facets).toEqual({
          ...{ activities: [], gear: [], visibilities: [], countries: [], years: [] },
        });
      });

      test('follows each change: what was renamed, moved, deleted, raised or erased', async () => {
        await fill();
        const anew = {
          id: 1,
          name: 'Mangart',
          updated_at: '2026-06-01T00:00:00Z',
          departed_at: '2024-06-01T05:00:00Z',
        };
        await apply(claim(11, { id: '1' }), present(anew));
        expect([await ids({ q: 'vrsic' }), await ids({ q: 'fog' }), await ids({ q: 'mangart' })]).toEqual([
          '',
          '',
          '1',
        ]);
        expect([await ids({ country: 'SI' }), await ids({ to: '2024-12-31' })]).toEqual(['3', '1']);
        expect((await page()).facets.years.map(({ value }) => value)).toEqual(['2026', '2025', '2024']);
        await apply(claim(12, { id: '3', announcesDeletion: true }), gone);
        expect([await ids(), await ids({ state: 'deleted', q: 'alpine' })]).toEqual(['421', '3']);
        await apply(
          claim(13, { id: '3' }),
          present({ id: 3, name: 'alpine loop', departed_at: '2026-01-01T00:00:00Z' }),
        );
        expect([await ids({ q: 'alpine' }), await ids({ state: 'deleted' })]).toEqual(['3', '']);
        await apply(claim(14, { type: 'pinned', id: 'pinned' }), { kind: 'pins', pins: [{ type: 'trip', id: '2' }] });
        expect([await ids({ pinned: true }), await ids({ pinned: false })]).toEqual(['2', '431']);
        await mirror.accountWriter.erase({ source: 'ridewithgps', account: '1' });
        expect([await ids(), await ids({ q: 'alpine' }), (await page()).facets.years]).toEqual(['', '', []]);
      });

      test('what names are made of is found as text', async () => {
        const name = `<script>alert('x')</script> "quoted" \\ %_`;
        await apply(claim(1), present({ name }));
        for (const q of ['<script>', "alert('x", '"quoted"', name])
          expect((await page({ q })).items[0]?.name).toBe(name);
      });

      test('what is described already is not described anew', async () => {
        await fill();
        expect(await mirror.itemWriter.describedBefore(10)).toEqual([]);
      });
    });

    describe('the history of an item', () => {
      const iso = (at: number) => new Date(at).toISOString();
      const versions = (account = rider) => mirror.library.revisions(account.id, 'trip', '7');
      const passages = async (account = rider) =>
        (await mirror.library.passages(account.id, 'trip', '7')).map(({ at, what }) => [at, what]);
      const bodyName = async (revision?: number, account = rider) => {
        const body = await mirror.library.body(account.id, 'trip', '7', revision);
        return body && JSON.parse(body.toString()).trip.name;
      };

      test('has every version with its number, its times and what it was learnt by', async () => {
        await apply(claim(1, { origin: 'backfill', action: 'created', webhook: null }), present({ name: 'One' }));
        now += 10_000;
        await apply(claim(2), present({ name: 'One' }));
        now += 10_000;
        const told = { first: now - 1_500, last: now - 500 };
        await apply(
          claim(3, { origin: 'reconciliation', webhook: told }),
          present({ name: 'Two', updated_at: '2026-05-02T00:00:00Z' }),
        );
        now += 10_000;
        const found = claim(4, { origin: 'audit', action: 'differs', webhook: null });
        await apply(found, present({ name: 'Three', updated_at: '2026-05-03T00:00:00Z' }));
        const [three, two, one, ...none] = await versions();
        expect(none).toEqual([]);
        expect(one).toMatchObject({
          revision: 1,
          updated_at: '2026-05-01T00:00:00.000Z',
          fetched_at: iso(NOON),
          confirmed_at: iso(NOON + 10_000),
          replaced_at: iso(NOON + 20_000),
          learnt: { origin: 'backfill', action: 'created', at: iso(NOON) },
        });
        expect(two).toMatchObject({
          revision: 2,
          fetched_at: iso(NOON + 20_000),
          replaced_at: iso(NOON + 30_000),
          learnt: { origin: 'webhook', action: 'updated', at: iso(NOON + 18_500) },
        });
        expect(three).toMatchObject({ revision: 3, replaced_at: null, learnt: { origin: 'audit' } });
        expect(three?.bytes).toBeGreaterThan(100);
        expect(await mirror.library.countEarlier(rider.id, 'trip', '7')).toBe(2);
      });

      test('gives the body of any version back, and of none that there is not', async () => {
        for (const [at, name] of ['One', 'Two', 'Three'].entries())
          await apply(claim(at + 1), present({ name, updated_at: `2026-05-0${at + 1}T00:00:00Z` }));
        expect([await bodyName(1), await bodyName(2), await bodyName(3), await bodyName()]).toEqual([
          'One',
          'Two',
          'Three',
          'Three',
        ]);
        expect([await bodyName(0), await bodyName(4), await bodyName(1.5)]).toEqual([undefined, undefined, undefined]);
      });

      test('has a version that came back as one more', async () => {
        for (const [at, name] of ['One', 'Two', 'One'].entries()) await apply(claim(at + 1), present({ name }));
        expect((await versions()).map(({ revision }) => revision)).toEqual([3, 2, 1]);
        expect([await bodyName(1), await bodyName(3)]).toEqual(['One', 'One']);
      });

      test('tells of a deletion and of its being undone, with the same body and with another', async () => {
        await apply(claim(1), present());
        now += 1_000;
        await apply(claim(2, { announcesDeletion: true, action: 'deleted' }), gone);
        now += 1_000;
        // Asked for once more, and still gone: nothing came back.
        await apply(claim(3, { origin: 'person' }), gone);
        expect(await passages()).toEqual([[iso(NOON + 1_000), 'deleted']]);
        expect(await versions()).toHaveLength(1);
        expect(await bodyName(1)).toBe('A ride');
        now += 1_000;
        await apply(claim(4), present());
        now += 1_000;
        await apply(claim(5, { announcesDeletion: true }), gone);
        now += 1_000;
        await apply(claim(6), present({ name: 'Anew', updated_at: '2026-05-04T00:00:00Z' }));
        expect(await passages()).toEqual([
          [iso(NOON + 5_000), 'back'],
          [iso(NOON + 4_000), 'deleted'],
          [iso(NOON + 3_000), 'back'],
          [iso(NOON + 1_000), 'deleted'],
        ]);
        expect(await versions()).toHaveLength(2);
      });

      test('is nobody else’s', async () => {
        await apply(claim(1), present({ name: 'One' }));
        await apply(claim(2), present({ name: 'Two', updated_at: '2026-05-02T00:00:00Z' }));
        await apply(claim(3, { announcesDeletion: true }), gone);
        await apply(claim(4, { account: '2' }), present({ name: 'As seen by another' }));
        expect(await versions(other)).toHaveLength(1);
        expect([await bodyName(1, other), await bodyName(2, other)]).toEqual(['As seen by another', undefined]);
        expect(await passages(other)).toEqual([]);
        expect(await mirror.library.countEarlier(other.id, 'trip', '7')).toBe(0);
        const ref = { accountId: other.id, type: 'trip', id: '7' };
        expect((await mirror.items.fetches(ref, 10)).map(({ outcome }) => outcome)).toEqual(['created']);
        expect(await mirror.items.standing({ ...ref, id: '8' })).toBeUndefined();
      });
    });

    describe('the evidence about an item', () => {
      const ref = () => ({ accountId: rider.id, type: 'trip', id: '7' });
      const outcomes = async (limit = 100) => (await mirror.items.fetches(ref(), limit)).map(({ outcome }) => outcome);

      test('is every fetch with what it answered and what came of it, newest first', async () => {
        await apply(claim(1, { action: 'created' }), present());
        now += 5_000;
        const late = { webhook: { first: now - 900, last: now - 100 }, notifications: 3, claimedAt: now - 50 };
        await apply(claim(2, { ...late, firstLearntAt: now - 900 }), present());
        const [latest, first] = await mirror.items.fetches(ref(), 100);
        expect(first).toMatchObject({ action: 'created', outcome: 'created', notifications: 1 });
        expect(latest).toEqual({
          origin: 'webhook',
          action: 'updated',
          notifications: 3,
          firstLearntAt: now - 900,
          webhook: { first: now - 900, last: now - 100 },
          claimedAt: now - 50,
          finishedAt: now,
          outcome: 'unchanged',
          detail: '',
        });
        expect(await outcomes(1)).toEqual(['unchanged']);
      });

      test('says how it stands: here, missing, deleted, never seen, pinned and never seen', async () => {
        expect(await mirror.items.standing(ref())).toBeUndefined();
        await apply(claim(1), gone);
        expect(await mirror.items.standing(ref())).toMatchObject({ hasBody: false, pinned: false });
        await apply(claim(2), present());
        expect(await mirror.items.standing(ref())).toMatchObject({ hasBody: true, owned: true, missingAt: null });
        now += 1_000;
        await apply(claim(3), gone);
        expect(await mirror.items.standing(ref())).toMatchObject({ missingAt: now, deletedAt: null });
        now += CONFIRM_AFTER_MS;
        await apply(claim(4), gone);
        expect(await mirror.items.standing(ref())).toMatchObject({ missingAt: null, deletedAt: now });
        await apply(claim(5, { type: 'pinned', id: 'pinned' }), { kind: 'pins', pins: [{ type: 'trip', id: '9' }] });
        expect(await mirror.items.standing({ ...ref(), id: '9' })).toMatchObject({ hasBody: false, pinned: true });
      });

      test('has the owner’s word on a held deletion too', async () => {
        const all = Array.from({ length: 13 }, (_, n) => String(100 + n));
        for (const [n, id] of all.entries()) await apply(claim(n + 1, { id }), present({ id: Number(id), name: id }));
        for (const [n, id] of all.slice(0, 12).entries()) {
          await apply(claim(20 + 2 * n, { id }), gone);
          now += CONFIRM_AFTER_MS;
          await apply(claim(21 + 2 * n, { id }), gone);
        }
        const held = await mirror.items.held(rider.id);
        expect(held.map(({ id }) => id).sort()).toEqual(['110', '111']);
        const through = Math.min(...held.map(({ at }) => at));
        now += 5_000;
        await mirror.items.confirmHeld(rider.id, through, now);
        now += 5_000;
        await mirror.items.keepHeld(rider.id, now, now);
        const of = async (id: string) => (await mirror.items.fetches({ ...ref(), id }, 1))[0];
        expect(await of('110')).toMatchObject({ origin: 'person', action: 'confirmed', outcome: 'tombstoned' });
        expect(await of('111')).toMatchObject({
          origin: 'person',
          action: 'refused',
          outcome: 'kept',
          finishedAt: now,
        });
        expect(await mirror.library.passages(rider.id, 'trip', '110')).toMatchObject([{ what: 'deleted' }]);
      });
    });

    test('lists are limited to one account, and filtered as asked', async () => {
      await apply(
        claim(1),
        present({ name: 'Über den Paß 100%', locality: 'Kamnik', departed_at: '2026-04-01T08:00:00Z' }),
      );
      await apply(claim(2, { id: '8' }), present({ id: 8, name: 'Second', departed_at: '2026-04-02T08:00:00Z' }));
      const list = async (over: object, account = rider) =>
        (await mirror.library.list(account.id, { types: ['trip'], page: 1, pageSize: 10, ...over })).items.map(
          ({ id }) => id,
        );
      expect(await list({})).toEqual(['8', '7']);
      expect(await list({ q: '100%' })).toEqual(['7']);
      expect(await list({ q: 'kamnik' })).toEqual(['7']);
      expect(await list({ q: '_' })).toEqual([]);
      expect(await list({ types: ['route'] })).toEqual([]);
      expect(await list({ pageSize: 1, page: 2 })).toEqual(['7']);
      expect(await list({ since: '2026-05-01T00:00:01.000Z' })).toEqual([]);
      expect(await list({}, other)).toEqual([]);
    });

    describe('the map', () => {
      let seq = 0;
      linesSuite({
        mirror: () => mirror,
        accounts: () => ({ rider: rider.id, other: other.id }),
        apply: (id, ride) => apply(claim(++seq, { id }), present({ id: Number(id), ...ride })),
        remove: (id) => apply(claim(++seq, { id, announcesDeletion: true }), gone),
      });
    });
  });
}

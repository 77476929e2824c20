import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ClaimRequest,
  type Delivery,
  type Inbox,
  type Limit,
  type NewDelivery,
  type Rejection,
  type Settlement,
  TAKEN_AT_ONCE,
  type Taken,
} from '../../src/storage/inbox.ts';
import type { Claim, Key, Notification } from '../../src/vocabulary.ts';
import { delivery, done, key, note, only, room } from '../support/notes.ts';

const RIDER = { source: 'ridewithgps', account: '1' } as const;
const OTHER = { source: 'ridewithgps', account: '2' } as const;
const taken = (id = 0, notifications: Notification[] = [], rejections: Rejection[] = []): Taken => ({
  id,
  notifications,
  rejections,
});
const rejection = (deliveryId: number): Rejection => ({
  source: 'ridewithgps',
  deliveryId,
  problem: { code: 'unreadable-notification', sentence: 'One notification …' },
  evidence: '1',
  learntAt: 1,
});
const bodies = (deliveries: Delivery[]): string[] => deliveries.map(({ body }) => body.toString());

/**
 * What every inbox must do, whatever it is stored in.
 *
 * @param open Opens the same, empty at first, inbox each time it is called within one test.
 */
export function inboxSuite(name: string, open: () => Promise<Inbox>, forget: () => Promise<void>): void {
  describe(`the inbox in ${name}`, () => {
    let inbox: Inbox;
    beforeEach(async () => {
      inbox = await open();
    });
    afterEach(async () => {
      await inbox.close();
      await forget();
    });
    const claim = (over?: Partial<ClaimRequest>) => inbox.exchange([], room(over));
    const settle = (settlement: Settlement, over?: Partial<ClaimRequest>) =>
      inbox.exchange([settlement], room({ room: 0, ...over }));
    /** What nobody had taken. */
    async function takeAll(): Promise<Delivery[]> {
      const seen: Delivery[] = [];
      await inbox.takeNext(10, (each) => {
        seen.push(each);
        return { notifications: [], rejections: [] };
      });
      return seen;
    }
    async function reopen(): Promise<void> {
      await inbox.close();
      inbox = await open();
    }

    test('deliveries are there after it was closed, in the order of their ids, until they are taken', async () => {
      const ids = await Promise.all(['a', 'b', 'c'].map((body) => inbox.keep(delivery(body))));
      await reopen();
      await inbox.take([taken(ids[0], [note(key('1'))]), taken(ids[1], [note(key('2'))])]);
      expect(bodies(await takeAll())).toEqual(['c']);
      expect((await claim()).map((each) => each.key)).toEqual([key('1'), key('2')]);
    });

    test('a delivery is taken once, whoever takes it and however often', async () => {
      const id = await inbox.keep(delivery('a'));
      const read = () => ({ notifications: [note(key('1'))], rejections: [rejection(id)] });
      await Promise.all([inbox.take([{ id, ...read() }]), inbox.takeNext(10, read), inbox.take([{ id, ...read() }])]);
      expect(await inbox.takeNext(10, read)).toEqual({ deliveries: 0, accounts: [] });
      expect(only(await claim()).notifications).toBe(1);
      expect(await inbox.deadLetters(RIDER, true)).toHaveLength(1);
    });

    test('the oldest are taken first, so many at once, and whoever asked is told whose they are', async () => {
      for (const body of ['a', 'b', 'c']) await inbox.keep(delivery(body));
      const seen: Delivery[] = [];
      const read = (each: Delivery) => {
        seen.push(each);
        return {
          notifications: [note(key(String(each.id), each.body.toString() === 'b' ? '2' : '1'))],
          rejections: [],
        };
      };
      expect(await inbox.takeNext(2, read)).toMatchObject({ deliveries: 2, accounts: [RIDER, OTHER] });
      expect(bodies(seen)).toEqual(['a', 'b']);
      expect(await inbox.takeNext(2, read)).toMatchObject({ deliveries: 1, accounts: [RIDER] });
      expect(bodies(seen)).toEqual(['a', 'b', 'c']);
      expect(seen[0]).toMatchObject({ source: 'ridewithgps', client: 'key', receivedAt: 1_000, sealed: false });
    });

    test('deliveries that hold much are taken few at a time', async () => {
      for (let n = 0; n < 4; n += 1) await inbox.keep(delivery(String(n)));
      const half = Array.from({ length: TAKEN_AT_ONCE / 2 }, (_, n) => note(key(String(n))));
      const read = () => ({ notifications: half, rejections: [] });
      expect((await inbox.takeNext(10, read)).deliveries).toBe(2);
      expect((await inbox.takeNext(1, read)).deliveries).toBe(1);
      expect((await inbox.takeNext(10, read)).deliveries).toBe(1);
    });

    test('of what cannot be read nothing is taken, and it is there the next time', async () => {
      const ids = [await inbox.keep(delivery('a')), await inbox.keep(delivery('b'))];
      const read = ({ id }: Delivery) => {
        if (id === ids[1]) throw new Error('It cannot be read.');
        return { notifications: [note(key('1'))], rejections: [rejection(id)] };
      };
      await expect(inbox.takeNext(10, read)).rejects.toThrow('It cannot be read.');
      expect(await claim()).toEqual([]);
      expect(await inbox.deadLetters(RIDER, true)).toEqual([]);
      expect(bodies(await takeAll())).toEqual(['a', 'b']);
    });

    test('a large delivery comes back byte for byte, readable or not', async () => {
      const large = JSON.stringify({ notifications: Array.from({ length: 2_000 }, (_, n) => ({ n })) });
      await inbox.keep(delivery(large));
      await inbox.keep(delivery(`${large}]`, { unreadable: { code: 'not-json', sentence: 'It is not JSON.' } }));
      expect(only(await takeAll()).body.toString()).toBe(large);
      const letter = only(await inbox.deadLetters(RIDER, true));
      expect(await inbox.replay(letter.id, RIDER, true, 1)).toMatchObject({ bytes: Buffer.from(`${large}]`) });
    });

    test('an unreadable delivery is a dead letter of nobody, shown to the owner alone', async () => {
      await inbox.keep(delivery('{', { unreadable: { code: 'not-json', sentence: 'It is not JSON.' } }));
      expect(await takeAll()).toEqual([]);
      expect(await inbox.deadLetters(RIDER, false)).toEqual([]);
      expect(only(await inbox.deadLetters(RIDER, true))).toMatchObject({
        kind: 'delivery',
        code: 'not-json',
        account: null,
      });
    });

    test('unreadable deliveries cannot pile up without end', async () => {
      const unreadable = { code: 'not-json', sentence: 'It is not JSON.' };
      await Promise.all(Array.from({ length: 1_100 }, (_, n) => inbox.keep(delivery(`${n}`, { unreadable }))));
      const answer = await inbox.replay(1, RIDER, true, 1);
      expect(answer.kind).toBe('none');
      expect((await inbox.replay(1_100, RIDER, true, 1)).kind).toBe('read-again');
      expect(await inbox.droppedLetters()).toBeGreaterThanOrEqual(100);
      expect(await inbox.droppedLetters()).toBeLessThanOrEqual(200);
    });

    test('neither can large ones, however few they are', async () => {
      const unreadable = { code: 'not-json', sentence: 'It is not JSON.' };
      const body = randomBytes(1024 * 1024);
      const ids: number[] = [];
      for (let n = 0; n < 66; n += 1) ids.push(await inbox.keep(delivery('', { body, unreadable })));
      const kept = await inbox.letterIds(RIDER, true);
      expect(kept.length).toBeLessThanOrEqual(64);
      expect(kept.length).toBeGreaterThan(50);
      expect(await inbox.droppedLetters()).toBe(ids.length - kept.length);
      const oldest = await inbox.replay(Math.min(...kept), RIDER, true, 1);
      expect(oldest).toMatchObject({ kind: 'read-again', bytes: body });
    });

    test('notifications for one key are one task, which knows how many they were', async () => {
      await inbox.enqueue([note(key('1'), { learntAt: 10 }), note(key('1'), { learntAt: 20 }), note(key('2'))]);
      const claims = await claim();
      expect(claims.map(({ key: { id }, notifications }) => [id, notifications]).sort()).toEqual([
        ['1', 2],
        ['2', 1],
      ]);
      expect(claims.find(({ key: { id } }) => id === '1')).toMatchObject({
        firstLearntAt: 10,
        lastLearntAt: 20,
        webhook: { first: 10, last: 20 },
      });
    });

    test('a claimed task is not given out again, and a finished one is gone', async () => {
      await inbox.enqueue([note(key('1'))]);
      const mine = only(await claim());
      expect(await claim()).toEqual([]);
      await settle(done(mine));
      expect(await claim()).toEqual([]);
      expect(await inbox.counts(RIDER)).toEqual({ pending: 0, active: 0, parked: 0, dead: 0, backfill: 0 });
    });

    test('a notification during a fetch leads to exactly one more', async () => {
      await inbox.enqueue([note(key('1'))]);
      const first = only(await claim());
      await inbox.enqueue([note(key('1'), { learntAt: 1_500 }), note(key('1'), { learntAt: 1_600 })]);
      expect(await claim()).toEqual([]);
      await settle(done(first));
      const second = only(await claim());
      expect(second).toMatchObject({ notifications: 2, firstLearntAt: 1_500, attempts: 1 });
      expect(second.seq).toBeGreaterThan(first.seq);
      await settle(done(second));
      expect(await claim()).toEqual([]);
    });

    test('a deletion that was announced before a fetch counts for that fetch, and not for the next', async () => {
      await inbox.enqueue([note(key('1'), { announcesDeletion: true }), note(key('1'))]);
      const first = only(await claim());
      expect(first.announcesDeletion).toBe(true);
      await inbox.enqueue([note(key('1'))]);
      await settle(done(first));
      expect(only(await claim()).announcesDeletion).toBe(false);
    });

    test('a fetch that has to be tried again keeps what was announced, and what came meanwhile', async () => {
      await inbox.enqueue([note(key('1'), { announcesDeletion: true, learntAt: 10 })]);
      const first = only(await claim());
      await inbox.enqueue([note(key('1'), { learntAt: 1_500 })]);
      await settle({ claim: first, kind: 'retry', dueAt: 3_000.4, reason: 'It was down.' });
      expect(await claim()).toEqual([]);
      const second = only(await claim({ now: 3_001 }));
      expect(second).toMatchObject({
        announcesDeletion: true,
        firstLearntAt: 10,
        attempts: 2,
        notifications: 2,
        webhook: { first: 10, last: 1_500 },
      });
    });

    test('being asked to slow down spends no attempt, a failure does', async () => {
      await inbox.enqueue([note(key('1'))]);
      await settle({ claim: only(await claim()), kind: 'again', dueAt: 2_000, reason: '429' });
      const second = only(await claim());
      expect(second.attempts).toBe(1);
      await settle({ claim: second, kind: 'retry', dueAt: 2_000, reason: '500' });
      expect(only(await claim()).attempts).toBe(2);
    });

    test('news does not shorten the back-off of a failing item', async () => {
      await inbox.enqueue([note(key('1'))]);
      await settle({ claim: only(await claim()), kind: 'retry', dueAt: 9_000, reason: '500' });
      await inbox.enqueue([note(key('1'), { learntAt: 2_100 })]);
      expect(await claim({ now: 8_999 })).toEqual([]);
      expect(only(await claim({ now: 9_000 })).notifications).toBe(2);
    });

    test('nor does news that is more urgent than what fails', async () => {
      await inbox.enqueue([note(key('1'), { origin: 'backfill' })]);
      await settle({ claim: only(await claim()), kind: 'retry', dueAt: 9_000, reason: '500' });
      await inbox.enqueue([note(key('1'), { learntAt: 2_100 })]);
      expect(await claim({ now: 8_999 })).toEqual([]);
      expect(only(await claim({ now: 9_000 }))).toMatchObject({ origin: 'webhook', attempts: 2 });
    });

    test('an answer that has to be heard twice ends the back-off, and news during or after it is asked about at once', async () => {
      await inbox.enqueue([note(key('1'))]);
      await settle({ claim: only(await claim()), kind: 'retry', dueAt: 2_000, reason: '500' });
      const during = only(await claim());
      await inbox.enqueue([note(key('1'), { learntAt: 2_100 })]);
      await settle({ claim: during, kind: 'confirm', dueAt: 60_000, reason: 'Not announced.' });
      const at = only(await claim({ now: 2_100 }));
      expect(at.attempts).toBe(1);
      await settle({ claim: at, kind: 'confirm', dueAt: 60_000, reason: 'Not announced.' });
      expect(await claim({ now: 59_999 })).toEqual([]);
      await inbox.enqueue([note(key('1'), { learntAt: 3_000 })]);
      expect(only(await claim({ now: 3_000 })).attempts).toBe(1);
    });

    test('the attempt is counted at the claim, and what was in flight at a crash is pending after it', async () => {
      await inbox.enqueue([note(key('1'))]);
      await claim();
      await reopen();
      expect(await inbox.recover()).toBe(1);
      expect(only(await claim()).attempts).toBe(2);
    });

    test('what was in flight at one crash after the other may be what causes them: it waits longer each time', async () => {
      await inbox.enqueue([note(key('1'))]);
      for (let crash = 1; crash <= 3; crash += 1) {
        expect(only(await claim()).attempts).toBe(crash);
        await reopen();
        await inbox.recover();
      }
      expect(await claim()).toEqual([]);
      expect(await claim({ now: 9_999 })).toEqual([]);
      expect(only(await claim({ now: 10_000 })).attempts).toBe(4);
    });

    test('what is in hand is never taken for what a crash left behind', async () => {
      await inbox.recover();
      await inbox.enqueue([note(key('1'))]);
      await claim();
      expect([await inbox.recover(), await inbox.recover()]).toEqual([0, 0]);
      expect(await claim()).toEqual([]);
    });

    test.each<[how: string, settlement: (late: Claim) => Settlement]>([
      ['is done', done],
      ['has to try again', (late) => ({ claim: late, kind: 'retry', dueAt: 2_000, reason: '500' })],
      ['was put off', (late) => ({ claim: late, kind: 'again', dueAt: 2_000, reason: '429' })],
      ['has to ask twice', (late) => ({ claim: late, kind: 'confirm', dueAt: 2_000, reason: 'Not announced.' })],
      ['gives up', (late) => ({ claim: late, kind: 'dead', problem: { code: 'x', sentence: 'X.' }, evidence: '' })],
    ])('a finisher that %s after its claim was given to another changes nothing', async (_, settlement) => {
      await inbox.enqueue([note(key('1'))]);
      const late = only(await claim());
      await reopen();
      await inbox.recover();
      const mine = only(await claim());
      await settle(settlement(late));
      expect(await inbox.deadLetters(RIDER, true)).toEqual([]);
      expect(await inbox.counts(RIDER)).toMatchObject({ active: 1 });
      await settle(done(mine));
      expect(await inbox.counts(RIDER)).toMatchObject({ active: 0, pending: 0 });
    });

    test('sequence numbers grow across restarts, and never start below what the mirror has seen', async () => {
      await inbox.enqueue([note(key('1'))]);
      const { seq } = only(await claim());
      await reopen();
      await inbox.recover();
      expect(only(await claim()).seq).toBeGreaterThan(seq);
      await inbox.raiseSequence(5_000);
      await inbox.raiseSequence(10);
      await inbox.enqueue([note(key('2'))]);
      expect(only(await claim()).seq).toBe(5_001);
    });

    test('one account gets no more than its share, and others go on', async () => {
      await inbox.enqueue(Array.from({ length: 50 }, (_, n) => note(key(String(n)))));
      await inbox.enqueue([note(key('1', OTHER.account), { learntAt: 1_900 })]);
      const claims = await claim({ room: 8, perAccount: 3 });
      expect(claims.filter(({ key: { account } }) => account === '1')).toHaveLength(3);
      expect(claims.filter(({ key: { account } }) => account === '2')).toHaveLength(1);
      expect(await claim({ room: 8, perAccount: 3 })).toEqual([]);
    });

    test('accounts take turns, so that a long queue delays nobody', async () => {
      for (const account of ['1', '2', '3']) {
        await inbox.enqueue(Array.from({ length: 10 }, (_, n) => note(key(String(n), account))));
      }
      const order: string[] = [];
      for (let turn = 0; turn < 6; turn += 1) {
        const mine = only(await claim({ room: 1 }));
        order.push(mine.key.account);
        await settle(done(mine));
      }
      expect([...order].sort()).toEqual(['1', '1', '2', '2', '3', '3']);
    });

    test('what happens now comes before what is caught up, and that before a backfill', async () => {
      await inbox.enqueue([
        note(key('backfill'), { origin: 'backfill', learntAt: 1 }),
        note(key('caught-up'), { origin: 'reconciliation', learntAt: 2 }),
        note(key('now'), { learntAt: 3 }),
      ]);
      expect(await inbox.counts(RIDER)).toMatchObject({ pending: 3, backfill: 1 });
      expect((await claim()).map(({ key: { id } }) => id)).toEqual(['now', 'caught-up', 'backfill']);
    });

    test('a backfill task that a webhook asks for too is no longer in the back', async () => {
      await inbox.enqueue([note(key('1'), { origin: 'backfill' }), note(key('2'), { origin: 'backfill' })]);
      await inbox.enqueue([note(key('2'), { origin: 'webhook' })]);
      expect(only(await claim({ room: 1 })).key.id).toBe('2');
    });

    test('a paused account waits, and only that one', async () => {
      await inbox.enqueue([note(key('1')), note(key('1', OTHER.account))]);
      await inbox.pause(RIDER, 5_000);
      await inbox.pause(RIDER, 3_000);
      expect((await claim()).map(({ key: { account } }) => account)).toEqual(['2']);
      expect(await claim({ now: 4_999 })).toEqual([]);
      expect(only(await claim({ now: 5_001 })).key.account).toBe('1');
    });

    test('a parked account waits until it is unparked; its probe does not', async () => {
      const probe: Key = { ...RIDER, type: 'account', id: 'token' };
      await inbox.enqueue([note(key('1')), note(probe)]);
      await inbox.park(RIDER, 'The token is refused.');
      expect(await inbox.counts(RIDER)).toMatchObject({ pending: 0, parked: 2 });
      await settle(done(only(await claim())));
      await inbox.enqueue([note(key('2'))]);
      expect(await claim()).toEqual([]);
      await inbox.unpark(RIDER, 2_000);
      expect((await claim()).map(({ key: { id } }) => id).sort()).toEqual(['1', '2']);
    });

    test('unparking what was not parked ends no other wait', async () => {
      await inbox.enqueue([note(key('1')), note(key('2'))]);
      const [failed] = await claim({ room: 1 });
      if (failed) await settle({ claim: failed, kind: 'retry', dueAt: 60_000, reason: 'It failed.' });
      await inbox.pause(RIDER, 30_000);
      await inbox.unpark(RIDER, 2_000);
      expect(await claim({ now: 2_000 })).toEqual([]);
      expect(only(await claim({ now: 30_000 })).key.id).not.toBe(failed?.key.id);
    });

    test('no task of a source that is down is given out', async () => {
      await inbox.enqueue([note(key('1'))]);
      expect(await claim({ limits: [{ source: 'ridewithgps', most: 0, since: 0 }] })).toEqual([]);
      expect(await claim({ limits: [{ source: 'rye', most: 0, since: 0 }] })).toHaveLength(1);
    });

    test('where it is limited, no more of a source or of one account are given out', async () => {
      await inbox.enqueue(['1', '2', '3'].flatMap((id) => [note(key(id)), note(key(id, OTHER.account))]));
      const accounts = async (...limits: Omit<Limit, 'since'>[]) => {
        const claims = await claim({ limits: limits.map((each) => ({ ...each, since: 0 })) });
        for (const each of claims) await settle({ claim: each, kind: 'again', dueAt: 1_000, reason: '' });
        return claims.map(({ key: { account } }) => account).sort();
      };
      expect(await accounts({ source: 'ridewithgps', most: 2 })).toEqual(['1', '2']);
      expect(await accounts({ ...RIDER, most: 1 })).toEqual(['1', '2', '2', '2']);
      expect(await accounts({ source: 'ridewithgps', most: 3 }, { ...RIDER, most: 0 })).toEqual(['2', '2', '2']);
    });

    test('a limit counts what is active already, by whoever, but not what was claimed before', async () => {
      await inbox.enqueue(['1', '2', '3', '4'].flatMap((id) => [note(key(id)), note(key(id, OTHER.account))]));
      const before = await claim({ room: 3, now: 2_000 });
      const limits = [{ source: 'ridewithgps', most: 2, since: 5_000 } as const];
      const [first, ...others] = await claim({ limits, room: 1, now: 5_000 });
      expect([first?.key.source, others]).toEqual(['ridewithgps', []]);
      expect(await claim({ limits, now: 5_001 })).toHaveLength(1);
      expect(await claim({ limits, now: 5_002 })).toEqual([]);
      for (const each of before) await settle({ claim: each, kind: 'again', dueAt: 9_000, reason: '' });
      expect(await claim({ limits, now: 5_003 })).toEqual([]);
      if (first) await settle({ claim: first, kind: 'done', followUps: [] });
      expect(await claim({ limits, now: 5_004 })).toHaveLength(1);
    });

    test('a limit of one account counts that account alone, and several hold at once', async () => {
      await inbox.enqueue(['1', '2', '3'].flatMap((id) => [note(key(id)), note(key(id, OTHER.account))]));
      expect(await claim({ limits: [{ ...RIDER, most: 0, since: 0 }], room: 2 })).toHaveLength(2);
      const limits: Limit[] = [
        { source: 'ridewithgps', most: 4, since: 0 },
        { ...RIDER, most: 1, since: 0 },
      ];
      const claims = await claim({ limits });
      expect(claims.map(({ key: { account } }) => account).sort()).toEqual(['1', '2']);
      expect(await claim({ limits })).toEqual([]);
    });

    test('a notification may say when to begin', async () => {
      await inbox.enqueue([note(key('1'), { notBefore: 4_000 })]);
      expect(await claim({ now: 3_999 })).toEqual([]);
      expect(await claim({ now: 4_000 })).toHaveLength(1);
    });

    test('what follows from a fetch is queued in the same step as it is finished', async () => {
      await inbox.enqueue([note(key('1'))]);
      const mine = only(await claim());
      const [next] = await inbox.exchange(
        [{ claim: mine, kind: 'done', followUps: [note(key('9'), { origin: 'follow-up' })] }],
        room(),
      );
      expect(next?.key.id).toBe('9');
    });

    test('a dead letter keeps its task until it is replayed or news comes', async () => {
      const problem = { code: 'too-large', sentence: 'It is too large.' };
      await inbox.enqueue([note(key('1')), note(key('2'))]);
      for (const each of await claim()) await settle({ claim: each, kind: 'dead', problem, evidence: '' });
      expect(await inbox.counts(RIDER)).toMatchObject({ dead: 2, pending: 0 });
      const letters = await inbox.deadLetters(RIDER, false);
      expect(letters).toHaveLength(2);
      expect(await inbox.deadLetters(OTHER, false)).toEqual([]);

      const letter = letters.find(({ item_id }) => item_id === '1');
      expect((await inbox.replay(letter?.id ?? 0, OTHER, false, 2_000)).kind).toBe('none');
      expect((await inbox.replay(letter?.id ?? 0, RIDER, false, 2_000)).kind).toBe('queued');
      expect(only(await claim())).toMatchObject({ key: key('1'), attempts: 1 });

      await inbox.enqueue([note(key('2'), { learntAt: 2_000 })]);
      const again = only(await claim());
      expect(again).toMatchObject({ key: key('2'), attempts: 1 });
      await settle(done(again));
      expect(await inbox.deadLetters(RIDER, false)).toEqual([]);
    });

    test('a task that fails for good while news came is tried once more instead', async () => {
      await inbox.enqueue([note(key('1'))]);
      const mine = only(await claim());
      await inbox.enqueue([note(key('1'))]);
      await settle({ claim: mine, kind: 'dead', problem: { code: 'x', sentence: 'x' }, evidence: '' });
      expect(await inbox.deadLetters(RIDER, false)).toEqual([]);
      expect(await claim()).toHaveLength(1);
    });

    test('a rejected element keeps its evidence, and is gone once it could be read', async () => {
      const id = await inbox.keep(delivery('{}'));
      const problem = { code: 'unreadable-notification', sentence: 'One notification …' };
      await inbox.take([taken(id, [], [{ ...rejection(id), problem, evidence: '{"a":1}' }])]);
      const letter = only(await inbox.deadLetters(RIDER, true));
      expect(await inbox.replay(letter.id, RIDER, true, 1)).toMatchObject({
        kind: 'read-again',
        letter: 'notification',
        bytes: Buffer.from('{"a":1}'),
      });
      await inbox.closeLetter(letter.id, [note(key('1'))], []);
      expect(await inbox.deadLetters(RIDER, true)).toEqual([]);
      expect(await claim()).toHaveLength(1);
    });

    const problem = { code: 'not-json', sentence: 'It is not JSON.' };
    const unreadable = (body: string, over: Partial<NewDelivery> = {}) =>
      inbox.keep(delivery(body, { unreadable: problem, evidence: body, ...over }));
    async function bury(of: Key): Promise<void> {
      await inbox.enqueue([note(of)]);
      const evidence = 'HTTP 422';
      await settle({ claim: only(await claim()), kind: 'dead', problem, evidence });
    }

    test('a delivery that could be read when it was read again is tasks, and letters of what is bad in it', async () => {
      await unreadable('{');
      const { id } = only(await inbox.deadLetters(RIDER, true));
      const rejection = { source: 'ridewithgps', problem, evidence: '"bad"', learntAt: 5 } as const;
      // Two people press at once.
      await Promise.all([1, 2].map(() => inbox.closeLetter(id, [note(key('1'))], [rejection])));
      expect(only(await claim())).toMatchObject({ key: key('1'), notifications: 1 });
      expect(only(await inbox.deadLetters(RIDER, true))).toMatchObject({ kind: 'notification', evidence: '"bad"' });
    });

    test('a letter that was read again in vain says so, and keeps the rest', async () => {
      await unreadable('{');
      const before = only(await inbox.deadLetters(RIDER, true));
      await inbox.keepLetter(before.id, { code: 'still', sentence: 'Again.' });
      expect(only(await inbox.deadLetters(RIDER, true))).toEqual({ ...before, code: 'still', sentence: 'Again.' });
    });

    test('a replayed task begins anew, as what a person asked for now', async () => {
      await inbox.enqueue([note(key('1'), { announcesDeletion: true }), note(key('1'))]);
      const evidence = 'HTTP 422';
      await settle({ claim: only(await claim()), kind: 'dead', problem, evidence });
      const letter = only(await inbox.deadLetters(RIDER, false));
      expect(letter.evidence).toBe(evidence);
      await inbox.replay(letter.id, RIDER, false, 9_000);
      const again = only(await claim({ now: 9_000 }));
      expect(again).toMatchObject({
        attempts: 1,
        origin: 'person',
        announcesDeletion: true,
        notifications: 1,
        firstLearntAt: 9_000,
        webhook: null,
      });
      expect(again.lastError).toBeUndefined();
    });

    test('a claim knows why the attempt before it came to nothing', async () => {
      await inbox.enqueue([note(key('1'))]);
      const first = only(await claim());
      expect(first.lastError).toBeUndefined();
      await settle({ claim: first, kind: 'retry', dueAt: 2_000, reason: 'It answered 500.' });
      expect(only(await claim()).lastError).toBe('It answered 500.');
    });

    test('a dismissed letter is gone with its task, which begins anew when something asks for it', async () => {
      await bury(key('1'));
      const { id } = only(await inbox.deadLetters(RIDER, false));
      expect(await inbox.dismiss(id, OTHER, false)).toBe(false);
      expect(await inbox.dismiss(id, RIDER, false)).toBe(true);
      expect(await inbox.dismiss(id, RIDER, false)).toBe(false);
      expect(await inbox.counts(RIDER)).toMatchObject({ dead: 0, pending: 0 });
      await bury(key('1'));
      expect(await inbox.letterIds(RIDER, false)).toHaveLength(1);
    });

    test('dismissing a letter whose task waits again already leaves the task alone', async () => {
      await bury(key('1'));
      await inbox.enqueue([note(key('1'))]);
      await inbox.dismiss(only(await inbox.letterIds(RIDER, false)), RIDER, false);
      expect(await claim()).toHaveLength(1);
    });

    test('letters of nobody are counted, listed and dismissed for the owner alone', async () => {
      await unreadable('{');
      await bury(key('1', OTHER.account));
      expect(await inbox.unclaimedLetters()).toBe(1);
      expect(await inbox.letterIds(RIDER, false)).toEqual([]);
      const id = only(await inbox.letterIds(RIDER, true));
      expect(await inbox.dismiss(id, OTHER, false)).toBe(false);
      expect(await inbox.dismiss(id, RIDER, true)).toBe(true);
      expect(await inbox.unclaimedLetters()).toBe(0);
    });

    test('what a dead letter is about is not pruned as long as there is the letter', async () => {
      await unreadable('{', { receivedAt: 1 });
      await inbox.take([taken(await inbox.keep(delivery('{}', { receivedAt: 1 })))]);
      expect(await inbox.prune(500, 10)).toBe(1);
      const id = only(await inbox.letterIds(RIDER, true));
      expect(await inbox.replay(id, RIDER, true, 1)).toMatchObject({ bytes: Buffer.from('{') });
      await inbox.dismiss(id, RIDER, true);
      expect(await inbox.prune(500, 10)).toBe(1);
    });

    test('erasing deliveries erases the unreadable ones too, and what quotes them', async () => {
      const id = await inbox.keep(delivery('{}'));
      await inbox.take([taken(id, [], [rejection(id)])]);
      await unreadable('{');
      await bury(key('1'));
      await inbox.eraseTaken();
      expect(only(await inbox.deadLetters(RIDER, true))).toMatchObject({ kind: 'task' });
      expect(await inbox.prune(9_999_999, 10)).toBe(0);
    });

    test('the last webhook of an account is remembered, however it got here', async () => {
      expect(await inbox.lastWebhookAt(RIDER)).toBeNull();
      await inbox.enqueue([note(key('1'), { origin: 'reconciliation', learntAt: 900 })]);
      expect(await inbox.lastWebhookAt(RIDER)).toBeNull();
      await inbox.enqueue([note(key('1'), { learntAt: 1_234 }), note(key('2'), { learntAt: 1_200 })]);
      expect(await inbox.lastWebhookAt(RIDER)).toBe(1_234);
    });

    test('a finding is judged once: drift is what no webhook announced', async () => {
      const finding = { key: key('1'), action: 'updated', happenedAt: 5_000, foundAt: 6_000, known: false };
      await inbox.enqueue([], [finding, { ...finding, key: key('2') }]);
      await inbox.enqueue([], [finding]);
      expect(await inbox.openFindings(5_000, 10)).toEqual([]);
      expect(await inbox.openFindings(5_001, 10)).toHaveLength(2);
      await inbox.judge([
        { finding, announced: false },
        { finding: { ...finding, key: key('2') }, announced: true },
      ]);
      expect(await inbox.openFindings(9_000, 10)).toEqual([]);
      expect(await inbox.drift(RIDER, 7_000)).toEqual({ day: 1, total: 1 });
      expect(await inbox.drift(RIDER, 7_000 + 86_400_000)).toEqual({ day: 0, total: 1 });
      expect(await inbox.drift(OTHER, 7_000)).toEqual({ day: 0, total: 0 });
    });

    test('the share that was announced counts what was here already too, which is no drift', async () => {
      const finding = { key: key('1'), action: 'updated', happenedAt: 5_000, foundAt: 6_000, known: false };
      const findings = [
        finding,
        { ...finding, key: key('2'), known: true },
        { ...finding, key: key('3'), known: true, happenedAt: 86_405_000, foundAt: 86_406_000 },
        { ...finding, key: key('4'), happenedAt: 5_500 },
      ];
      await inbox.enqueue([], findings);
      await inbox.judge(findings.slice(0, 3).map((each, at) => ({ finding: each, announced: at === 1 })));
      expect(await inbox.drift(RIDER, 7_000)).toEqual({ day: 1, total: 1 });
      expect(await inbox.announcedSince(RIDER, 0)).toEqual({ changes: 3, announced: 1 });
      expect(await inbox.announcedSince(RIDER, 86_400_000)).toEqual({ changes: 1, announced: 0 });
      expect(await inbox.announcedSince(OTHER, 0)).toEqual({ changes: 0, announced: 0 });
      expect(await inbox.announcedByDay(RIDER, 0)).toEqual([
        { day: '1970-01-01', changes: 2, announced: 1 },
        { day: '1970-01-02', changes: 1, announced: 0 },
      ]);
      expect(await inbox.findingsOf(RIDER, 6_000, 6_000)).toEqual({ unannounced: 1, open: 1 });
      expect(await inbox.unheard(RIDER, 4_000, 2_000)).toEqual({ changes: 2, first: 5_000, last: 86_405_000 });
      expect(await inbox.unheard(RIDER, 5_000, 2_000)).toEqual({ changes: 1, first: 86_405_000, last: 86_405_000 });
      expect(await inbox.unheard(RIDER, 4_000, 1_000)).toBeNull();
      expect(await inbox.pruneFindings(7_000, 10)).toBe(1);
      expect(await inbox.announcedSince(RIDER, 0)).toEqual({ changes: 2, announced: 0 });
    });

    test('what is known for long and not fetched is overdue; what is copied for the first time is not', async () => {
      await inbox.enqueue([
        note(key('1'), { learntAt: 1_000 }),
        note(key('2'), { learntAt: 3_000 }),
        note(key('3'), { learntAt: 500, origin: 'backfill' }),
        note(key('4', OTHER.account), { learntAt: 500 }),
      ]);
      expect(await inbox.overdue(RIDER, 2_000)).toEqual({ changes: 1, since: 1_000 });
      expect(await inbox.overdue(RIDER, 1_000)).toBeNull();
    });

    test('a webhook that still waits as a task has announced what it is about', async () => {
      await inbox.enqueue([note(key('1'), { learntAt: 1_000 })]);
      expect(await inbox.announcedInQueue(key('1'), 900, 1_100)).toBe(true);
      expect(await inbox.announcedInQueue(key('1'), 1_100, 1_200)).toBe(false);
      expect(await inbox.announcedInQueue(key('2'), 900, 1_100)).toBe(false);
    });

    test('old deliveries go, but never one that is not a task yet', async () => {
      const first = await inbox.keep(delivery('old and taken', { receivedAt: 1 }));
      await inbox.keep(delivery('old and waiting', { receivedAt: 1 }));
      await inbox.take([taken(first)]);
      expect(await inbox.prune(500, 10)).toBe(1);
      expect(only(await takeAll()).body.toString()).toBe('old and waiting');
    });

    test('forgetting an account forgets its tasks, letters and findings, and nobody else’s', async () => {
      await inbox.enqueue(
        [note(key('1')), note(key('1', OTHER.account))],
        [{ key: key('1'), action: 'x', happenedAt: 1, foundAt: 1, known: false }],
      );
      await inbox.forget(RIDER);
      expect(await inbox.counts(RIDER)).toMatchObject({ pending: 0 });
      expect(await inbox.openFindings(9_999, 10)).toEqual([]);
      expect(await inbox.counts(OTHER)).toMatchObject({ pending: 1 });
    });

    describe('what is known of one key', () => {
      const nothing = { task: undefined, letter: undefined, findings: [], pausedUntil: 0, parked: null };

      test('is nothing where nobody spoke of it', async () => {
        await inbox.enqueue([note(key('1'))]);
        expect(await inbox.about(key('2'))).toEqual(nothing);
        expect(await inbox.about(key('1', OTHER.account))).toEqual(nothing);
        expect(await inbox.about({ ...key('1'), type: 'route' })).toEqual(nothing);
      });

      test('is its task, waiting and running, with what is owed after it', async () => {
        await inbox.enqueue([
          note(key('1'), { learntAt: 1_000, action: 'created' }),
          note(key('1'), { learntAt: 1_500, origin: 'reconciliation' }),
        ]);
        expect((await inbox.about(key('1'))).task).toEqual({
          state: 'pending',
          origin: 'webhook',
          action: 'updated',
          notifications: 2,
          firstLearntAt: 1_000,
          lastLearntAt: 1_500,
          webhook: { first: 1_000, last: 1_000 },
          dueAt: 1_000,
          claimedAt: null,
          attempts: 0,
          lastError: null,
          owesOneMore: false,
        });
        const running = only(await claim());
        expect((await inbox.about(key('1'))).task).toMatchObject({ state: 'active', claimedAt: 2_000, attempts: 1 });
        await inbox.enqueue([note(key('1'), { learntAt: 2_100 })]);
        expect((await inbox.about(key('1'))).task).toMatchObject({ owesOneMore: true });
        await settle({ claim: running, kind: 'retry', dueAt: 9_000, reason: 'It answered 500.' });
        expect((await inbox.about(key('1'))).task).toMatchObject({
          state: 'pending',
          dueAt: 9_000,
          lastError: 'It answered 500.',
        });
      });

      test('is its dead letter with the sentence', async () => {
        await inbox.enqueue([note(key('1'))]);
        const problem = { code: 'too-large', sentence: 'It is too large.' };
        await settle({ claim: only(await claim()), kind: 'dead', problem, evidence: '' }, { now: 3_000 });
        expect(await inbox.about(key('1'))).toMatchObject({
          task: { state: 'dead' },
          letter: { ...problem, at: 3_000 },
        });
        await inbox.enqueue([note(key('1'), { origin: 'person', action: 'asked for', learntAt: 4_000 })]);
        expect(await inbox.about(key('1'))).toMatchObject({ task: { state: 'pending', origin: 'person' } });
      });

      test('is what reconciliation found of it, and how that was judged', async () => {
        const finding = { action: 'updated', happenedAt: 500, foundAt: 1_000 };
        const later = { action: 'updated', happenedAt: 600, foundAt: 2_000 };
        await inbox.enqueue(
          [note(key('1'))],
          [
            { key: key('1'), known: false, ...finding },
            { key: key('2'), known: false, ...finding },
          ],
        );
        await inbox.enqueue([note(key('1'))], [{ key: key('1'), known: false, ...later }]);
        await inbox.judge([{ finding: { key: key('1'), known: false, ...finding }, announced: false }]);
        expect((await inbox.about(key('1'))).findings).toEqual([
          { ...later, announced: null },
          { ...finding, announced: false },
        ]);
      });

      test('is that its account waits, and why', async () => {
        await inbox.pause(RIDER, 5_000);
        expect(await inbox.about(key('1'))).toMatchObject({ pausedUntil: 5_000, parked: null });
        await inbox.park(RIDER, 'The token is refused.');
        expect(await inbox.about(key('1'))).toMatchObject({ parked: 'The token is refused.' });
        expect(await inbox.about(key('1', OTHER.account))).toMatchObject({ pausedUntil: 0, parked: null });
      });
    });

    describe('a statement', () => {
      const statement = (version: string, body: string | null) => ({
        statement: { version, body: body === null ? null : Buffer.from(body) },
      });

      test('travels with the task: the latest of them, in whichever order and delivery they came', async () => {
        await inbox.enqueue([
          note(key('1'), statement('2026-01-03', 'three')),
          note(key('1'), statement('2026-01-01', 'one')),
        ]);
        await inbox.enqueue([note(key('1')), note(key('1'), statement('2026-01-02', 'two'))]);
        expect(only(await claim()).statement).toEqual({ version: '2026-01-03', body: Buffer.from('three') });
      });

      test('of a deletion wins over one of the same instant, before and after it', async () => {
        await inbox.enqueue([
          note(key('1'), statement('2026-01-01', null)),
          note(key('1'), statement('2026-01-01', 'there')),
        ]);
        await inbox.enqueue([note(key('2'), statement('2026-01-01', 'there'))]);
        await inbox.enqueue([note(key('2'), statement('2026-01-01', null))]);
        await inbox.enqueue([note(key('2'), statement('2026-01-01', 'there'))]);
        for (const each of await claim()) expect(each.statement).toEqual({ version: '2026-01-01', body: null });
      });

      test('that comes during a fetch is what the next one has; an earlier one is not', async () => {
        await inbox.enqueue([note(key('1'), statement('2026-01-02', 'two'))]);
        const first = only(await claim());
        await inbox.enqueue([note(key('1'), statement('2026-01-03', 'three'))]);
        await settle(done(first));
        const second = only(await claim());
        expect(second.statement?.version).toBe('2026-01-03');
        await inbox.enqueue([note(key('1'), statement('2026-01-01', 'one'))]);
        await settle(done(second));
        expect(only(await claim()).statement?.version).toBe('2026-01-03');
      });

      test('is not made up where there was none', async () => {
        await inbox.enqueue([note(key('1'))]);
        expect(only(await claim())).not.toHaveProperty('statement');
      });
    });

    test('letters of sources where nobody signs in are the owner’s', async () => {
      await inbox.enqueue([note({ source: 'rye', account: 'default', type: 'product', id: '1' })]);
      const problem = { code: 'refused', sentence: 'It was refused.' };
      await settle({ claim: only(await claim()), kind: 'dead', problem, evidence: '' });
      expect(await inbox.deadLetters(RIDER, false)).toEqual([]);
      expect(only(await inbox.deadLetters(RIDER, true)).source).toBe('rye');
    });

    test('a sealed privacy code travels with the task', async () => {
      await inbox.enqueue([note(key('1'), { secret: Buffer.from([1, 2, 3]) }), note(key('1'))]);
      expect(only(await claim()).secret).toEqual(Buffer.from([1, 2, 3]));
    });
  });
}

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Applied, applySnapshot, CONFIRM_AFTER_MS } from '../../src/mirror.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import { describeRide } from '../../src/sources/ridewithgps/describe.ts';
import type { Snapshot } from '../../src/sources/source.ts';
import type { Account } from '../../src/storage/accounts.ts';
import { isStorageError } from '../../src/storage/failure.ts';
import type { ItemVerbs, ItemWriter } from '../../src/storage/items.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import type { Database } from '../../src/storage/postgres/database.ts';
import { resealAll } from '../../src/storage/postgres/reseal.ts';
import type { Claim } from '../../src/vocabulary.ts';
import { until } from '../support/until.ts';

/** Two processes over one database, and a look into it. */
export interface Beside {
  one: MirrorWriter;
  two: MirrorWriter;
  db: Database;
  forget(): Promise<void>;
}

const NOON = Date.parse('2026-06-01T12:00:00Z');
const gone: Snapshot = { kind: 'gone' };

/** A transaction that has done its work and not ended yet. */
interface Open {
  /** Ends it; with a reason it comes to nothing. */
  end(reason?: Error): Promise<Applied>;
}

/** What two processes do to the same rows at the same moment: whoever is first waits before its commit until the other one waits for it. */
export function besideSuite(open: () => Beside): void {
  let { one, two, db, forget }: Beside = {} as Beside;
  let rider: Account;
  let other: Account;
  let now: number;
  beforeEach(async () => {
    ({ one, two, db, forget } = open());
    now = NOON;
    rider = await connect('1');
    other = await connect('2');
  });
  const opened: Open[] = [];
  afterEach(async () => {
    // Where a test failed in between nobody may go on waiting.
    await Promise.allSettled(opened.splice(0).map((each) => each.end()));
    await forget();
  });

  const connect = (account: string): Promise<Account> =>
    one.accountWriter.connect({
      ...{ source: 'ridewithgps', account, name: `Rider ${account}`, client: 'key', tokenKind: 'bearer' },
      ...{ sealedToken: Buffer.from('sealed'), connectedAt: NOON },
    });

  const claim = (seq: number, { id = '7', type = 'trip', by = rider, ...over }: Over = {}): Claim => ({
    ...{ task: 1, key: { source: 'ridewithgps', account: by.user_id, type, id }, seq, attempts: 1, origin: 'webhook' },
    ...{ action: 'updated', announcesDeletion: false, firstLearntAt: now, lastLearntAt: now, notifications: 1 },
    ...{ webhook: { first: now, last: now }, claimedAt: now },
    ...over,
  });
  interface Over extends Partial<Claim> {
    id?: string;
    type?: string;
    by?: Account;
  }

  function present(ride: Record<string, unknown> = {}): Snapshot {
    const whole = { id: 7, user_id: 1, name: 'A ride', updated_at: '2026-05-01T00:00:00Z', ...ride };
    return {
      ...{ kind: 'present', raw: Buffer.from(JSON.stringify({ trip: whole })), beganAt: now },
      describe: () => describeRide(whole, { account: '1' }),
    };
  }
  const pins = (...ids: string[]): Snapshot => ({ kind: 'pins', pins: ids.map((id) => ({ type: 'trip', id })) });

  const apply = (writer: ItemWriter, of: Claim, snapshot: Snapshot): Promise<Applied> =>
    applySnapshot(writer, of.key.account === '1' ? rider : other, of, snapshot, () => now);
  const outcome = async (of: Claim, snapshot: Snapshot): Promise<string> =>
    (await apply(two.itemWriter, of, snapshot)).outcome;

  /** In the first process, up to the commit. */
  async function begin(of: Claim, snapshot: Snapshot): Promise<Open> {
    const done = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const writer: ItemWriter = {
      ...one.itemWriter,
      transaction: <T>(work: (items: ItemVerbs) => Promise<T>) =>
        one.itemWriter.transaction(async (items) => {
          const result = await work(items);
          done.resolve();
          await ended.promise;
          return result;
        }),
    };
    const applied = apply(writer, of, snapshot);
    applied.catch(() => {});
    await done.promise;
    const transaction: Open = {
      end(reason) {
        if (reason) ended.reject(reason);
        else ended.resolve();
        return applied;
      },
    };
    opened.push(transaction);
    return transaction;
  }

  /** Until so many wait for somebody else's lock. */
  const waiting = (count = 1) =>
    until(async () => {
      const row = await db.get<{ waiting: number }>(
        "SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return row?.waiting === count;
    });

  /** The first process is at its commit when the second one comes. */
  async function meet<T>(first: Open, second: () => Promise<T>): Promise<[string, T]> {
    const coming = second();
    coming.catch(() => {});
    await waiting();
    return [(await first.end()).outcome, await coming];
  }

  const find = (id = '7', account = rider) => one.library.find(account.id, 'trip', id);
  const count = async (table: string) => (await db.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))?.n;

  describe('two workers finish the same key', () => {
    test.each([
      ['the later one second', [1, 2], ['created', 'updated'], 'Two', 2],
      ['the later one first', [2, 1], ['created', 'stale'], 'One', 1],
    ] as const)('for the first time, %s', async (_how, [first, second], outcomes, name, bodies) => {
      const met = await meet(await begin(claim(first), present({ name: 'One' })), () =>
        outcome(claim(second), present({ name: 'Two' })),
      );
      expect(met).toEqual(outcomes);
      expect((await find())?.name).toBe(name);
      expect(await one.library.revisions(rider.id, 'trip', '7')).toHaveLength(bodies);
      // One that came too late is nowhere.
      expect(await count('bodies')).toBe(bodies);
    });

    test.each([
      ['the later one second', [5, 6], ['updated', 'updated'], 'Two', 3],
      ['the later one first', [6, 5], ['updated', 'stale'], 'One', 2],
    ] as const)('that is here, %s', async (_how, [first, second], outcomes, name, bodies) => {
      await apply(one.itemWriter, claim(1), present());
      const met = await meet(await begin(claim(first), present({ name: 'One' })), () =>
        outcome(claim(second), present({ name: 'Two' })),
      );
      expect(met).toEqual(outcomes);
      expect((await find())?.name).toBe(name);
      const revisions = await one.library.revisions(rider.id, 'trip', '7');
      expect(revisions.map(({ revision }) => revision).toReversed()).toEqual([1, 2, 3].slice(0, bodies));
      expect(await count('bodies')).toBe(bodies);
    });

    test('with the very same body', async () => {
      const met = await meet(await begin(claim(1), present()), () => outcome(claim(2), present()));
      expect(met).toEqual(['created', 'unchanged']);
      expect(await one.library.countEarlier(rider.id, 'trip', '7')).toBe(0);
    });

    test.each([
      ['gone', 2, 'tombstoned', 'deleted'],
      ['gone earlier', 1, 'stale', 'active'],
    ])('one found it, and one found it %s', async (_how, seq, became, state) => {
      const deletion = claim(seq === 1 ? 1 : 9, { announcesDeletion: true });
      const met = await meet(await begin(claim(5), present()), () => outcome(deletion, gone));
      expect(met).toEqual(['created', became]);
      expect((await find())?.state).toBe(state);
    });

    test('whose first one comes to nothing', async () => {
      const first = await begin(claim(2), present({ name: 'One' }));
      const second = outcome(claim(1), present({ name: 'Two' }));
      await waiting();
      await expect(first.end(new Error('cut off'))).rejects.toThrow('cut off');
      expect(await second).toBe('created');
      expect((await find())?.name).toBe('Two');
    });
  });

  test('a worker that comes late with an earlier sequence changes nothing, whatever it has seen', async () => {
    await apply(one.itemWriter, claim(8, { type: 'pinned', id: 'pinned' }), pins('7'));
    await apply(one.itemWriter, claim(9), present());
    const rows = () => db.all('SELECT * FROM items ORDER BY id');
    const before = await rows();
    for (const [of, snapshot] of [
      [claim(5), present({ name: 'Late' })],
      [claim(5), present()],
      [claim(5), gone],
      [claim(5, { announcesDeletion: true }), gone],
      [claim(5), { kind: 'forbidden' }],
      [claim(5, { type: 'pinned', id: 'pinned' }), pins('1', '2')],
    ] as [Claim, Snapshot][])
      expect(await outcome(of, snapshot)).toBe('stale');
    expect(await rows()).toEqual(before);
    expect(await count('bodies')).toBe(1);
  });

  describe('the brake', () => {
    const ids = Array.from({ length: 15 }, (_, at) => String(100 + at));
    /** All of them are here and were missed once, and so many are gone already. */
    async function vanishing(already: number): Promise<void> {
      for (const id of ids) await apply(one.itemWriter, claim(1, { id }), present({ id: Number(id), name: id }));
      for (const id of ids) await apply(one.itemWriter, claim(2, { id }), gone);
      now += CONFIRM_AFTER_MS;
      for (const id of ids.slice(0, already)) await apply(one.itemWriter, claim(3, { id }), gone);
    }

    test('two deletions at once do not pass it together', async () => {
      await vanishing(9);
      const met = await meet(await begin(claim(3, { id: '109' }), gone), () => outcome(claim(3, { id: '110' }), gone));
      expect(met).toEqual(['tombstoned', 'held']);
    });

    test('two that are held at once are held at two instants', async () => {
      await vanishing(10);
      const met = await meet(await begin(claim(3, { id: '110' }), gone), () => outcome(claim(3, { id: '111' }), gone));
      expect(met).toEqual(['held', 'held']);
      const instants = (await one.items.held(rider.id)).map(({ at }) => at);
      expect(new Set(instants).size).toBe(2);
      expect(await one.items.confirmHeld(rider.id, Math.min(...instants), now)).toBe(1);
    });

    test.each([
      ['yes', 'confirmHeld', 1],
      ['no', 'keepHeld', [{ type: 'trip', id: '111' }]],
    ] as const)('a %s is not about what is just being found again', async (_word, verb, answer) => {
      await vanishing(10);
      for (const id of ['110', '111']) await apply(one.itemWriter, claim(3, { id }), gone);
      const back = await begin(claim(4, { id: '110' }), present({ id: 110, name: '110' }));
      const met = await meet(back, (): Promise<unknown> => two.items[verb](rider.id, now + 9, now));
      expect(met).toEqual(['unchanged', answer]);
      expect((await find('110'))?.state).toBe('active');
      expect((await one.items.standing({ accountId: rider.id, type: 'trip', id: '110' }))?.keptAt).toBeNull();
    });
  });

  test('two sets of pins at once: the later one stays', async () => {
    for (const [first, second, outcomes, pinned] of [
      [1, 2, ['pins replaced', 'pins replaced'], ['8', '9']],
      [6, 5, ['pins replaced', 'stale'], ['7', '8']],
    ] as const) {
      const all = (seq: number) => claim(seq, { type: 'pinned', id: 'pinned' });
      expect(await meet(await begin(all(first), pins('7', '8')), () => outcome(all(second), pins('9', '8')))).toEqual(
        outcomes,
      );
      const rows = await db.all<{ item_id: string }>('SELECT item_id FROM items WHERE pinned ORDER BY item_id');
      expect(rows.map(({ item_id }) => item_id)).toEqual(pinned);
    }
  });

  describe('one new body', () => {
    const seen = claim;
    test('is stored once by two who have it at the same moment', async () => {
      const met = await meet(await begin(seen(1), present()), () => outcome(seen(2, { by: other }), present()));
      expect(met).toEqual(['created', 'created']);
      expect(await count('bodies')).toBe(1);
      expect(await one.library.body(other.id, 'trip', '7')).toEqual(await one.library.body(rider.id, 'trip', '7'));
    });

    test('is stored by the second when the first comes to nothing', async () => {
      const first = await begin(seen(1), present());
      const second = outcome(seen(2, { by: other }), present());
      await waiting();
      await expect(first.end(new Error('cut off'))).rejects.toThrow('cut off');
      expect(await second).toBe('created');
      expect(await one.library.body(other.id, 'trip', '7')).toBeDefined();
    });
  });

  describe('an account that is erased', () => {
    const erase = () => two.accountWriter.erase({ source: 'ridewithgps', account: '1' });

    test('takes with it what was just being stored for it', async () => {
      await apply(one.itemWriter, claim(1), present());
      await meet(await begin(claim(2), present({ name: 'Two' })), erase);
      for (const table of ['items', 'bodies', 'revisions', 'rides', 'listed', 'search', 'fetches'])
        expect([table, await count(table)]).toEqual([table, 0]);
    });

    test('leaves the body that another account was just being given', async () => {
      await apply(one.itemWriter, claim(1), present());
      const met = await meet(await begin(claim(2, { by: other }), present()), erase);
      expect(met[0]).toBe('created');
      expect(await one.library.body(other.id, 'trip', '7')).toBeDefined();
      expect(await count('bodies')).toBe(1);
    });

    test('has a body that another account is given while it goes: it is stored anew', async () => {
      await apply(one.itemWriter, claim(1), present());
      await apply(one.itemWriter, claim(2, { id: '8' }), present({ id: 8 }));
      const sharing = await begin(claim(3, { id: '8', by: other }), present({ id: 8 }));
      const erasing = erase();
      await waiting(1);
      const anew = outcome(claim(4, { by: other }), present());
      await waiting(2);
      await sharing.end();
      await erasing;
      expect(await anew).toBe('created');
      expect(await one.library.body(other.id, 'trip', '7')).toBeDefined();
    });

    test('is nobody to store anything for: who is about to is told that the storage failed', async () => {
      await apply(one.itemWriter, claim(1), present());
      const sharing = await begin(claim(2, { by: other }), present());
      const erasing = erase();
      await waiting(1);
      const late = (
        [
          [claim(3), present({ name: 'Late' })],
          [claim(3, { id: '8' }), present({ name: 'Late' })],
          [claim(3, { announcesDeletion: true }), gone],
          [claim(3, { type: 'pinned', id: 'pinned' }), pins('8')],
          [claim(3), { kind: 'accepted' }],
        ] as [Claim, Snapshot][]
      ).map((each) => apply(one.itemWriter, ...each).catch((error: unknown) => error));
      await waiting(2);
      await sharing.end();
      await erasing;
      expect((await Promise.all(late)).map(isStorageError)).toEqual(late.map(() => true));
      expect([await count('items'), await count('bodies'), await count('fetches')]).toEqual([1, 1, 1]);
    });
  });

  test('of two riders who connect first at the same moment one is the owner', async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      await forget();
      const riders = await Promise.all(
        ['3', '4', '5'].map((account, at) =>
          (at % 2 === 0 ? one : two).accountWriter.connect({
            ...{ source: 'ridewithgps', account, name: account, client: '', tokenKind: 'bearer', connectedAt: NOON },
            sealedToken: Buffer.from('sealed'),
          }),
        ),
      );
      expect(riders.filter(({ owner }) => owner)).toHaveLength(1);
    }
  });

  test('every change of what is shown is counted, however many there are at once', async () => {
    const before = await one.lines.version(rider.id);
    await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        apply((at % 2 === 0 ? one : two).itemWriter, claim(at + 1, { id: String(at) }), present({ id: at })),
      ),
    );
    expect(await one.lines.version(rider.id)).toBe(before + 12);
  });

  test('whatever happens at once, nobody waits for somebody who waits for them', async () => {
    const random = createRandom(6);
    const pick = (most: number) => random.integer(0, most - 1);
    let seq = 0;
    async function something(writer: MirrorWriter): Promise<unknown> {
      seq += 1;
      const by = pick(2) === 0 ? rider : other;
      const id = String(pick(6));
      const of = claim(seq - pick(4), { id, by, announcesDeletion: pick(2) === 0 });
      switch (pick(8)) {
        case 0:
          return apply(
            writer.itemWriter,
            { ...of, key: { ...of.key, type: 'pinned' } },
            pins(id, String(pick(6)), '5'),
          );
        case 1:
          return writer.items.confirmHeld(by.id, now + 1_000, now);
        case 2:
          return writer.items.keepHeld(by.id, now + 1_000, now);
        case 3:
          return apply(writer.itemWriter, of, gone);
        case 4:
          return writer.runWriter.note(
            { source: 'ridewithgps', account: by.user_id },
            { kind: 'reconciliation', startedBy: 'schedule', beganAt: now, endedAt: now, found: 0, items: [] },
          );
        case 5:
          return apply(writer.itemWriter, { ...of, key: { ...of.key, type: 'route' } }, { kind: 'forbidden' });
        default:
          return apply(
            writer.itemWriter,
            of,
            present({ id: Number(id), name: `Name ${pick(4)}`, visibility: `${pick(3)}` }),
          );
      }
    }
    const deadlocks = async () => {
      await db.run('SELECT pg_stat_force_next_flush()');
      return (
        await db.get<{ n: number }>('SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()')
      )?.n;
    };
    const before = await deadlocks();
    const worker = async (writer: MirrorWriter) => {
      for (let turn = 0; turn < 40; turn += 1) await something(writer);
    };
    await Promise.all([worker(one), worker(one), worker(two), worker(two)]);
    const erase = two.accountWriter.erase({ source: 'ridewithgps', account: '2' });
    const ends = await Promise.allSettled([worker(one), worker(two), erase]);
    // Who was about to store something for it was told so.
    for (const end of ends) if (end.status === 'rejected') expect(isStorageError(end.reason)).toBe(true);
    expect(await deadlocks()).toBe(before);
    const orphans = `SELECT 1 FROM bodies WHERE NOT EXISTS (SELECT 1 FROM items WHERE body_id = bodies.id)
      AND NOT EXISTS (SELECT 1 FROM revisions WHERE body_id = bodies.id)`;
    expect(await db.all(orphans)).toEqual([]);
  });

  test('whatever a provider writes has room, and is found', async () => {
    const random = createRandom(7);
    const long = (words: number) => Array.from({ length: words }, () => random.word(9)).join(' ');
    const name = `Half \uD83D and none \0 ${long(400)}`;
    const gear = { id: 31, make: long(2_000), model: '' };
    const ride = { name, gear, description: long(40_000), administrative_area: long(900), country_code: long(300) };
    expect(await outcome(claim(1), present(ride))).toBe('created');
    expect((await find())?.name).toBe(name.replace(/[\uD83D\0]/g, '\uFFFD'));
    const page = { types: ['trip'], page: 1, pageSize: 5 } as const;
    const { items, facets } = await one.library.list(rider.id, { ...page, q: 'half none', gear: '31' });
    expect([items.length, facets.gear[0]?.name]).toEqual([1, gear.make]);
  });

  test('everything sealed is handed out once, and what comes back takes its place', async () => {
    for (let at = 0; at < 60; at += 1)
      await apply(one.itemWriter, claim(1, { id: String(at), secret: Buffer.from(`code ${at}`) }), present({ id: at }));
    const seen: string[] = [];
    await resealAll(db, 'mirror', (kind, sealed, owner) => {
      seen.push(`${kind} ${owner.source} ${owner.account} ${sealed}`);
      return kind === 'tokens' ? Buffer.from('anew') : undefined;
    });
    expect(seen).toHaveLength(62);
    expect(new Set(seen)).toContain('privacy_codes ridewithgps 1 code 59');
    expect(await one.accounts.sealedToken({ source: 'ridewithgps', account: '2' })).toEqual(Buffer.from('anew'));
    expect((await one.items.secret({ accountId: rider.id, type: 'trip', id: '3' }))?.toString()).toBe('code 3');
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, test } from 'vitest';
import { type Attempt, createBreaker } from '../../src/breaker.ts';
import type { Board } from '../../src/storage/board.ts';
import type { Settlement } from '../../src/storage/inbox.ts';
import { createBoard } from '../../src/storage/memory/board.ts';
import { openInbox } from '../../src/storage/sqlite/inbox.ts';
import type { SyncReport } from '../../src/storage/sync.ts';
import type { Claim } from '../../src/vocabulary.ts';
import { type Browser, type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { differences, letters } from './truth.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the breaker', () => {
  const ROBIN = { source: 'ridewithgps', account: '1' } as const;
  const KIM = { source: 'ridewithgps', account: '2' } as const;

  function breakerAt({ random = 0.5, clock = { now: 1_000_000 }, board = createBoard() } = {}) {
    const breaker = createBreaker({
      board,
      now: () => clock.now,
      random: () => random,
      onError: (error) => expect.unreachable(String(error)),
    });
    const fail = (ref: typeof ROBIN | typeof KIM, times = 1) => {
      for (let n = 0; n < times; n += 1) breaker.begin(ref).failed();
    };
    return { clock, board, breaker, fail };
  }

  test('of one account opens for that account alone, however often it fails', () => {
    const { breaker, fail } = breakerAt();
    fail(ROBIN, 50);
    expect([breaker.mayAsk(ROBIN), breaker.mayAsk(KIM)]).toEqual([false, true]);
    expect(breaker.limits()).toEqual([{ ...ROBIN, most: 0, since: 1_000_000 }]);
  });

  test('of the source opens when several accounts fail, for those too that never asked', () => {
    const { breaker, fail } = breakerAt();
    fail(ROBIN, 4);
    fail(KIM, 3);
    expect(breaker.mayAsk({ ...ROBIN, account: '3' })).toBe(true);
    fail(KIM);
    expect(breaker.mayAsk({ ...ROBIN, account: '3' })).toBe(false);
  });

  test('stays closed where any answer comes in between', () => {
    const { breaker, fail } = breakerAt();
    for (let round = 0; round < 20; round += 1) {
      fail(ROBIN, 7);
      breaker.begin(ROBIN).answered();
    }
    expect(breaker.mayAsk(ROBIN)).toBe(true);
  });

  test('lets one attempt through when its time has come, and a longer time passes before the next', () => {
    const { clock, breaker, fail } = breakerAt();
    fail(ROBIN, 8);
    const pauses: number[] = [];
    for (let trial = 0; trial < 9; trial += 1) {
      const since = clock.now;
      while (!breaker.mayAsk(ROBIN)) clock.now += 500;
      pauses.push(Math.round((clock.now - since) / 1_000));
      const attempt = breaker.begin(ROBIN);
      expect(breaker.limits()).toEqual([{ ...ROBIN, most: 0, since }]);
      attempt.failed();
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test('tries at another instant in every installation: half to one and a half of the pause', () => {
    const retried = [0, 0.5, 0.999].map((random) => {
      const { clock, breaker, fail } = breakerAt({ random });
      const opened = clock.now;
      fail(ROBIN, 8);
      while (!breaker.mayAsk(ROBIN)) clock.now += 100;
      return (clock.now - opened) / 1_000;
    });
    expect(retried).toEqual([2.5, 5, 7.5]);
  });

  test('tries again at once when its one attempt came to nothing on our side', () => {
    const { clock, breaker, fail } = breakerAt();
    fail(ROBIN, 8);
    clock.now += 10_000;
    breaker.begin(ROBIN).unknown();
    expect(breaker.limits()).toEqual([{ ...ROBIN, most: 1, since: 1_000_000 }]);
  });

  test('learns nothing from what was under way when it opened', () => {
    const { clock, breaker, fail } = breakerAt();
    const late = Array.from({ length: 5 }, () => breaker.begin(ROBIN));
    fail(ROBIN, 8);
    for (const each of late) each.failed();
    clock.now += 5_000;
    expect(breaker.mayAsk(ROBIN)).toBe(true);
  });

  test('goes back to an ordinary day a step at a time, and half as fast after a failure', () => {
    const { clock, breaker, fail } = breakerAt();
    fail(ROBIN, 8);
    clock.now += 10_000;
    const room = () => breaker.limits()[0]?.most;
    breaker.begin(ROBIN).answered();
    expect(room()).toBe(2);
    for (let n = 0; n < 6; n += 1) breaker.begin(ROBIN).answered();
    expect(room()).toBe(8);
    fail(ROBIN);
    expect(room()).toBe(4);
    for (let n = 0; n < 20; n += 1) breaker.begin(ROBIN).answered();
    expect(breaker.limits()).toEqual([]);
  });

  test('asks one at a time again after a 429', () => {
    const { breaker } = breakerAt();
    breaker.begin(ROBIN).limited();
    expect(breaker.limits()).toEqual([{ ...ROBIN, most: 1, since: 0 }]);
    breaker.begin(ROBIN);
    expect(breaker.limits()).toEqual([{ ...ROBIN, most: 0, since: 0 }]);
  });

  test('puts nothing on the board on an ordinary day', () => {
    const board = createBoard();
    const puts: string[] = [];
    board.onChange((name) => puts.push(name));
    const { breaker, fail } = breakerAt({ board });
    for (let n = 0; n < 50; n += 1) breaker.begin(ROBIN, 'task').answered();
    breaker.begin(ROBIN).unknown();
    expect(puts).toEqual([]);
    fail(ROBIN);
    expect(board.names('')).toHaveLength(2);
    breaker.begin(ROBIN).answered();
    breaker.begin(ROBIN).answered();
    expect([board.names(''), puts.length]).toEqual([[], 4]);
  });

  test('knows what another process has learnt, also one that starts in the middle of an outage', () => {
    const here = breakerAt();
    const there = breakerAt(here);
    here.fail(ROBIN, 4);
    there.fail(ROBIN, 4);
    const newcomer = breakerAt(here).breaker;
    for (const { mayAsk, isOpen } of [here.breaker, there.breaker, newcomer])
      expect([mayAsk(ROBIN), isOpen(ROBIN), mayAsk(KIM)]).toEqual([false, true, true]);
    here.clock.now += 5_000;
    // It fails again in one of them: all of them wait twice as long.
    newcomer.begin(ROBIN).failed();
    here.clock.now += 9_999;
    expect([here, there].map(({ breaker }) => breaker.mayAsk(ROBIN))).toEqual([false, false]);
    here.clock.now += 1;
    expect([here, there].map(({ breaker }) => breaker.mayAsk(ROBIN))).toEqual([true, true]);
  });

  test('learns nothing from what was under way in another process when it opened', () => {
    const here = breakerAt();
    const there = breakerAt(here);
    const late = Array.from({ length: 5 }, () => there.breaker.begin(ROBIN, 'task'));
    here.fail(ROBIN, 8);
    late.pop()?.answered();
    expect(here.breaker.isOpen(ROBIN)).toBe(true);
    for (const each of late) each.failed();
    here.clock.now += 5_000;
    expect(here.breaker.mayAsk(ROBIN)).toBe(true);
  });

  test('of several processes sends one probe, and recovers in all of them together', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
    await using closing = new AsyncDisposableStack();
    closing.defer(() => rmSync(dataDir, { recursive: true }));
    const inbox = closing.adopt(openInbox(dataDir), (each) => each.close());
    const here = breakerAt();
    const { clock } = here;
    const processes = [here, breakerAt(here), breakerAt(here)];
    await inbox.enqueue(
      Array.from({ length: 30 }, (_, n) => ({
        key: { ...ROBIN, type: 'trip', id: String(n) },
        ...{ origin: 'webhook', action: 'updated', learntAt: clock.now, announcesDeletion: false },
      })),
    );
    /** Each takes what it may. */
    const claimAll = async () => {
      const begun: { claim: Claim; attempt: Attempt }[] = [];
      for (const { breaker } of processes) {
        const request = { room: 8, perAccount: 99, now: clock.now, limits: breaker.limits() };
        for (const claim of await inbox.exchange([], request))
          begun.push({ claim, attempt: breaker.begin(claim.key, 'task') });
      }
      return begun;
    };
    const end = async (begun: Awaited<ReturnType<typeof claimAll>>) => {
      for (const { attempt } of begun) attempt.answered();
      const done = begun.map(({ claim }): Settlement => ({ claim, kind: 'done', followUps: [] }));
      await inbox.exchange(done, { room: 0, perAccount: 99, now: clock.now });
    };
    here.fail(ROBIN, 8);
    expect(await claimAll()).toEqual([]);
    clock.now += 5_000;
    const rounds: number[] = [];
    while (rounds.at(-1) !== 0) {
      const begun = await claimAll();
      expect(begun.length === 0 || (await claimAll()).length === 0).toBe(true);
      await end(begun);
      rounds.push(begun.length);
    }
    // One, then as many more as were answered, whoever asked.
    expect(rounds).toEqual([1, 2, 4, 8, 15, 0]);
    expect(here.board.names('')).toEqual([]);
  });

  test('comes to no harm where two processes overwrite what each other learnt', () => {
    const [mine, theirs] = lateBoards();
    const here = breakerAt({ board: mine.board });
    const there = breakerAt({ board: theirs.board, clock: here.clock });
    // Every failure of the one is overwritten by the other's: they count as one, and both know in the end.
    for (let n = 0; n < 8; n += 1) {
      here.fail(ROBIN);
      there.fail(ROBIN);
      mine.arrive();
      theirs.arrive();
    }
    expect([here, there].map(({ breaker }) => breaker.isOpen(ROBIN))).toEqual([true, true]);
    here.clock.now += 10_000;
    // Two probes at once, and two answers at once.
    const probes = [here, there].map(({ breaker }) => breaker.begin(ROBIN));
    for (const each of probes) each.answered();
    mine.arrive();
    theirs.arrive();
    expect([here, there].map(({ breaker }) => breaker.limits()[0]?.most)).toEqual([2, 2]);
    for (let n = 0; n < 15; n += 1) {
      here.breaker.begin(ROBIN).answered();
      there.breaker.begin(ROBIN).answered();
      mine.arrive();
      theirs.arrive();
    }
    expect([mine, theirs].map(({ board }) => board.names(''))).toEqual([[], []]);
  });

  /** Two processes' copies of one board; what the other one put is there after `arrive`. */
  function lateBoards() {
    const boards = [createBoard(), createBoard()] as const;
    let stored: [string, unknown][] = [];
    return boards.map((board) => ({
      board: {
        ...board,
        put(name: string, value: unknown) {
          stored = [...stored.filter(([other]) => other !== name), [name, value]];
          return board.put(name, value);
        },
      },
      arrive: () => void stored.map(([name, value]) => board.put(name, value)),
    })) as [Late, Late];
  }
});

interface Late {
  board: Board;
  arrive: () => void;
}

describe('an outage of an hour', () => {
  const TRIPS = 60;
  let here: Installation;
  let ahead = 0;
  afterEach(() => here.close());
  const now = () => Date.now() + ahead;

  async function start(riders: number): Promise<Browser[]> {
    ahead = 0;
    here = await startInstallation({
      env: { SIGNUP: 'open' },
      riders: Array.from({ length: riders }, (_, n) => ({
        id: n + 1,
        name: `Rider ${n + 1}`,
        routes: 0,
        trips: TRIPS / riders,
        points: 2,
      })),
      now,
      appNow: now,
    });
    const browsers: Browser[] = [];
    for (let rider = 1; rider <= riders; rider += 1) browsers.push(await here.connect(rider));
    return browsers;
  }

  /** Every trip of every rider is renamed, a few each minute; the schedule asks every quarter of an hour. */
  async function anHour(): Promise<void> {
    const trips = here.sandbox.world.riders().flatMap(({ id }) => here.sandbox.world.items(id, 'trip'));
    for (let minute = 0; minute < 60; minute += 1) {
      const trip = trips[minute % trips.length];
      if (trip) here.sandbox.world.edit('trip', trip.id, { name: `Minute ${minute}` });
      if (minute % 15 === 0) await here.app.reconciler.all();
      ahead += MINUTE;
      await here.settled();
    }
  }

  test.each([
    [1, 'nothing answers', { down: true }],
    [1, 'everything is 503', { proxyStatus: 503 }],
    [3, 'nothing answers', { down: true }],
    [3, 'it says 503 and to wait for a minute', { nextStatus: Array(10_000).fill(503), nextRetryAfter: 60 }],
  ])(
    'for %i riders, where %s: few requests, no attempt spent, and no stampede at its end',
    async (riders, _, fault) => {
      const browsers = await start(riders);
      here.sandbox.forgetRequests();
      here.sandbox.faults.set(fault);
      await anHour();
      const during = here.sandbox.requests.length;
      expect(during).toBeGreaterThan(8);
      // Those that open the breakers, then one now and then; or as many as were asked for, one each minute and rider.
      expect(during).toBeLessThan('down' in fault || 'proxyStatus' in fault ? 25 + 15 * riders : 90 * riders);
      for (const browser of browsers) expect(await letters(browser)).toEqual([]);
      // Those that opened the breakers, and no other.
      expect(attemptsSpent()).toBeLessThanOrEqual(16);

      here.sandbox.forgetRequests();
      here.sandbox.faults.clear();
      here.sandbox.faults.set({ latencyMs: 40 });
      // Whoever still waits was told to before the end.
      ahead += 8 * MINUTE;
      const seen = await watched(async () => (await Promise.all(browsers.map(pending))).every((left) => left === 0));
      // The first one goes alone, for all of them or, where each was told to wait, for itself; each answer lets one more go than before.
      expect(seen[0]?.answered).toBe(0);
      expect(seen[0]?.running).toBeLessThanOrEqual('nextStatus' in fault ? riders : 1);
      for (const { running, answered } of seen) expect(running).toBeLessThanOrEqual(riders * (1 + answered));
      expect(Math.max(...seen.map(({ running }) => running))).toBeLessThanOrEqual(4 * riders);

      for (const [index, browser] of browsers.entries()) {
        expect(await differences(here, browser, index + 1)).toEqual([]);
        expect(await letters(browser)).toEqual([]);
      }
      // One each: what was waiting was coalesced, and nothing was asked twice.
      const fetched = here.sandbox.requests.filter(({ path }) => path.includes('/trips/'));
      expect(fetched.length).toBeLessThanOrEqual(TRIPS + riders);
    },
  );

  function attemptsSpent(): number {
    const inbox = new Database(join(here.dataDir, 'inbox.db'), { readonly: true });
    const spent = inbox.prepare('SELECT sum(attempts) FROM tasks').pluck().get();
    inbox.close();
    return Number(spent);
  }

  test('that only one rider meets keeps nobody else from anything', async () => {
    const [robin, kim] = await start(2);
    if (!robin || !kim) throw new Error('Two riders were connected.');
    here.sandbox.faults.set({ down: true, onlyRider: 1 });
    for (let minute = 0; minute < 60; minute += 1) {
      for (const rider of [1, 2]) {
        const trips = here.sandbox.world.items(rider, 'trip');
        here.sandbox.world.edit('trip', trips[minute % trips.length]?.id ?? 0, { name: `Minute ${minute}` });
      }
      await here.settled();
      expect(await pending(kim)).toBe(0);
      ahead += MINUTE;
    }
    expect(await differences(here, kim, 2)).toEqual([]);
    here.sandbox.faults.clear();
    ahead += HOUR / 6;
    await until(async () => {
      await here.settled();
      ahead += MINUTE;
      return (await pending(robin)) === 0;
    }, 20_000);
    expect(await differences(here, robin, 1)).toEqual([]);
    expect(await letters(robin)).toEqual([]);
  });

  test('is not asked about by the schedule, and by a person all the same', async () => {
    await start(1);
    here.sandbox.faults.set({ down: true });
    for (const { id } of here.sandbox.world.items(1, 'trip')) here.sandbox.world.edit('trip', id, { name: 'Waits' });
    await until(() => here.sandbox.requests.filter(({ status }) => status === 0).length >= 8);
    await here.settled();
    here.sandbox.forgetRequests();
    await here.app.reconciler.all();
    await here.app.auditor.all();
    expect(here.sandbox.requests.length).toBe(0);
    expect(here.app.reconciler.trouble({ source: 'ridewithgps', account: '1' })?.reason).toMatch(/does not answer/);
    await here.app.reconciler.reconcile({ source: 'ridewithgps', account: '1' });
    expect(here.sandbox.count('/api/v1/sync.json')).toBe(1);
  });

  async function pending(browser: Browser): Promise<number> {
    const { queue } = await browser.json<SyncReport>('/api/v1/sync');
    return queue.pending + queue.active;
  }

  /** How many requests ran at once, and how many had been answered by then, at each instant that differed. */
  async function watched(over: () => Promise<boolean>): Promise<{ running: number; answered: number }[]> {
    const seen: { running: number; answered: number }[] = [];
    const look = setInterval(() => {
      const running = here.sandbox.concurrent().current;
      const answered = here.sandbox.requests.length - running;
      const last = seen.at(-1);
      if (running > 0 && (last?.running !== running || last.answered !== answered)) seen.push({ running, answered });
    }, 2);
    try {
      await until(over, 30_000);
    } finally {
      clearInterval(look);
    }
    return seen;
  }
});

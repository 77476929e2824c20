import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Breaker, createBreaker } from '../src/breaker.ts';
import { createDispatcher, type Dispatcher } from '../src/dispatch.ts';
import { WorkerLost } from '../src/pool.ts';
import { createProgress, isDecoding, whileDecoding } from '../src/progress.ts';
import type { Reconciled } from '../src/reconcile.ts';
import { changesOf } from '../src/sources/source.ts';
import type { Inbox } from '../src/storage/inbox.ts';
import { createBoard } from '../src/storage/memory/board.ts';
import { openInbox } from '../src/storage/sqlite/inbox.ts';
import type { Claim } from '../src/vocabulary.ts';
import type { Outcome } from '../src/worker.ts';
import { until } from './support/until.ts';

const RIDER = { source: 'ridewithgps', account: '1' } as const;

let dataDir: string;
let inbox: Inbox;
let dispatcher: Dispatcher | undefined;
let now: number;
const errors: unknown[] = [];
const claims: Claim[] = [];

beforeEach(() => {
  now = 1_000_000;
  errors.length = 0;
  claims.length = 0;
  dataDir = mkdtempSync(join(tmpdir(), 'slipstream-'));
  inbox = openInbox(dataDir);
});
afterEach(async () => {
  await dispatcher?.stop(1_000);
  await inbox.close();
  rmSync(dataDir, { recursive: true });
});

/** As after a crash: nothing was settled. */
async function reopen(): Promise<void> {
  await inbox.close();
  inbox = openInbox(dataDir);
  await inbox.recover();
}

/** A real inbox and dispatcher; the pool alone is made up, to fail as no real one can be made to. */
function dispatch(
  fetch: (claim: Claim) => Promise<Outcome>,
  breaker = createBreaker({
    board: createBoard(),
    now: () => now,
    random: () => 0.5,
    onError: (error) => errors.push(error),
  }),
  catchUp: () => Promise<Reconciled> = async () => ({ ok: true, found: 0 }),
): Dispatcher {
  return createDispatcher({
    inbox,
    pool: {
      fetches: 4,
      fetch: (claim) => {
        claims.push(claim);
        return fetch(claim);
      },
    },
    accounts: { setState: async () => {}, rewind: async () => {} },
    breaker,
    tokens: { renew: async () => ({ kind: 'refused' }), worked: () => {} },
    sources: new Map([['ridewithgps', {}]]),
    catchUp,
    perAccount: 4,
    now: () => now,
    random: () => 0.5,
    isBusy: () => false,
    onSettled: () => {},
    onError: (error) => errors.push(error),
  });
}

async function start(fetch: (claim: Claim) => Promise<Outcome>, breaker?: Breaker): Promise<void> {
  dispatcher = dispatch(fetch, breaker);
  await inbox.enqueue([
    {
      key: { ...RIDER, type: 'trip', id: '7' },
      origin: 'webhook',
      action: 'updated',
      learntAt: now,
      announcesDeletion: false,
    },
  ]);
}

/** Lets pass what a task waits for, again and again. */
async function untilDead(): Promise<void> {
  await until(async () => {
    now += 60_000;
    await dispatcher?.settled();
    return (await inbox.counts(RIDER)).dead === 1;
  });
}

const letters = async () => (await inbox.deadLetters(RIDER, false)).map(({ code }) => code);

test('who dies three times with the same body in hand is not asked a fourth time', async () => {
  await start(() => Promise.reject(new WorkerLost(true, new Error('out of memory'))));
  await untilDead();
  expect(claims.map(({ attempts }) => attempts)).toEqual([1, 2, 3]);
  expect(await letters()).toEqual(['kills-worker']);
});

test('a task that was only aboard when a thread died loses no attempt, however often', async () => {
  let deaths = 0;
  await start(async () => {
    deaths += 1;
    if (deaths <= 30) throw new WorkerLost(false, new Error('another one did it'));
    return { kind: 'applied', outcome: 'updated', followUps: [] };
  });
  await until(async () => {
    now += 60_000;
    await dispatcher?.settled();
    return (await inbox.counts(RIDER)).pending === 0;
  });
  expect(claims.every(({ attempts }) => attempts === 1)).toBe(true);
  expect(await letters()).toEqual([]);
});

test('a fault of our own is logged, tried again, and then shown to a person', async () => {
  await start(async () => ({ kind: 'broken', reason: 'TypeError: of undefined' }));
  await untilDead();
  expect(await letters()).toEqual(['own-fault']);
  expect(errors.map(String)).toEqual(Array(3).fill('Error: trip 7: TypeError: of undefined'));
});

test('a disk that refuses spends no attempt', async () => {
  let refusals = 0;
  await start(async () => {
    refusals += 1;
    return refusals <= 30
      ? { kind: 'storage-down', reason: 'full' }
      : { kind: 'applied', outcome: 'updated', followUps: [] };
  });
  await until(async () => {
    now += 60_000;
    await dispatcher?.settled();
    return (await inbox.counts(RIDER)).pending === 0;
  });
  expect(claims.at(-1)?.attempts).toBe(1);
});

test('a task crashed into too often is set aside before it is tried again', async () => {
  await start(async () => ({ kind: 'applied', outcome: 'updated', followUps: [] }));
  await dispatcher?.stop(100);
  for (let crash = 0; crash < 21; crash += 1) {
    await reopen();
    await inbox.exchange([], { room: 4, perAccount: 4, now: now + crash * 10_000_000 });
  }
  await reopen();
  now += 1e9;
  dispatcher = dispatch(() => Promise.reject(new Error('It must not be asked.')));
  await dispatcher.settled();
  expect(await letters()).toEqual(['given-up']);
  expect(errors).toEqual([]);
});

test('the one attempt during an outage may be lost with its thread: another one is made, and nothing waits for ever', async () => {
  let asked = 0;
  await start(async () => {
    asked += 1;
    if (asked <= 8) return { kind: 'provider-down', reason: '503' };
    if (asked === 9) throw new WorkerLost(false, new Error('another one did it'));
    return { kind: 'applied', outcome: 'updated', followUps: [] };
  });
  await until(async () => {
    now += 60_000;
    await dispatcher?.settled();
    return (await inbox.counts(RIDER)).pending === 0;
  });
  expect(asked).toBe(10);
  expect(await letters()).toEqual([]);
});

test('what was asked of nobody says nothing about the provider', async () => {
  const outcomes: Outcome[] = [
    ...Array<Outcome>(8).fill({ kind: 'provider-down', reason: '503' }),
    { kind: 'storage-down', reason: 'full' },
    { kind: 'nobody' },
  ];
  const breaker = createBreaker({
    board: createBoard(),
    now: () => now,
    random: () => 0.5,
    onError: (error) => errors.push(error),
  });
  await start(async () => outcomes.shift() ?? { kind: 'nobody' }, breaker);
  for (let round = 0; round < 40 && outcomes.length > 0; round += 1) {
    now += 60_000;
    await dispatcher?.settled();
  }
  expect(outcomes).toEqual([]);
  expect(breaker.isOpen(RIDER)).toBe(true);
});

test('an item that alone is refused holds its account up less and less', async () => {
  await start(async ({ key }) =>
    key.type === 'account' ? { kind: 'applied', outcome: 'accepted', followUps: [] } : { kind: 'unauthorized' },
  );
  for (let minute = 0; minute < 10; minute += 1) {
    for (let step = 0; step < 10; step += 1) {
      now += 6_000;
      await dispatcher?.settled();
    }
  }
  // 6 s each time would be a hundred.
  expect(claims.filter(({ key }) => key.type === 'trip').length).toBeLessThan(15);
});

test('a body that could not be read did not end the thread that ended later', () => {
  const progress = createProgress();
  expect(() => whileDecoding(progress, () => JSON.parse('<html>'))).toThrow();
  expect(isDecoding(progress)).toBe(false);
});

test('"something changed" outlives an outage of any length, and ends where nobody is connected who could ask', async () => {
  const breaker = createBreaker({
    board: createBoard(),
    now: () => now,
    random: () => 0.5,
    onError: (error) => errors.push(error),
  });
  const answers: Reconciled[] = [
    ...Array.from({ length: 32 }, () => ({ ok: false, reason: 'It could not be reached.' }) as const),
    { ok: false, reason: 'The account is not connected.', nobody: true },
  ];
  dispatcher = dispatch(
    () => Promise.reject(new Error('not asked')),
    breaker,
    async () => {
      const attempt = breaker.begin(RIDER);
      const answer = answers.shift() ?? { ok: true, found: 0 };
      if (answer.ok || answer.nobody) attempt.answered();
      else attempt.failed();
      return answer;
    },
  );
  await inbox.enqueue([
    { key: changesOf(RIDER), origin: 'webhook', action: 'changed', learntAt: now, announcesDeletion: false },
  ]);
  await until(async () => {
    now += 600_000;
    await dispatcher?.settled();
    return (await inbox.counts(RIDER)).pending === 0;
  }, 20_000);
  expect(answers).toEqual([]);
  expect(await inbox.counts(RIDER)).toMatchObject({ active: 0, dead: 0 });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBreaker } from '../src/breaker.ts';
import { createDispatcher, type Dispatcher } from '../src/dispatch.ts';
import { WorkerLost } from '../src/pool.ts';
import type { Inbox } from '../src/storage/inbox.ts';
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
  inbox.close();
  rmSync(dataDir, { recursive: true });
});

/** A real inbox and dispatcher; the pool alone is made up, to fail as no real one can be made to. */
function dispatch(fetch: (claim: Claim) => Promise<Outcome>): Dispatcher {
  return createDispatcher({
    inbox,
    pool: {
      fetches: 4,
      fetch: (claim) => {
        claims.push(claim);
        return fetch(claim);
      },
    },
    accounts: { setState: async () => {} },
    breaker: createBreaker(
      () => now,
      () => 0.5,
    ),
    perAccount: 4,
    now: () => now,
    random: () => 0.5,
    isBusy: () => false,
    onSettled: () => {},
    onError: (error) => errors.push(error),
  });
}

async function start(fetch: (claim: Claim) => Promise<Outcome>): Promise<void> {
  dispatcher = dispatch(fetch);
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
    await inbox.recover();
    await inbox.exchange([], { room: 4, perAccount: 4, now: now + crash * 10_000_000 });
  }
  await inbox.recover();
  now += 1e9;
  dispatcher = dispatch(() => Promise.reject(new Error('It must not be asked.')));
  await dispatcher.settled();
  expect(await letters()).toEqual(['given-up']);
  expect(errors).toEqual([]);
});

test('during an outage one fetch now and then asks, no attempt is spent, and everything is caught up afterwards', async () => {
  let down = true;
  await start(async () =>
    down ? { kind: 'provider-down', reason: '503' } : { kind: 'applied', outcome: 'updated', followUps: [] },
  );
  await inbox.enqueue(
    Array.from({ length: 50 }, (_, n) => ({
      key: { ...RIDER, type: 'trip', id: String(100 + n) },
      origin: 'webhook' as const,
      action: 'updated',
      learntAt: now,
      announcesDeletion: false,
    })),
  );
  for (let minute = 0; minute < 60; minute += 1) {
    now += 60_000;
    await dispatcher?.settled();
  }
  expect(claims.length).toBeLessThan(60);
  expect(Math.max(...claims.map(({ attempts }) => attempts))).toBeLessThan(10);
  down = false;
  await until(async () => {
    now += 60_000;
    await dispatcher?.settled();
    return (await inbox.counts(RIDER)).pending === 0;
  });
  expect(await letters()).toEqual([]);
});

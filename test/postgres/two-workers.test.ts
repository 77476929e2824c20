import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Hold } from '../../src/sandbox/faults.ts';
import { type Life, openPipeline, type Pipeline, refOf } from '../histories/pipeline.ts';
import { overPostgres } from '../histories/storages.ts';
import { freshDatabase, stopPostgres } from '../support/postgres.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { until } from '../support/until.ts';
import { notification } from '../support/webhook.ts';

const SILENT = { silent: true };

let pipeline: Pipeline;
/** The ways on which the two have their locks. */
const relays: Relay[] = [];
beforeAll(async () => {
  const { url } = await freshDatabase();
  const storage = overPostgres(url);
  const join = async () => {
    const relay = await startRelay(url);
    relays.push(relay);
    return storage.join(relay.url);
  };
  pipeline = await openPipeline({ ...storage, join }, 2);
});
afterAll(async () => {
  await pipeline.close();
  for (const relay of relays) await relay.close();
  await stopPostgres();
});

/** One worker's connection is gone while it fetches, and the other one has the key. Both wait for their answers. */
interface HandedOver {
  /** Who had the key, its way to the server, and its answer: the item was called «First» then. */
  late: Life;
  way: Relay | undefined;
  first: Hold;
  /** The answer of who has it now: «Second», with the same time of the last change. */
  second: Hold;
  title(): Promise<string | undefined>;
  counts(): Promise<{ pending: number; active: number; dead: number }>;
}

let over: HandedOver;
beforeEach(async () => {
  over = await handOver();
});

async function handOver(): Promise<HandedOver> {
  const { sandbox, inbox, mirror, lives } = pipeline;
  const rider = await pipeline.connect({ routes: 0, trips: 1 });
  await pipeline.life.reconciler.reconcile(refOf(rider));
  await pipeline.work(() => false);
  const [item] = sandbox.world.items(rider, 'trip');
  const account = await mirror.accounts.find(refOf(rider));
  if (!item || !account) throw new Error('The rider has one trip.');
  const name = `trip/${item.id}`;

  pipeline.wait(10_000);
  sandbox.world.edit('trip', item.id, { name: 'First' }, SILENT);
  const first = sandbox.faults.hold(name);
  await pipeline.deliver([notification({ user_id: rider, item_id: item.id, item_user_id: rider })]);
  await first.arrived;
  const at = lives.findIndex(({ running }) => running.size > 0);
  const late = lives[at] as Life;
  relays[at]?.cut();

  sandbox.world.edit('trip', item.id, { name: 'Second' }, { ...SILENT, untouched: true });
  const second = sandbox.faults.hold(name);
  await until(async () => (await inbox.recover()) === 1, 20_000);
  for (const life of lives) life.wake();
  await second.arrived;
  return {
    late,
    way: relays[at],
    first,
    second,
    title: async () => (await mirror.library.find(account.id, 'trip', String(item.id)))?.name,
    async counts() {
      const { pending, active, dead } = await inbox.counts(refOf(rider));
      return { pending, active, dead };
    },
  };
}

const NOTHING = { pending: 0, active: 0, dead: 0 };
const isOver = async () => Object.values(await over.counts()).every((count) => count === 0);

test('a worker that wakes after its key was given to another, and is finished there, changes nothing', async () => {
  const { late, way, first, second, title, counts } = over;
  second.release();
  await until(isOver, 20_000);
  expect(await title()).toBe('Second');
  first.release();
  await until(() => late.running.size === 0, 20_000);
  expect(await title()).toBe('Second');
  way?.restore();
  await late.settled();
  expect([await title(), await counts()]).toEqual(['Second', NOTHING]);
});

test('one that finishes first takes neither the key nor the last word from the other', async () => {
  const { late, way, first, second, title, counts } = over;
  first.release();
  await until(() => late.running.size === 0, 20_000);
  expect(await title()).toBe('First');
  way?.restore();
  await late.settled();
  // The other one is still at it.
  expect(await counts()).toEqual({ ...NOTHING, active: 1 });
  second.release();
  await until(isOver, 20_000);
  expect(await title()).toBe('Second');
});

test('nobody else gets the key from either of them', async () => {
  const { way, first, second, counts } = over;
  const { sandbox, inbox, lives } = pipeline;
  way?.restore();
  const before = sandbox.concurrent().current;
  for (let look = 0; look < 5; look += 1) {
    expect(await inbox.recover()).toBe(0);
    for (const life of lives) life.wake();
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  expect([sandbox.concurrent().current, await counts()]).toEqual([before, { ...NOTHING, active: 1 }]);
  first.release();
  second.release();
  await until(isOver, 20_000);
});

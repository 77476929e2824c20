import { createAuditor, differencesOf } from '../../src/audit.ts';
import { createBreaker } from '../../src/breaker.ts';
import { readConfig } from '../../src/config.ts';
import { createDispatcher } from '../../src/dispatch.ts';
import { createHttpClient } from '../../src/http/client.ts';
import { createIntake } from '../../src/inbox.ts';
import { createReceiver } from '../../src/receive.ts';
import { changesToFetch, createReconciler } from '../../src/reconcile.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createRider } from '../../src/sandbox/world/riders.ts';
import { createSeal } from '../../src/seal.ts';
import { createApi } from '../../src/sources/ridewithgps/api.ts';
import { createRideWithGps } from '../../src/sources/ridewithgps/index.ts';
import type { Source } from '../../src/sources/source.ts';
import type { AccountWriter } from '../../src/storage/accounts.ts';
import type { Inbox } from '../../src/storage/inbox.ts';
import type { MirrorWriter } from '../../src/storage/mirror.ts';
import { createTokens, renewToken } from '../../src/tokens.ts';
import type { AccountRef, Claim } from '../../src/vocabulary.ts';
import { fetchItem } from '../../src/worker.ts';
import { SECRET } from '../support/slipstream.ts';
import { isUntaken } from '../support/untaken.ts';
import { bodyOf, sign } from '../support/webhook.ts';
import { createFuse } from './fuse.ts';
import { overSqlite, type Share, type Storage } from './storages.ts';

const NOON = Date.parse('2026-06-01T12:00:00Z');
const TICK_MS = 2;
const LONGEST_TURN_MS = 60_000;

export type Pipeline = Awaited<ReturnType<typeof openPipeline>>;

/**
 * The path of an event with nothing left out but the threads: receiver, intake, dispatcher, workers, reconciler and auditor over
 * a real storage, beside the stand-in provider over real HTTP. Time is the test's own. A kill takes everything that was in memory.
 *
 * @param processes How many there are, each with all of it: what is to be done once is done by one after the other.
 */
export async function openPipeline(storage: Storage = overSqlite(), processes = 1) {
  let time = NOON;
  const now = () => time;
  const sandbox = await startSandbox({
    clients: [{ apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET }],
    riders: [],
    now,
  });
  const { inbox, mirror } = storage;
  const seal = createSeal(['a key that seals only in this test']);
  const source = sourceOf(sandbox, now);
  const stores = { storage, mirror, seal, source, now };
  const lives: Life[] = [];
  for (let n = 0; n < processes; n += 1) lives.push(await begin(stores));
  let turns = 0;
  let riders = 0;

  return {
    sandbox,
    inbox,
    mirror,
    now,
    lives: lives as readonly Life[],
    /** Whose turn it is. */
    get life(): Life {
      const life = lives[turns % lives.length];
      if (!life) throw new Error('There is at least one.');
      return life;
    },
    /** From here on it is the next one's turn. */
    pass(): void {
      turns += 1;
    },
    /** Whether one of them was killed, and has not been missed yet. */
    get isWrecked(): boolean {
      return lives.some(({ fuse }) => fuse.blown);
    },
    /** What nobody expected, none of it caused by a kill. */
    get unexpected(): unknown[] {
      return lives.flatMap((life) => life.unexpected);
    },
    wait(ms: number): void {
      time += ms;
    },
    /** @returns a rider whom nothing before knew, connected and copied. */
    async connect(library: { routes: number; trips: number }): Promise<number> {
      riders += 1;
      const rider = createRider({ id: riders, name: `Rider ${riders}`, routes: 0, trips: 0, points: 2 }, 0, 1, time);
      sandbox.world.addRider(rider);
      for (let n = 0; n < library.routes; n += 1) sandbox.world.create(rider.id, 'route', {}, { silent: true });
      for (let n = 0; n < library.trips; n += 1) sandbox.world.create(rider.id, 'trip', {}, { silent: true });
      // The stand-in tells the library as it is, and not what happened, to who asks for a time before the rider's first action.
      time += 3_600_000;
      const ref = refOf(rider.id);
      await mirror.accountWriter.connect({
        ...ref,
        name: rider.name,
        client: 'test-key',
        tokenKind: 'bearer',
        sealedToken: seal.seal(sandbox.world.issueToken(rider.id, 'test-key'), ref),
        connectedAt: time,
      });
      return rider.id;
    },
    /** One signed request. @returns whether it was acknowledged. */
    async deliver(notifications: readonly unknown[]): Promise<boolean> {
      const body = Buffer.from(bodyOf(...notifications));
      const headers = { 'x-rwgps-api-key': 'test-key', 'x-rwgps-signature': sign(body) };
      return (await this.life.receiver.receive(source, { headers, body })).status === 200;
    },
    /** Goes on until nothing that is due is left but what waits for an answer that is held, or until an end came. */
    async work(isHeld: (item: string) => boolean): Promise<void> {
      const deadline = Date.now() + LONGEST_TURN_MS;
      for (let quiet = 0, seen = -1; quiet < 3 && !this.isWrecked; ) {
        if (Date.now() > deadline) throw new Error('The work does not end.');
        // What a process that is gone had in hand, and what one passed over while another looked at it; as every one asks now and then.
        if (lives.length > 1) {
          await inbox.recover();
          for (const life of lives) life.takeLeft();
        }
        for (const life of lives) life.wake();
        await new Promise((resolve) => setTimeout(resolve, TICK_MS));
        while (lives.some((life) => life.isAsking())) await new Promise((resolve) => setTimeout(resolve, 1));
        const begun = lives.reduce((sum, life) => sum + life.begun(), 0);
        const idle = lives.every((life) => life.isIdle(isHeld)) && begun === seen && !(await isUntaken(inbox));
        quiet = idle ? quiet + 1 : 0;
        seen = begun;
      }
    },
    /** What was in memory of those that were killed, or else of whose turn it is, is gone; what was committed is taken up again. */
    async kill(): Promise<void> {
      const wrecks = this.isWrecked ? lives.filter(({ fuse }) => fuse.blown) : [this.life];
      for (const wreck of wrecks) {
        await wreck.end();
        lives[lives.indexOf(wreck)] = await begin(stores);
      }
    },
    async close(): Promise<void> {
      for (const life of lives) await life.end();
      await source.close();
      await sandbox.close();
      await storage.close();
    },
  };
}

export const refOf = (rider: number): AccountRef => ({ source: 'ridewithgps', account: String(rider) });

/** As the program builds it, but for the clock. */
function sourceOf({ url }: Sandbox, now: () => number): Source {
  const { ridewithgps } = readConfig({ RWGPS_API_KEY: 'test-key', RWGPS_CLIENT_ID: 'id', RWGPS_CLIENT_SECRET: SECRET });
  const client = createHttpClient(new URL(url), undefined, now);
  return { ...createRideWithGps(ridewithgps), ...createApi(client) };
}

interface Stores {
  storage: Storage;
  mirror: MirrorWriter;
  seal: ReturnType<typeof createSeal>;
  source: Source;
  now: () => number;
}

export type Life = Awaited<ReturnType<typeof begin>>;

const INBOX_WRITES: readonly (keyof Inbox)[] = ['keep', 'take', 'takeNext', 'enqueue', 'pause', 'park', 'unpark'];
const ACCOUNT_WRITES: readonly (keyof AccountWriter)[] = ['setState', 'reconciled', 'audited'];

/** Asking for work is no write: a claim that was cut off is given out again. Ending one is. */
const writesInbox = (method: keyof Inbox, [settlements]: unknown[]): boolean =>
  INBOX_WRITES.includes(method) || (method === 'exchange' && Array.isArray(settlements) && settlements.length > 0);

/** From one start of the program to its end. */
async function begin({ storage, mirror, seal, source, now }: Stores) {
  const fuse = createFuse();
  const share = await storage.join();
  const asked = counted(share.inbox);
  const inbox = fuse.guard<Inbox>(asked.store, writesInbox);
  const accounts = fuse.guard(mirror.accountWriter, (method) => ACCOUNT_WRITES.includes(method));
  const sources = new Map([[source.name, source]]);
  const worker = {
    sources,
    seal,
    accounts: mirror.accounts,
    items: mirror.items,
    writer: fuse.guard(mirror.itemWriter, (method) => method === 'transaction'),
    now,
  };
  const unexpected: unknown[] = [];
  const onError = (error: unknown) => {
    if (!fuse.blown) unexpected.push(error);
  };
  await inbox.recover();
  await inbox.raiseSequence(await mirror.items.greatestSeq());

  const running = new Set<Claim>();
  let begun = 0;
  const pool = {
    fetches: 8,
    async fetch(claim: Claim) {
      begun += 1;
      running.add(claim);
      try {
        return await fetchItem(worker, claim, (work) => work());
      } finally {
        running.delete(claim);
      }
    },
    changes: (ref: AccountRef) => changesToFetch(worker, ref),
    differences: (ref: AccountRef) => differencesOf(worker, ref),
    renewToken: (ref: AccountRef, stale: string) => renewToken({ ...worker, writer: accounts }, ref, stale),
  };
  const { board, locks }: Share = share;
  const tokens = createTokens({ pool, locks, now });
  const breaker = createBreaker({ board, now, random: () => 0.5, onError });
  const dispatcher = createDispatcher({
    inbox,
    pool,
    accounts,
    breaker,
    tokens,
    sources,
    catchUp: (ref) => reconciler.reconcile(ref, 'webhook'),
    perAccount: 4,
    now,
    random: () => 0.5,
    isBusy: () => false,
    onSettled: () => {},
    onError,
  });
  const wake = () => dispatcher.wake();
  const runs = mirror.runWriter;
  const asking = {
    inbox,
    pool,
    sources,
    tokens,
    accounts: mirror.accounts,
    writer: accounts,
    runs,
    breaker,
    locks,
    board,
    silence: { listen: async () => false },
    soon: () => {},
    now,
    onEnqueued: wake,
    onError,
  };
  const reconciler = createReconciler(asking);
  const auditor = createAuditor(asking);
  const intake = createIntake({ inbox, sources, seal, onTaken: wake, onError });
  const receiver = createReceiver({ inbox, board, now, onKept: intake.offer, onError });
  intake.start();
  wake();

  return {
    fuse,
    receiver,
    reconciler,
    auditor,
    unexpected,
    wake,
    /** Whoever received it, it is taken here. */
    takeLeft: () => intake.takeLeft(now() + 1),
    /** Resolves when nothing is due, nothing runs, and all that was fetched is settled. */
    settled: () => dispatcher.settled(),
    /** The inbox is being asked for something at this moment. */
    isAsking: () => asked.running() > 0,
    /** How many fetches were begun in all. */
    begun: () => begun,
    isIdle: (isHeld: (item: string) => boolean) => [...running].every(({ key }) => isHeld(`${key.type}/${key.id}`)),
    running: running as ReadonlySet<Claim>,
    async end(): Promise<void> {
      fuse.blow();
      await Promise.all([dispatcher.stop(0), intake.close(), reconciler.close()]);
      await share.close();
    },
  };
}

/** Knows how many calls are under way. */
function counted<Store extends object>(store: Store) {
  let running = 0;
  const counting = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        const answer: unknown = Reflect.apply(method, target, args);
        if (!(answer instanceof Promise)) return answer;
        running += 1;
        return answer.finally(() => {
          running -= 1;
        });
      };
    },
  });
  return { store: counting, running: () => running };
}

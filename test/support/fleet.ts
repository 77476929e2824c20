import { join } from 'node:path';
import type { Role } from '../../src/app.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import { openDatabase } from '../../src/storage/postgres/database.ts';
import { openMirrorForReading } from '../../src/storage/postgres/mirror.ts';
import { createProgram, type Ran, type Running } from '../cli/program.ts';
import { differences } from '../histories/agreement.ts';
import { createBursts } from './burst.ts';
import { COPIES, type Copy, createLedger } from './ledger.ts';
import { startCluster } from './postgres.ts';
import { createBrowser, SECRET } from './slipstream.ts';
import { until } from './until.ts';

export interface FleetPlan {
  seed: number;
  receivers: number;
  workers: number;
  riders: number;
  /** Of each rider. */
  trips: number;
  /** No process lives longer. */
  boundMs: number;
  environment?: Record<string, string>;
}

/** One process of the fleet: what is killed in its place is started again there. */
export interface Post {
  name: string;
  role: Exclude<Role, 'serve'>;
  /** It was started and not killed since; it may not be up yet. */
  isManned(): boolean;
  start(): void;
  /** Resolves when it listens. @throws when it ends before. */
  up(): Promise<string>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Set when it ended and nobody killed it. */
  fell(): Ran | undefined;
}

export type Fleet = Awaited<ReturnType<typeof openFleet>>;

const SOON_MS = 30_000;
/** Longer than anything waits that was in hand at three crashes in a row. */
const QUIET_WITHIN_MS = 180_000;

/**
 * The real program as processes of both roles over one real PostgreSQL that loses nothing, beside a provider whose riders make bursts of
 * changes. Neither reconciliation nor audit is on: what a webhook told must not be found in another way.
 */
export async function openFleet(plan: FleetPlan) {
  const { seed, boundMs } = plan;
  const opened = new AsyncDisposableStack();
  const random = createRandom(seed);
  const riders = Array.from({ length: plan.riders }, (_, index) => index + 1) as [number, ...number[]];
  const cluster = opened.adopt(await startCluster({ durable: true }), (each) => each.stop());
  const { url: databaseUrl } = await cluster.freshDatabase();
  const sandbox = opened.adopt(await startProvider(plan, riders), (each) => each.close());
  const db = opened.adopt(openDatabase(databaseUrl, { most: 2 }), (each) => each.close());
  const mirror = opened.adopt(openMirrorForReading({ databaseUrl }), (each) => each.close());
  const program = opened.adopt(createProgram(boundMs), (each) => each.close());
  const ledger = createLedger(sandbox.world);
  const bursts = createBursts(sandbox.world, ledger, riders, random);
  const posts = [
    ...Array.from({ length: plan.receivers }, (_, index) => post('receive', index)),
    ...Array.from({ length: plan.workers }, (_, index) => post('work', index)),
  ];
  const receivers = posts.filter(({ role }) => role === 'receive');
  let turns = 0;

  function post(role: Post['role'], index: number): Post {
    const name = `${role} ${index + 1}`;
    let process: Running | undefined;
    let address = '';
    let fell: Ran | undefined;
    return {
      name,
      role,
      isManned: () => process !== undefined,
      start() {
        const started = program.start([role, '--json'], {
          PORT: '0',
          // Each has a folder of its own, as on a machine of its own.
          DATA_DIR: join(program.folder, `${role}-${index}`),
          DATABASE_URL: databaseUrl,
          SECRET_KEY: 'the key that all processes of a fleet in the tests seal with',
          RWGPS_BASE_URL: sandbox.url,
          RWGPS_API_KEY: 'test-key',
          RWGPS_CLIENT_ID: 'test-id',
          RWGPS_CLIENT_SECRET: SECRET,
          SIGNUP: 'open',
          RECONCILE_CRON: 'off',
          AUDIT_CRON: 'off',
          WORKER_THREADS: '1',
          LOG_LEVEL: 'error',
          ...plan.environment,
        });
        process = started;
        void started.ended.then((ran) => {
          if (process === started) fell = ran;
        });
      },
      async up() {
        if (!process) throw new Error(`${name} is not running.`);
        address = (await process.until(/"url": ?"([^"]+)"/))[1] ?? '';
        addresses.set(name, address);
        return address;
      },
      async kill() {
        const killed = process;
        process = undefined;
        killed?.signal('SIGKILL');
        await killed?.ended;
      },
      fell: () => fell,
    };
  }

  /** Where each receiver was up the last time: whoever sends does not know that it is gone. */
  const addresses = new Map<string, string>();

  /** The receivers take turns, as behind a load balancer that does not look whether they are there. */
  function nextUrl(): string {
    turns += 1;
    return urlOf(receivers[turns % receivers.length]);
  }

  const urlOf = (post: Post | undefined): string => `${addresses.get(post?.name ?? '')}/webhooks/ridewithgps`;

  /** Connecting ends with the mirror being complete for these riders. */
  async function connect(): Promise<void> {
    for (const rider of riders) await createBrowser(addresses.get(receivers[0]?.name ?? '') ?? '').connect(rider);
    await until(async () => {
      const listed = await db.get<{ n: number }>('SELECT count(*) AS n FROM accounts WHERE cursor IS NOT NULL');
      return listed?.n === riders.length;
    }, SOON_MS);
    await quiet();
  }

  async function leftToDo(): Promise<string[]> {
    const rows = await db.all<{ left: string }>(LEFT);
    return rows.map(({ left }) => left);
  }

  /** Resolves when nothing waits any more. @returns what still does after a long while, a line each: it is stuck. */
  async function quiet(): Promise<string[]> {
    await until(async () => (await leftToDo()).length === 0, QUIET_WITHIN_MS).catch(() => {});
    return leftToDo();
  }

  return {
    sandbox,
    cluster,
    db,
    random,
    riders,
    posts,
    receivers,
    workers: posts.filter(({ role }) => role === 'work'),
    ledger,
    nextUrl,
    urlOf,
    connect,
    quiet,
    async start(): Promise<void> {
      for (const each of posts) each.start();
      await Promise.all(posts.map((each) => each.up()));
    },
    /** @param pauseMs - between two webhooks, at most. */
    burst: (pauseMs: number) => bursts.start(nextUrl, pauseMs),
    /** Waits until all is done. @returns what is wrong then, a sentence each. */
    async reckon(): Promise<string[]> {
      const stuck = (await quiet()).map((line) => `Stuck: ${line}.`);
      const fallen = posts.flatMap((each) => {
        const ran = each.fell();
        return ran ? [`${each.name} ended by itself (${ran.code}): ${ran.stdout} ${ran.stderr}`] : [];
      });
      return [...stuck, ...ledger.missing(await db.all<Copy>(COPIES)), ...fallen];
    },
    /** Where the mirror is not what the provider has. To be asked when everything that happened was told. */
    async differences(): Promise<string[]> {
      const found: string[] = [];
      for (const rider of riders) found.push(...(await differences({ sandbox, mirror }, rider)));
      return found;
    },
    /** Items and pinned collections that were asked for again before the answer was over. */
    overlaps: () => sandbox.overlaps().filter((name) => /\/(routes|trips|collections)\//.test(name)),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function startProvider({ seed, trips }: FleetPlan, riders: readonly number[]): Promise<Sandbox> {
  const sandbox = await startSandbox({
    clients: [{ apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET }],
    seed,
    riders: riders.map((id) => ({ id, name: `Rider ${id}`, routes: 4, trips, points: 60 })),
  });
  const { world } = sandbox;
  // Whoever pins an item may see it: what becomes of items that are not shown is another test's subject.
  for (const rider of riders) {
    for (const { type, id } of world.items(rider)) {
      world.setVisibility(type, id, 'public', { unlogged: true, untouched: true });
    }
  }
  return sandbox;
}

const LEFT = `
  SELECT state || ' task ' || account || ' ' || type || '/' || item_id || ' after ' || attempts || ' attempts' ||
    coalesce(': ' || last_error, '') AS left FROM tasks
  UNION ALL SELECT 'delivery ' || delivery_id || ' that is not tasks yet' FROM arrivals`;

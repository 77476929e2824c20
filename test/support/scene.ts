import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import type { DatabaseName } from '../../src/storage/migrate.ts';
import { createProgram, type Running } from '../cli/program.ts';
import { createBursts } from './burst.ts';
import { COPIES, type Copy, createLedger } from './ledger.ts';
import { createBrowser, SECRET } from './slipstream.ts';
import { until } from './until.ts';
import { damages, leftToDo } from './wreck.ts';

/** They are connected before anything happens. */
const RIDERS = [1, 2, 3] as const;
/** The first of those who connect in the middle of it. */
const FIRST_NEWCOMER = 101;
/** Longer than a task waits that was in flight at three crashes in a row. */
const QUIET_WITHIN_MS = 40_000;
const SOON_MS = 20_000;

/** A Slipstream that was started, or is starting. */
export interface Served extends Running {
  /** Where it listens, once it does. */
  url(): Promise<string>;
}

export type Scene = Awaited<ReturnType<typeof openScene>>;

/**
 * The real program in a process of its own, beside a provider whose riders make bursts of changes. Neither reconciliation nor audit
 * is on: what a webhook told must not be found in another way.
 */
export async function openScene({ seed, newcomers = 0 }: { seed: number; newcomers?: number }) {
  const random = createRandom(seed);
  const sandbox = await startSandbox({
    clients: [{ apiKey: 'test-key', clientId: 'test-id', clientSecret: SECRET }],
    seed,
    riders: [
      ...RIDERS.map((id) => ({ id, name: `Rider ${id}`, routes: 4, trips: 12, points: 60 })),
      ...Array.from({ length: newcomers }, (_, index) => newcomer(FIRST_NEWCOMER + index)),
    ],
  });
  showEverything(sandbox);
  const program = createProgram();
  const dataDir = join(program.folder, 'data');
  const ledger = createLedger(sandbox.world);
  const bursts = createBursts(sandbox.world, ledger, RIDERS, random);

  function serve(): Served {
    const running = program.start(['serve', '--json'], {
      PORT: '0',
      DATA_DIR: dataDir,
      RWGPS_BASE_URL: sandbox.url,
      RWGPS_API_KEY: 'test-key',
      RWGPS_CLIENT_ID: 'test-id',
      RWGPS_CLIENT_SECRET: SECRET,
      SIGNUP: 'open',
      RECONCILE_CRON: 'off',
      AUDIT_CRON: 'off',
      LOG_LEVEL: 'silent',
    });
    return { ...running, url: async () => (await running.until(/"url": ?"([^"]+)"/))[1] ?? '' };
  }

  /** Connecting ends with the mirror being complete for these riders. */
  async function connect(served: Served, riders: readonly number[] = RIDERS): Promise<void> {
    const url = await served.url();
    for (const rider of riders) await createBrowser(url).connect(rider);
    const listed = `SELECT count(*) FROM accounts WHERE cursor IS NOT NULL AND user_id IN (${riders.join()})`;
    await until(() => read('mirror', (db) => db.prepare(listed).pluck().get()) === riders.length, SOON_MS);
    await quiet();
  }

  /** Resolves when nothing waits any more. @returns what still does after a long while, a line each: it is stuck. */
  async function quiet(): Promise<string[]> {
    const left = () => read('inbox', leftToDo);
    await until(() => left().length === 0, QUIET_WITHIN_MS).catch(() => {});
    return left();
  }

  const copies = () => read('mirror', (db) => db.prepare<[], Copy>(COPIES).all());

  const open = (name: DatabaseName) => new Database(join(dataDir, `${name}.db`), { readonly: true });

  function read<Value>(name: DatabaseName, query: (db: Database.Database) => Value): Value {
    const db = open(name);
    try {
      return query(db);
    } finally {
      db.close();
    }
  }

  return {
    sandbox,
    random,
    dataDir,
    serve,
    connect,
    read,
    /** The same for a look that takes its time. */
    async watch(name: DatabaseName, look: (db: Database.Database) => Promise<void>): Promise<void> {
      const db = open(name);
      await look(db).finally(() => db.close());
    },
    /** @param pauseMs - between two webhooks, at most; 0: all at once. */
    async burst(served: Served, pauseMs = 8) {
      const url = `${await served.url()}/webhooks/ridewithgps`;
      return bursts.start(() => url, pauseMs);
    },
    /** A rider comes while something else is going on; it may end before the browser is back. */
    connecting: async (served: Served, rider: number): Promise<void> => {
      await createBrowser(await served.url())
        .connect(rider)
        .catch(() => {});
    },
    newcomer: (index: number) => FIRST_NEWCOMER + index,
    riders: RIDERS,
    /** Waits until all is done. @returns what is wrong then, a sentence each. */
    async reckon(): Promise<string[]> {
      const stuck = (await quiet()).map((line) => `Stuck: ${line}.`);
      return [...stuck, ...ledger.missing(copies()), ...damages(dataDir)];
    },
    async close(): Promise<void> {
      program.close();
      await sandbox.close();
    },
  };
}

const newcomer = (id: number) => ({ id, name: `Rider ${id}`, routes: 2, trips: 18, points: 60 });

/** Whoever pins an item may see it: what becomes of items that are not shown is another test's subject. */
function showEverything({ world }: Sandbox): void {
  for (const rider of world.riders()) {
    for (const { type, id } of world.items(rider.id)) {
      world.setVisibility(type, id, 'public', { unlogged: true, untouched: true });
    }
  }
}

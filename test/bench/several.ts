import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createSeal } from '../../src/seal.ts';
import { openMirrorForWriting, type Where } from '../../src/storage/open.ts';
import { prepareMirror } from '../../src/storage/sqlite/mirror.ts';
import { CLIENT, type Listening } from './client.ts';
import type { Child, Processes } from './processes.ts';
import { tokenOf } from './rides.ts';

const SECRET_KEY = 'the-secret-key-of-the-benchmark';

/** A process that takes webhooks. */
export interface Receiving {
  child: Child;
  url: string;
}

const environmentOf = (processes: Processes, more: Record<string, string>): Record<string, string> => ({
  PORT: '0',
  DATA_DIR: processes.folder(),
  SECRET_KEY,
  // Nothing listens there.
  RWGPS_BASE_URL: 'http://127.0.0.1:9',
  RWGPS_API_KEY: CLIENT.apiKey,
  RWGPS_CLIENT_ID: CLIENT.clientId,
  RWGPS_CLIENT_SECRET: CLIENT.clientSecret,
  RECONCILE_CRON: 'off',
  AUDIT_CRON: 'off',
  LOG_LEVEL: 'error',
  // What several processes do is compared by their number.
  WORKER_THREADS: '1',
  ...more,
});

/** Everything in one process. Without `DATABASE_URL` over SQLite. */
export async function startServe(processes: Processes, more: Record<string, string> = {}): Promise<Receiving> {
  const child = await processes.start(new URL('./serve.ts', import.meta.url), environmentOf(processes, more));
  return { child, ...(await child.ask<Listening>('listening')) };
}

/** So many processes of one role over one database. */
export function startRoles(
  processes: Processes,
  role: 'receive' | 'work',
  count: number,
  more: Record<string, string> & { DATABASE_URL: string },
): Promise<Receiving[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const environment = environmentOf(processes, { ...more, BENCH_ROLE: role });
      const child = await processes.start(new URL('./role.ts', import.meta.url), environment);
      return { child, ...(await child.ask<Listening>('listening')) };
    }),
  );
}

/** Accounts as they are after Connect and Authorize at the provider of `rides.ts`, without their libraries. */
export async function connectRiders(where: Where, riders: number): Promise<void> {
  if (where.databaseUrl === undefined) prepareMirror(where.dataDir);
  const mirror = await openMirrorForWriting(where);
  const { seal } = createSeal([SECRET_KEY]);
  for (let rider = 1; rider <= riders; rider += 1) {
    const ref = { source: 'ridewithgps', account: String(rider) } as const;
    const sealedToken = seal(tokenOf(rider), ref);
    const name = `Rider ${rider}`;
    await mirror.accountWriter.connect({
      ...{ ...ref, name, client: CLIENT.apiKey, tokenKind: 'bearer', sealedToken, connectedAt: Date.now() },
    });
  }
  await mirror.close();
}

/** A look at a database from outside. */
export interface Look {
  /** The first column of the first row, as a number. */
  one(sql: string): Promise<number>;
  rows<Row extends object>(sql: string): Promise<Row[]>;
  /** Resolves when every delivery has become tasks. */
  taken(): Promise<void>;
  /** Resolves when nothing is left to be done. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const NOTHING_TO_TAKE = 'SELECT (NOT EXISTS (SELECT FROM arrivals))::int';
const NOTHING_LEFT = 'SELECT (NOT EXISTS (SELECT FROM arrivals) AND NOT EXISTS (SELECT FROM tasks))::int';
const LOOK_MS = 50;

export async function lookAt(databaseUrl: string): Promise<Look> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const rows = async <Row extends object>(sql: string) => (await client.query<Row & pg.QueryResultRow>(sql)).rows;
  const one = async (sql: string) => Number(Object.values((await rows(sql))[0] ?? {})[0]);
  const until = async (sql: string) => {
    while ((await one(sql)) === 0) await pause(LOOK_MS);
  };
  return {
    one,
    rows,
    taken: () => until(NOTHING_TO_TAKE),
    idle: () => until(NOTHING_LEFT),
    close: () => client.end(),
  };
}

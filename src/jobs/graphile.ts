import {
  Logger,
  makeWorkerUtils,
  parseCronItem,
  type Runner,
  run,
  type TaskList,
  type WorkerUtils,
} from 'graphile-worker';
import pg from 'pg';
import type { Locks } from '../storage/locks.ts';
import { connectionTo, settingsFor } from '../storage/postgres/database.ts';
import { asStorageError } from '../storage/postgres/errors.ts';
import { type Crontab, type JobName, type JobPayloads, type Jobs, keyOf, type When, type Work } from './jobs.ts';
import { createLeftJobs } from './left-jobs.ts';

/** Each waits for a provider most of the time. */
const AT_ONCE = 4;
/** Its own connections: it listens on one, the others take and finish jobs, and one is for whoever asks for one. */
const CONNECTIONS = 4;
/** A job that fails is tried again by the engine, later each time; what the clock asks for comes again by itself. */
const MOST_ATTEMPTS = 5;
/** Jobs that are asked for in one statement. */
const SLICE = 500;
/** Waiting for what is due. */
const LOOK_MS = 50;
/** Jobs of a process that is gone are missed within a minute. */
const LEFT_LOOK_MS = 10_000;
/** After the engine stopped because the database was away. */
const AGAIN_MS = 2_000;
/** Longer than the engine waits for more jobs to store together. */
const STORING_MS = 20;

export interface GraphileParts {
  url: string;
  /** Several processes start together, and the engine's own tables are made once. */
  locks: Pick<Locks, 'hold'>;
  onError: (error: unknown) => void;
  /** Milliseconds between two looks for what a process that is gone has left. */
  leftLookMs?: number;
}

/**
 * Where several processes share the work: graphile-worker has each job done by one of them, and what the clock asks for asked for once,
 * however many processes have the same crontab.
 */
export async function openJobs({ url, locks, onError, leftLookMs = LEFT_LOOK_MS }: GraphileParts): Promise<Jobs> {
  const logger = new Logger(() => (level, message) => {
    if (level === 'error') onError(new Error(message));
  });
  const pgPool = openPool(url);
  const utils = await makeWorkerUtils({ pgPool, logger });
  await locks.hold('schema of the jobs', () => utils.migrate());
  const left = createLeftJobs(utils, locks);
  let looking: NodeJS.Timeout | undefined;
  let runner: Promise<Runner> | undefined;
  const waiting = new Set<string>();
  let closed: Promise<void> | undefined;

  /** Ends with the database's connection, and begins again when that is back. */
  function begin(taskList: TaskList, crontab: Crontab): void {
    runner = run({
      pgPool,
      concurrency: AT_ONCE,
      noHandleSignals: true,
      logger,
      events: left.events,
      taskList,
      parsedCronItems: crontab.map(cronItem),
    });
    runner
      .then((running) => running.promise)
      .catch(onError)
      .then(() => {
        if (!closed) setTimeout(() => !closed && begin(taskList, crontab), AGAIN_MS);
      });
  }

  /** Whoever asks again before its time would write a row to say nothing. */
  function remember(key: string, ms: number): void {
    waiting.add(key);
    setTimeout(() => waiting.delete(key), ms).unref();
  }

  async function end(): Promise<void> {
    clearInterval(looking);
    // It did not begin, or has stopped already because the database is away: `begin` has said so.
    await runner?.then((running) => running.stop()).catch(ignore);
    // It says so before it has stored how its last jobs ended.
    await new Promise((resolve) => setTimeout(resolve, STORING_MS));
    left.close();
    await utils.release();
    await pgPool.end();
  }

  return {
    async ask(name, payload, when) {
      if (when && waiting.has(when.key)) return;
      await add(utils, name, payload, when).catch(refused);
      if (when?.afterMs) remember(when.key, when.afterMs);
    },
    askEach: (name, payloads) => addEach(utils, name, payloads).catch(refused),
    async start(work, crontab) {
      begin(tasksOf(work), crontab);
      looking = setInterval(() => void left.look().catch((error) => onError(asStorageError(error))), leftLookMs);
      await runner;
    },
    async settled() {
      while (await utils.withPgClient(hasDue)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    },
    close() {
      closed ??= end();
      return closed;
    },
  };
}

/** The engine has types and handles errors of its own. */
function openPool(url: string): pg.Pool {
  const { types: _, ...connection } = connectionTo(url);
  const pool = new pg.Pool({ ...connection, max: CONNECTIONS, onConnect: (client) => client.query(settingsFor()) });
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return pool;
}

const ignore = (): void => {};

async function hasDue(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query(
    'SELECT 1 FROM graphile_worker.jobs WHERE locked_at IS NOT NULL OR (run_at <= now() AND attempts < max_attempts) LIMIT 1',
  );
  return rows.length > 0;
}

/** The first who asks says when: a job that waits for its time is not put off by those who ask meanwhile. */
async function add<Name extends JobName>(
  utils: WorkerUtils,
  name: Name,
  payload: JobPayloads[Name],
  when?: When,
): Promise<void> {
  await utils.addJob<JobName>(name, payload as never, {
    maxAttempts: MOST_ATTEMPTS,
    ...(when && { jobKey: when.key, jobKeyMode: 'preserve_run_at' }),
    ...(when?.afterMs && { runAt: new Date(Date.now() + when.afterMs) }),
  });
}

async function addEach(
  utils: WorkerUtils,
  name: 'reconcile' | 'audit',
  payloads: readonly JobPayloads['reconcile'][],
): Promise<void> {
  for (let start = 0; start < payloads.length; start += SLICE) {
    const slice = payloads.slice(start, start + SLICE);
    await utils.addJobs(
      slice.map((payload) => ({ identifier: name, payload, jobKey: keyOf(name, payload), maxAttempts: MOST_ATTEMPTS })),
    );
  }
}

function refused(error: unknown): never {
  throw asStorageError(error);
}

const cronItem = ({ pattern, name, payload }: Crontab[number]) =>
  parseCronItem({ task: name, match: pattern, identifier: name, payload: { ...payload }, options: { maxAttempts: 1 } });

/** What a job is asked with was written by `add`, or stands in the crontab. */
const tasksOf = (work: Work): TaskList =>
  Object.fromEntries(
    Object.entries(work).map(([name, how]) => [name, (payload) => how(payload as never) as Promise<void>]),
  );

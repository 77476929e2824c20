import { randomUUID } from 'node:crypto';
import { BroadcastChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Differences } from './audit.ts';
import type { Config } from './config.ts';
import type { Described } from './describe-stored.ts';
import type { ExportRequest } from './export/index.ts';
import type { TileRequest } from './lines/tiles.ts';
import { closedIn, createCensus, createProgress, isDecoding, type Progress, startedIn, threadIn } from './progress.ts';
import type { ChangesToFetch } from './reconcile.ts';
import { isStorageError } from './storage/failure.ts';
import type { AccountRef, Claim } from './vocabulary.ts';
import type { Outcome } from './worker.ts';
import type { Called, ThreadData } from './worker-thread.ts';

/** Tasks of a thread wait for the network most of the time. */
const FETCHES_PER_THREAD = 8;
/** Room beside the fetches, so that signing in never waits for a hanging provider. */
const ROOM_FOR_OTHERS = 8;
/** Longer than every time limit of a request together: only a thread that hangs is still at it. */
const HANGING_MS = 120_000;
/** The largest body that is taken at all is read in a few seconds. Whatever else is aboard of that thread waits meanwhile. */
const DECODING_MS = 20_000;
const DOOR_MS = 5_000;

/** What the main thread asks of the workers: the verbs of `worker-thread.ts`. */
export interface Pool {
  /** How many fetches may run at once. */
  fetches: number;
  /** @throws WorkerLost when the thread died, or hung and was ended. */
  fetch(claim: Claim): Promise<Outcome>;
  changes(ref: AccountRef): Promise<ChangesToFetch>;
  differences(ref: AccountRef): Promise<Differences>;
  file(request: ExportRequest): Promise<Uint8Array | undefined>;
  /** A vector tile, gzipped; empty where nothing is drawn. */
  tile(request: TileRequest): Promise<Uint8Array>;
  /** A slice of what an earlier version described. */
  describeAnew(): Promise<Described>;
  call(store: 'accounts' | 'sessions' | 'items', method: string, args: unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

export class WorkerLost extends Error {
  /** The body was in hand when the thread died: this task is what killed it. */
  readonly guilty: boolean;
  constructor(guilty: boolean, cause: unknown) {
    super('The worker thread died.', { cause });
    this.name = 'WorkerLost';
    this.guilty = guilty;
  }
}

export interface PoolParts {
  config: Config;
  secretKeys: string[];
  /** The clock of the main thread, which workers go by: one clock decides what is a minute later. */
  now: () => number;
  /** Makes durable what workers committed so far. */
  flush: () => Promise<void>;
}

export function createPool({ config, secretKeys, now, flush }: PoolParts): Pool {
  const threads = createCensus();
  const door = new BroadcastChannel(`slipstream workers ${randomUUID()}`);
  const workerData: ThreadData = { config, secretKeys, threads, door: door.name };
  const piscina = new Piscina({
    filename: new URL('./worker-thread.ts', import.meta.url).href,
    minThreads: config.workerThreads,
    maxThreads: config.workerThreads,
    concurrentTasksPerWorker: FETCHES_PER_THREAD + ROOM_FOR_OTHERS,
    // A 100,000-point body costs hundreds of MB while it is decoded; one that costs more must not take the process with it.
    resourceLimits: { maxOldGenerationSizeMb: 640, maxYoungGenerationSizeMb: 64 },
    workerData,
    // The other settings stop a thread's event loop between tasks, and with it every connection that is kept open.
    atomics: 'disabled',
  });
  // A thread that dies fails its tasks, and each of them says so where it was asked for.
  piscina.on('error', () => {});

  const threadOf = (progress: Progress) => piscina.threads.find(({ threadId }) => threadId === threadIn(progress));

  return {
    fetches: config.workerThreads * FETCHES_PER_THREAD,
    async fetch(claim) {
      const progress = createProgress();
      const end = () => void threadOf(progress)?.terminate();
      // Piscina's own signal would give a thread to a single task for as long as it runs.
      const watch = setTimeout(end, HANGING_MS);
      const unwatch = watchDecoding(progress, end);
      try {
        const outcome: Outcome = await piscina.run({ claim, progress, ahead: now() - Date.now() }, { name: 'fetch' });
        await flush();
        return outcome;
      } catch (cause) {
        // Done but not on the platter: done once more.
        if (isStorageError(cause)) return { kind: 'storage-down', reason: cause.message };
        throw new WorkerLost(isDecoding(progress), cause);
      } finally {
        clearTimeout(watch);
        unwatch();
      }
    },
    changes: (ref) => piscina.run(ref, { name: 'changes' }),
    differences: (ref) => piscina.run(ref, { name: 'differences' }),
    file: (request) => piscina.run(request, { name: 'file' }),
    tile: (request) => piscina.run(request, { name: 'tile' }),
    describeAnew: () => piscina.run(undefined, { name: 'describeAnew' }),
    async call(store, method, args) {
      const { answer, refusal }: Called = await piscina.run({ store, method, args }, { name: 'call' });
      // An error's code does not survive the way between two threads.
      if (refusal) throw Object.assign(new Error(refusal.message), { code: refusal.code });
      await flush();
      return answer;
    },
    async close() {
      // Ending a thread while the database's native part is loaded or open in it may end the process: so each is waited for until
      // it has started, and then until it has closed what it opened.
      await until(() => startedIn(threads) >= config.workerThreads);
      door.postMessage('close');
      await until(() => closedIn(threads) >= config.workerThreads);
      door.close();
      await piscina.destroy();
    },
  };
}

/** Calls `end` when a body has been in hand for too long. @returns what ends the watch. */
function watchDecoding(progress: Progress, end: () => void): () => void {
  let since: number | undefined;
  const look = setInterval(() => {
    since = isDecoding(progress) ? (since ?? Date.now()) : undefined;
    if (since !== undefined && Date.now() - since > DECODING_MS) end();
  }, DECODING_MS / 20);
  return () => clearInterval(look);
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + DOOR_MS;
  while (!holds() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}

import { Piscina } from 'piscina';
import type { Differences } from './audit.ts';
import type { Config } from './config.ts';
import type { ExportRequest } from './export/index.ts';
import type { ChangesToFetch } from './reconcile.ts';
import type { AccountRef, Claim } from './vocabulary.ts';
import type { Outcome } from './worker.ts';
import type { ThreadData } from './worker-thread.ts';

/** Tasks of a thread wait for the network most of the time. */
const FETCHES_PER_THREAD = 8;
/** Room beside the fetches, so that signing in never waits for a hanging provider. */
const ROOM_FOR_OTHERS = 8;

/** What the main thread asks of the workers: the verbs of `worker-thread.ts`. */
export interface Pool {
  /** How many fetches may run at once. */
  fetches: number;
  /** @throws WorkerLost when the thread died or was stopped by `signal`. */
  fetch(claim: Claim, signal: AbortSignal): Promise<Outcome>;
  changes(ref: AccountRef): Promise<ChangesToFetch>;
  differences(ref: AccountRef): Promise<Differences>;
  file(request: ExportRequest): Promise<Uint8Array | undefined>;
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

export function createPool(config: Config, secretKeys: string[]): Pool {
  const workerData: ThreadData = { config, secretKeys };
  const piscina = new Piscina({
    filename: new URL('./worker-thread.ts', import.meta.url).href,
    minThreads: config.workerThreads,
    maxThreads: config.workerThreads,
    concurrentTasksPerWorker: FETCHES_PER_THREAD + ROOM_FOR_OTHERS,
    // A 100,000-point body costs hundreds of MB while it is decoded; one that costs more must not take the process with it.
    resourceLimits: { maxOldGenerationSizeMb: 640, maxYoungGenerationSizeMb: 32 },
    workerData,
  });
  // A thread that dies fails its tasks, and each of them says so where it was asked for.
  piscina.on('error', () => {});

  return {
    fetches: config.workerThreads * FETCHES_PER_THREAD,
    async fetch(claim, signal) {
      const decoding = new Int32Array(new SharedArrayBuffer(4));
      try {
        return await piscina.run({ claim, decoding }, { name: 'fetch', signal });
      } catch (cause) {
        throw new WorkerLost(Atomics.load(decoding, 0) === 1, cause);
      }
    },
    changes: (ref) => piscina.run(ref, { name: 'changes' }),
    differences: (ref) => piscina.run(ref, { name: 'differences' }),
    file: (request) => piscina.run(request, { name: 'file' }),
    call: (store, method, args) => piscina.run({ store, method, args }, { name: 'call' }),
    close: () => piscina.destroy(),
  };
}

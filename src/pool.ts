import type { Differences } from './audit.ts';
import type { Config } from './config.ts';
import type { CopiedPhotos } from './copy-photos.ts';
import type { Described } from './describe-stored.ts';
import { createProgress, isDecoding, type Progress, threadIn } from './progress.ts';
import type { ChangesToFetch } from './reconcile.ts';
import type { Revived } from './silence.ts';
import { isStorageError } from './storage/failure.ts';
import { createThreads } from './threads.ts';
import type { Renewal, StaleToken } from './tokens.ts';
import type { AccountRef, Claim } from './vocabulary.ts';
import type { Outcome } from './worker.ts';
import type { Called } from './worker-thread.ts';

/** Room beside the fetches, so that signing in never waits for a hanging provider. */
const ROOM_FOR_OTHERS = 8;
/** Longer than all time limits of a request together: only a thread that hangs is still at it. */
const HANGING_MS = 120_000;
/** The largest body that is taken at all is read in a few seconds. Everything else on that thread waits meanwhile. */
const DECODING_MS = 20_000;

/** What the main thread asks of the workers: the verbs of `worker-thread.ts`. */
export interface Pool {
  /** How many fetches may run at once. */
  fetches: number;
  /** @throws WorkerLost when the thread died, or hung and was ended. */
  fetch(claim: Claim): Promise<Outcome>;
  changes(ref: AccountRef): Promise<ChangesToFetch | StaleToken>;
  differences(ref: AccountRef): Promise<Differences | StaleToken>;
  /** Looks after a webhook that is silent. */
  reviveWebhook(ref: AccountRef): Promise<Revived | StaleToken>;
  /** Durable when it resolves. @param stale The fingerprint of the token that is to be replaced. */
  renewToken(ref: AccountRef, stale: string): Promise<Renewal>;
  /** A slice of what an earlier version described. */
  describeAnew(): Promise<Described>;
  /** A slice of the photos that are due. @param now Epoch milliseconds. */
  copyPhotos(now: number): Promise<CopiedPhotos>;
  call(store: 'accounts' | 'sessions' | 'items' | 'photos' | 'runs', method: string, args: unknown[]): Promise<unknown>;
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
  const { piscina, close } = createThreads({
    file: new URL('./worker-thread.ts', import.meta.url),
    count: config.workerThreads,
    tasksEach: config.fetchesPerThread + ROOM_FOR_OTHERS,
    data: { config, secretKeys },
  });

  const threadOf = (progress: Progress) => piscina.threads.find(({ threadId }) => threadId === threadIn(progress));

  return {
    fetches: config.workerThreads * config.fetchesPerThread,
    async fetch(claim) {
      const progress = createProgress();
      const end = () => void threadOf(progress)?.terminate();
      // With a signal of its own Piscina would reserve a whole thread for one task.
      const watch = setTimeout(end, HANGING_MS);
      const unwatch = watchDecoding(progress, end);
      try {
        const outcome: Outcome = await piscina.run({ claim, progress, ahead: now() - Date.now() }, { name: 'fetch' });
        await flush();
        return outcome;
      } catch (cause) {
        // It is done, but not on the platter: so it is done once more.
        if (isStorageError(cause)) return { kind: 'storage-down', reason: cause.message };
        throw new WorkerLost(isDecoding(progress), cause);
      } finally {
        clearTimeout(watch);
        unwatch();
      }
    },
    changes: (ref) => piscina.run(ref, { name: 'changes' }),
    differences: (ref) => piscina.run(ref, { name: 'differences' }),
    reviveWebhook: (ref) => piscina.run(ref, { name: 'reviveWebhook' }),
    async renewToken(ref, stale) {
      const renewal: Renewal = await piscina.run({ ref, stale }, { name: 'renewToken' });
      await flush();
      return renewal;
    },
    describeAnew: async () => answerOf<Described>(await piscina.run(undefined, { name: 'describeAnew' })),
    // No flush, so that nobody queues behind it at the disk: what a power cut takes is copied once more.
    copyPhotos: (at) => piscina.run(at, { name: 'copyPhotos' }),
    async call(store, method, args) {
      const answer = answerOf<unknown>(await piscina.run({ store, method, args }, { name: 'call' }));
      await flush();
      return answer;
    },
    close,
  };
}

/** @throws what the storage threw in the thread. */
function answerOf<Answer>({ answer, refusal }: Called<Answer>): Answer {
  if (refusal) throw Object.assign(new Error(refusal.message), { code: refusal.code });
  return answer;
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

import { threadId } from 'node:worker_threads';
import { workerData } from 'piscina';
import { type Differences, differencesOf } from './audit.ts';
import type { Config } from './config.ts';
import { type CopiedPhotos, copyPhotos as copyDuePhotos } from './copy-photos.ts';
import { type Described, describeStored } from './describe-stored.ts';
import { markThread, type Progress, whileDecoding } from './progress.ts';
import { type ChangesToFetch, changesToFetch } from './reconcile.ts';
import { createSeal } from './seal.ts';
import { type Revived, reviveWebhook as revive } from './silence.ts';
import { createSources } from './sources/index.ts';
import { isStorageError } from './storage/failure.ts';
import { openMirrorForWriting } from './storage/open.ts';
import { closeWhenTold, type Door } from './threads.ts';
import { type Renewal, renewToken as renew, type StaleToken } from './tokens.ts';
import type { AccountRef, Claim } from './vocabulary.ts';
import { fetchItem, type Outcome, type WorkerParts } from './worker.ts';

/** The entry of each Piscina thread: builds what a worker needs, once, and names what it can be asked. */
interface ThreadData {
  config: Config;
  secretKeys: string[];
  door: Door;
}

const { config, secretKeys, door } = workerData as ThreadData;
const mirror = await openMirrorForWriting(config);
const seal = createSeal(secretKeys);
const parts: WorkerParts = {
  sources: createSources(config, seal),
  seal,
  accounts: mirror.accounts,
  items: mirror.items,
  writer: mirror.itemWriter,
  now: Date.now,
};
const running = new Set<Promise<unknown>>();
let closing = false;
closeWhenTold(door, async () => {
  closing = true;
  // A fetch that is under way ends with its connection; what it still has running in the thread pool must end too.
  for (const source of parts.sources.values()) await source.close();
  await Promise.allSettled(running);
  await mirror.close();
});

const stores = {
  accounts: mirror.accountWriter,
  sessions: mirror.sessionWriter,
  items: mirror.items,
  runs: mirror.runWriter,
  photos: mirror.photoVerbs,
};

/** `ahead`: the main thread's clock minus the system's, milliseconds; a test may live in the future. */
export function fetch({
  claim,
  progress,
  ahead,
}: {
  claim: Claim;
  progress: Progress;
  ahead: number;
}): Promise<Outcome> {
  markThread(progress, threadId);
  return awaited(fetchItem({ ...parts, now: () => Date.now() + ahead }, claim, (run) => whileDecoding(progress, run)));
}

/** The thread closes what it has open only when this is over. */
function awaited<T>(work: Promise<T>): Promise<T> {
  running.add(work);
  return work.finally(() => running.delete(work));
}

export const changes = (ref: AccountRef): Promise<ChangesToFetch | StaleToken> => changesToFetch(parts, ref);

export const differences = (ref: AccountRef): Promise<Differences | StaleToken> => differencesOf(parts, ref);

export const reviveWebhook = (ref: AccountRef): Promise<Revived | StaleToken> => revive(parts, ref);

export const renewToken = ({ ref, stale }: { ref: AccountRef; stale: string }): Promise<Renewal> =>
  awaited(renew({ ...parts, writer: mirror.accountWriter }, ref, stale));

/** A slice of what an earlier version described. */
export const describeAnew = (): Promise<Called<Described>> =>
  called(() => describeStored({ ...parts, library: mirror.library }));

export const copyPhotos = (now: number): Promise<CopiedPhotos> =>
  awaited(
    copyDuePhotos(
      {
        sources: parts.sources,
        photos: mirror.photoWriter,
        verbs: mirror.photoVerbs,
        pictures: mirror.pictures,
        isClosing: () => closing,
      },
      now,
    ),
  );

export type Called<Answer> =
  | { answer: Answer; refusal?: never }
  | { answer?: never; refusal: { code: string; message: string } };

/** A write that the main thread asks for; see `storage/remote.ts`. */
export async function call({
  store,
  method,
  args,
}: {
  store: keyof typeof stores;
  method: string;
  args: unknown[];
}): Promise<Called<unknown>> {
  const target: object = stores[store];
  const verb: unknown = Reflect.get(target, method);
  if (typeof verb !== 'function') throw new Error(`There is no ${store}.${method}.`);
  return called(() => Reflect.apply(verb, target, args));
}

/** An error's code does not survive the way between two threads. */
async function called<Answer>(work: () => Promise<Answer>): Promise<Called<Answer>> {
  try {
    return { answer: await work() };
  } catch (error) {
    if (!isStorageError(error)) throw error;
    return { refusal: { code: error.code, message: error.message } };
  }
}

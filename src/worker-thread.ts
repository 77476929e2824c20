import { constants, setPriority } from 'node:os';
import { BroadcastChannel, threadId } from 'node:worker_threads';
import { workerData } from 'piscina';
import { type Differences, differencesOf } from './audit.ts';
import type { Config } from './config.ts';
import { type Described, describeStored } from './describe-stored.ts';
import { type ExportRequest, exportItem } from './export/index.ts';
import { createTileCutter, type TileRequest } from './lines/tiles.ts';
import { type Census, countClosed, countStarted, markThread, type Progress, whileDecoding } from './progress.ts';
import { type ChangesToFetch, changesToFetch } from './reconcile.ts';
import { createSeal } from './seal.ts';
import { createSources } from './sources/index.ts';
import { isStorageError } from './storage/failure.ts';
import { openMirrorForWriting } from './storage/sqlite/mirror.ts';
import type { AccountRef, Claim } from './vocabulary.ts';
import { fetchItem, type Outcome, type WorkerParts } from './worker.ts';

/** The entry of each Piscina thread: builds what a worker needs, once, and names what it can be asked. */
export interface ThreadData {
  config: Config;
  secretKeys: string[];
  threads: Census;
  /** The channel on which the threads are told to close. */
  door: string;
}

const { config, secretKeys, threads, door } = workerData as ThreadData;
const mirror = openMirrorForWriting(config.dataDir);
const parts: WorkerParts = {
  sources: createSources(config),
  seal: createSeal(secretKeys),
  accounts: mirror.accounts,
  items: mirror.items,
  writer: mirror.itemWriter,
  now: Date.now,
};
// On two cores a backfill would otherwise compete with acknowledging. On Linux this is the priority of the thread alone.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
const running = new Set<Promise<unknown>>();
const channel = new BroadcastChannel(door);
channel.onmessage = async () => {
  channel.close();
  // A fetch that is under way ends with its connection; what it still has in the thread pool must be over too.
  for (const source of parts.sources.values()) await source.close();
  await Promise.allSettled(running);
  mirror.close();
  countClosed(threads);
};
countStarted(threads);

const stores = { accounts: mirror.accountWriter, sessions: mirror.sessionWriter, items: mirror.items };

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
  const work = fetchItem({ ...parts, now: () => Date.now() + ahead }, claim, (run) => whileDecoding(progress, run));
  running.add(work);
  return work.finally(() => running.delete(work));
}

export const changes = (ref: AccountRef): Promise<ChangesToFetch> => changesToFetch(parts, ref);

export const differences = (ref: AccountRef): Promise<Differences> => differencesOf(parts, ref);

export const file = (request: ExportRequest): Promise<Buffer | undefined> => exportItem(mirror.library, request);

const cutTile = createTileCutter(mirror.lines);

/** One tile of the map of everything, gzipped. */
export const tile = (request: TileRequest): Promise<Uint8Array> => cutTile(request);

/** A slice of what an earlier version described. */
export const describeAnew = (): Promise<Described> => describeStored({ ...parts, library: mirror.library });

export type Called =
  | { answer: unknown; refusal?: never }
  | { answer?: never; refusal: { code: string; message: string } };

/** A write that the main thread asks for; see `storage/sqlite/remote.ts`. */
export async function call({
  store,
  method,
  args,
}: {
  store: keyof typeof stores;
  method: string;
  args: unknown[];
}): Promise<Called> {
  const target: object = stores[store];
  const verb: unknown = Reflect.get(target, method);
  if (typeof verb !== 'function') throw new Error(`There is no ${store}.${method}.`);
  try {
    return { answer: await Reflect.apply(verb, target, args) };
  } catch (error) {
    if (!isStorageError(error)) throw error;
    return { refusal: { code: error.code, message: error.message } };
  }
}

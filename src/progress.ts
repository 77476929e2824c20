/**
 * How far a fetch has come, in memory that the main thread and the worker share: it can still be read when the worker is
 * dead or hangs. Which thread has it, and whether its body is in hand: whoever dies with a body in hand died of it.
 */
export type Progress = Int32Array<SharedArrayBuffer>;

const THREAD = 0;
const DECODING = 1;

export const createProgress = (): Progress => new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));

export const markThread = (progress: Progress, threadId: number): void =>
  void Atomics.store(progress, THREAD, threadId);

/** Runs `work`, which has the body in hand. */
export function whileDecoding<T>(progress: Progress, work: () => T): T {
  Atomics.store(progress, DECODING, 1);
  try {
    return work();
  } finally {
    // A thread that dies does not come this far; one that was merely given something unreadable did not die of it.
    Atomics.store(progress, DECODING, 0);
  }
}

export const threadIn = (progress: Progress): number => Atomics.load(progress, THREAD);
export const isDecoding = (progress: Progress): boolean => Atomics.load(progress, DECODING) === 1;

/** How many threads of a pool have started, and how many have closed what they opened: shared by all of them. */
export type Census = Int32Array<SharedArrayBuffer>;

const STARTED = 0;
const CLOSED = 1;

export const createCensus = (): Census => new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));

export const countStarted = (census: Census): void => void Atomics.add(census, STARTED, 1);
export const countClosed = (census: Census): void => void Atomics.add(census, CLOSED, 1);
export const startedIn = (census: Census): number => Atomics.load(census, STARTED);
export const closedIn = (census: Census): number => Atomics.load(census, CLOSED);

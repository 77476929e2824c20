import type { CopiedPhotos } from './copy-photos.ts';

/** While the provider cannot be asked: from half a minute to a quarter of an hour. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 900_000;
/** Items come first: while they are fetched, photos are copied slowly. */
const BESIDE_FETCHES_MS = 1_000;
/** Looked at again then, whatever the rows say. */
const LONGEST_SLEEP_MS = 3_600_000;

export interface PhotoCopierParts {
  /** In a worker. */
  copyPhotos(now: number): Promise<CopiedPhotos>;
  /** Items are being fetched. */
  isFetching(): boolean;
  now: () => number;
  onError: (error: unknown) => void;
}

/** Copies the photos that are due, one slice after the other and never two at once. What is due is in the mirror: nothing is lost here. */
export function createPhotoCopier({ copyPhotos, isFetching, now, onError }: PhotoCopierParts) {
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let asked = false;
  /** Closed at first: until the files of the last run were looked through. */
  let door: 'shut' | 'open' | 'shut for good' = 'shut';
  let notBefore = 0;
  let failures = 0;

  /** There may be something to do. */
  function wake(): void {
    asked = true;
    if (running || door !== 'open') return;
    clearTimeout(timer);
    running = run().finally(() => {
      running = undefined;
      if (asked && now() >= notBefore) wake();
    });
  }

  async function run(): Promise<void> {
    while (asked && door === 'open' && now() >= notBefore) {
      asked = false;
      const nextDue = await slice();
      if (nextDue !== null && nextDue <= now()) asked = true;
      else if (nextDue !== null) sleepUntil(nextDue);
      if (asked && isFetching()) await pause(BESIDE_FETCHES_MS);
    }
    if (now() < notBefore) sleepUntil(notBefore);
  }

  /** @returns when the next photo is due; null when none waits. */
  async function slice(): Promise<number | null> {
    try {
      const { tried, down, notBefore: asPleased, nextDue } = await copyPhotos(now());
      if (tried > 0) failures = down ? failures + 1 : 0;
      const pausedUntil = failures > 0 && tried > 0 ? now() + pauseAfter(failures) : 0;
      notBefore = Math.max(asPleased ?? 0, pausedUntil);
      return nextDue;
    } catch (error) {
      failures += 1;
      notBefore = now() + pauseAfter(failures);
      if (door === 'open') onError(error);
      return notBefore;
    }
  }

  function sleepUntil(at: number): void {
    if (door !== 'open') return;
    clearTimeout(timer);
    timer = setTimeout(wake, Math.min(Math.max(at - now(), 0), LONGEST_SLEEP_MS));
    timer.unref();
  }

  return {
    /** From now on. */
    open(): void {
      if (door === 'shut') door = 'open';
      wake();
    },
    wake,
    /** Nothing that is due waits, unless the provider cannot be asked at present. */
    async settled(): Promise<void> {
      while (running) await running;
    },
    async close(): Promise<void> {
      door = 'shut for good';
      clearTimeout(timer);
      await running;
    },
  };
}

const pauseAfter = (failures: number): number => Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

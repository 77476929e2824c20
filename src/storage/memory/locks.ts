import type { Locks } from '../locks.ts';

/** For one process. */
export function createLocks(): Locks {
  /** Settled when whoever asked last under this name is done, however it went. */
  const last = new Map<string, Promise<void>>();
  return {
    hold<T>(name: string, work: () => Promise<T>): Promise<T> {
      const mine = (last.get(name) ?? Promise.resolve()).then(work);
      const over: Promise<void> = mine.then(ignore, ignore).finally(() => {
        if (last.get(name) === over) last.delete(name);
      });
      last.set(name, over);
      return mine;
    },
    // There is no other process.
    stop: () => {},
  };
}

/** What the work came to is for whoever asked for it. */
const ignore = (): void => {};

import { constants } from 'node:os';

const PATIENCE_MS = 10_000;
/** npm hands its own SIGINT on to the program that the terminal has sent it to already: one Ctrl-C is two signals. */
const SAME_PRESS_MS = 500;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Waits for a signal to stop, then for `close`, ten seconds at most. A second signal ends the process at once. */
export function untilStopped(close: () => Promise<void>, note: (text: string) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let stoppedAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  function stop(signal: (typeof SIGNALS)[number]): void {
    if (stoppedAt !== undefined) {
      if (Date.now() - stoppedAt > SAME_PRESS_MS) process.exit(128 + constants.signals[signal]);
      return;
    }
    stoppedAt = Date.now();
    timer = setTimeout(cutOff, PATIENCE_MS);
    close().then(resolve, reject);
  }

  function cutOff(): void {
    note('Not everything ended within ten seconds; it is cut off. What was under way is taken up at the next start.');
    process.exit(1);
  }

  for (const signal of SIGNALS) process.on(signal, stop);
  return promise.finally(() => {
    clearTimeout(timer);
    for (const signal of SIGNALS) process.off(signal, stop);
  });
}

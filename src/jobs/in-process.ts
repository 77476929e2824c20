import { Cron } from 'croner';
import type { Crontab, JobName, JobPayloads, Jobs, When, Work } from './jobs.ts';

/** However much is asked for, the first of it does not wait longer than this. */
const LONGEST_WAIT_MS = 60_000;

interface Waiting {
  timer: NodeJS.Timeout;
  /** Of the first one who asked, epoch milliseconds. */
  since: number;
}

export interface InProcessParts {
  now: () => number;
  onError: (error: unknown) => void;
}

/** Where one process does everything: what is asked for begins at once. What the program's end takes away is caught up at its next start. */
export function createJobs({ now, onError }: InProcessParts): Jobs {
  const waiting = new Map<string, Waiting>();
  /** By job and source: what is done for each account of it, one after the other. */
  const lines = new Set<string>();
  let crons: Cron[] = [];
  let work: Work | undefined;
  let closed = false;

  const running = new Set<Promise<void>>();

  function run<Name extends JobName>(name: Name, payload: JobPayloads[Name]): Promise<void> {
    return noted(done(name, payload));
  }

  function noted(doing: Promise<void>): Promise<void> {
    const mine = doing.finally(() => running.delete(mine));
    running.add(mine);
    return mine;
  }

  async function done<Name extends JobName>(name: Name, payload: JobPayloads[Name]): Promise<void> {
    try {
      await work?.[name](payload);
    } catch (error) {
      onError(error);
    }
  }

  /** Waits for quiet, though not for ever. */
  function later<Name extends JobName>(name: Name, payload: JobPayloads[Name], { key, afterMs = 0 }: When): void {
    const entry = waiting.get(key);
    const since = entry?.since ?? now();
    clearTimeout(entry?.timer);
    const timer = setTimeout(
      () => {
        waiting.delete(key);
        void run(name, payload);
      },
      Math.max(0, Math.min(afterMs, since + LONGEST_WAIT_MS - now())),
    );
    waiting.set(key, { timer, since });
  }

  async function eachInTurn<Name extends JobName>(line: string, name: Name, payloads: readonly JobPayloads[Name][]) {
    lines.add(line);
    for (const payload of payloads) await run(name, payload);
    lines.delete(line);
  }

  return {
    async ask(name, payload, when) {
      if (closed) return;
      if (when?.afterMs) later(name, payload, when);
      else void run(name, payload);
    },
    async askEach(name, payloads) {
      for (const [source, own] of Map.groupBy(payloads, (payload) => payload.source)) {
        const line = `${name} ${source}`;
        // A listing may wait for minutes until its source has quota again. The others do not wait with it, nor does the next time.
        if (!lines.has(line)) void noted(eachInTurn(line, name, own));
      }
    },
    async start(how: Work, crontab: Crontab) {
      work = how;
      // One at a time: a run that takes longer than its interval is not joined by another.
      const options = { timezone: 'UTC', protect: true, catch: onError };
      crons = crontab.map(({ pattern, name, payload }) => new Cron(pattern, options, () => run(name, payload)));
    },
    async settled() {
      while (running.size > 0) await Promise.all(running);
    },
    async close() {
      closed = true;
      work = undefined;
      for (const cron of crons) cron.stop();
      for (const { timer } of waiting.values()) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}

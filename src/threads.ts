import { randomUUID } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { BroadcastChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { type Census, closedIn, countClosed, countStarted, createCensus, startedIn } from './progress.ts';

const DOOR_MS = 5_000;

/** How a thread is told to close, and says that it has. */
export interface Door {
  threads: Census;
  channel: string;
}

export interface ThreadsOptions {
  /** The module whose exports are what the threads can be asked. */
  file: URL;
  count: number;
  /** Each starts only when the others are busy, and the first one when something is asked. Otherwise all of them start at once. */
  lazy?: boolean;
  /** How many tasks one thread may have at a time. */
  tasksEach: number;
  /** What each finds in Piscina's `workerData`, beside its `door`. */
  data: object;
}

export interface Threads {
  piscina: Piscina;
  close(): Promise<void>;
}

/** Threads that stay for as long as the program runs. */
export function createThreads({ file, count, lazy = false, tasksEach, data }: ThreadsOptions): Threads {
  const threads = createCensus();
  const channel = new BroadcastChannel(`slipstream ${randomUUID()}`);
  const door: Door = { threads, channel: channel.name };
  const piscina = new Piscina({
    filename: file.href,
    minThreads: lazy ? 0 : count,
    maxThreads: count,
    // Whatever has started stays.
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: tasksEach,
    // A 100,000-point body costs hundreds of MB while it is decoded; one that costs more must not take the process with it.
    resourceLimits: { maxOldGenerationSizeMb: 640, maxYoungGenerationSizeMb: 64 },
    workerData: { ...data, door },
    // The other settings stop a thread's event loop between tasks, and with it every connection that is kept open.
    atomics: 'disabled',
  });
  // A thread that dies fails its tasks, and each of them says so where it was asked for.
  piscina.on('error', () => {});

  return {
    piscina,
    async close() {
      // Ending a thread while the database's native part is loaded or open in it may end the process: so each is waited for until
      // it has started, and then until it has closed what it opened.
      const running = piscina.threads.length;
      await until(() => startedIn(threads) >= running);
      channel.postMessage('close');
      await until(() => closedIn(threads) >= running);
      channel.close();
      await piscina.destroy();
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + DOOR_MS;
  while (!holds() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Within a thread, after it has opened what it needs. `close` is called once, when it is told to. */
export function closeWhenTold({ threads, channel: name }: Door, close: () => void | Promise<void>): void {
  yieldToAcknowledging();
  const channel = new BroadcastChannel(name);
  channel.onmessage = async () => {
    channel.close();
    await close();
    countClosed(threads);
  };
  countStarted(threads);
}

/** On two cores their work would otherwise compete with acknowledging. On Linux this is the priority of the thread alone. */
function yieldToAcknowledging(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A filter of system calls may forbid it. Everything works without it, and a thread that ended here would take all with it.
  }
}

import type { Locks } from '../locks.ts';
import { createLocks as createQueues } from '../memory/locks.ts';
import type { Session } from './session.ts';

const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * One at a time in all processes: those of this one queue up, and the first of them asks for the session lock again and again. Waiting for it
 * on the connection would hold up everything else there.
 */
export function createLocks(session: Session): Locks {
  const queues = createQueues();
  let stopped = false;

  async function locked(name: string): Promise<void> {
    for (let pause = SHORTEST_PAUSE_MS; !(await session.tryLock(name)); pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (stopped) throw stopping();
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
    }
  }

  return {
    hold: (name, work) =>
      queues.hold(name, async () => {
        const lock = `work ${name}`;
        await locked(lock);
        try {
          return await work();
        } finally {
          await session.release([lock]);
        }
      }),
    stop() {
      stopped = true;
    },
  };
}

const stopping = (): Error =>
  Object.assign(new Error('Slipstream is stopping, and another process is at it.'), { code: 'POSTGRES_STOPPING' });

import type { Response } from 'express';
import type { Signals } from '../storage/signals.ts';

/** A page is told at most this often. */
const AT_MOST_EVERY_MS = 400;
/** Proxies close what is silent; a comment line is no event. */
const HEARTBEAT_MS = 25_000;

/** Tells open pages that something of an account changed; what, they are told by `report`. */
export function createEvents({ onChanged }: Pick<Signals, 'onChanged'>, heartbeatMs = HEARTBEAT_MS) {
  const listeners = new Map<string, Set<() => void>>();

  const off = onChanged((account) => {
    for (const listener of listeners.get(account) ?? []) listener();
  });

  return {
    /** Answers with server-sent events until the browser goes away, or until `report` has nothing for it any more. */
    async stream(response: Response, account: string, report: () => Promise<unknown>): Promise<void> {
      let sent = '';
      let timer: NodeJS.Timeout | undefined;
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });

      async function send(): Promise<void> {
        const told = await report();
        if (told === undefined) return void response.end();
        const data = JSON.stringify(told);
        if (data === sent || response.closed) return;
        sent = data;
        response.write(`data: ${data}\n\n`);
      }
      function soon(): void {
        timer ??= setTimeout(() => {
          timer = undefined;
          send().catch(() => response.end());
        }, AT_MOST_EVERY_MS);
      }

      const mine = listeners.get(account) ?? new Set();
      listeners.set(account, mine.add(soon));
      // What another process said while the database was away was heard by nobody.
      const heartbeat = setInterval(() => {
        response.write(':\n\n');
        soon();
      }, heartbeatMs);
      response.on('close', () => {
        clearTimeout(timer);
        clearInterval(heartbeat);
        mine.delete(soon);
        if (mine.size === 0) listeners.delete(account);
      });
      await send();
    },
    close: off,
  };
}

export type Events = ReturnType<typeof createEvents>;

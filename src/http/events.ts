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
      let isOver = false;
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });

      async function send(): Promise<void> {
        // Whoever does not read is told the latest when they do, and nothing piles up for them here.
        if (isOver || response.writableNeedDrain) return;
        const told = await report();
        if (isOver) return;
        if (told === undefined) return end();
        const data = JSON.stringify(told);
        if (data === sent) return;
        sent = data;
        response.write(`data: ${data}\n\n`);
      }
      function soon(): void {
        timer ??= setTimeout(() => {
          timer = undefined;
          // The browser comes again by itself, and what is wrong then is logged like anything that fails.
          send().catch(end);
        }, AT_MOST_EVERY_MS);
      }
      /** Before what was written is on its way: from here on nothing may be written any more. */
      function end(): void {
        stop();
        response.end();
      }
      function stop(): void {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        clearInterval(heartbeat);
        response.off('drain', soon);
        mine.delete(soon);
        if (mine.size === 0) listeners.delete(account);
      }

      const mine = listeners.get(account) ?? new Set();
      listeners.set(account, mine.add(soon));
      const heartbeat = setInterval(() => {
        if (!response.writableNeedDrain) response.write(':\n\n');
        // What another process said while the database was away was heard by nobody.
        soon();
      }, heartbeatMs);
      response.on('drain', soon);
      response.on('close', stop);
      await send();
    },
    close: off,
  };
}

export type Events = ReturnType<typeof createEvents>;

import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { answer } from './answer.ts';
import { type Connection, openConnection } from './connection.ts';
import { watchLoop } from './measure.ts';
import { type Mail, signedRequests } from './requests.ts';

/** The sender of webhooks, in a process of its own. */
export interface Flood {
  url: string;
  connections: number;
  /** When it ends: what comes first. */
  seconds?: number;
  requests?: number;
  mail: Mail;
}

export interface Flooded {
  /** Requests answered with 200. */
  acknowledged: number;
  /** Any other answer. */
  refused: number;
  perSecond: number;
  /** Milliseconds from sending to the answer, at most. */
  longest: number;
  /** Of one core, this process's own. */
  cpuShare: number;
}

export interface Trickle {
  url: string;
  perSecond: number;
  mail: Mail;
}

export interface Trickled {
  /** Milliseconds from sending to the answer, in the order of answers. */
  waits: number[];
  refused: number;
  /** Milliseconds for which this process itself got no time or used it otherwise, at most. */
  ownDelay: number;
}

/** A server closes what has been idle for five seconds; what is younger than this it will not close under our hands. */
const FRESH_MS = 2_000;

let trickling: { stop: () => Promise<Trickled> } | undefined;

answer({ flood, trickle, stopTrickle: () => trickling?.stop() });

/** As many as the receiver takes, each connection one at a time. */
async function flood({
  url,
  connections,
  seconds = Number.POSITIVE_INFINITY,
  requests: most,
  mail,
}: Flood): Promise<Flooded> {
  const target = new URL(url);
  const requests = signedRequests(mail, target.host);
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(target)));
  const count = { sent: 0, acknowledged: 0, refused: 0 };
  let longest = 0;
  const cpu = process.cpuUsage();
  const began = performance.now();
  const until = began + seconds * 1_000;
  await Promise.all(open.map(keepSending));
  const elapsed = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  for (const connection of open) connection.close();
  const { acknowledged, refused } = count;
  return {
    acknowledged,
    refused,
    perSecond: acknowledged / elapsed,
    longest,
    cpuShare: (user + system) / 1e6 / elapsed,
  };

  async function keepSending(connection: Connection): Promise<void> {
    while (performance.now() < until && count.sent < (most ?? Number.POSITIVE_INFINITY)) {
      const request = requests[count.sent++ % requests.length];
      const at = performance.now();
      if (request && (await connection.send(request)) === 200) count.acknowledged += 1;
      else count.refused += 1;
      longest = Math.max(longest, performance.now() - at);
    }
  }
}

/** So many a second whatever the receiver does, until it is stopped. */
function trickle({ url, perSecond, mail }: Trickle): void {
  const target = new URL(url);
  const requests = signedRequests(mail, target.host);
  const idle: { connection: Connection; since: number }[] = [];
  const result: Trickled = { waits: [], refused: 0, ownDelay: 0 };
  const stalls = watchLoop();
  const sending = new Set<Promise<void>>();
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    while (performance.now() - began > (sent * 1_000) / perSecond) {
      const request = requests[sent++ % requests.length];
      if (!request) return;
      const one = send(request).finally(() => sending.delete(one));
      sending.add(one);
    }
  }, 2);
  trickling = { stop };

  async function send(request: Buffer): Promise<void> {
    const connection = fresh() ?? (await openConnection(target));
    const at = performance.now();
    if ((await connection.send(request)) !== 200) result.refused += 1;
    result.waits.push(performance.now() - at);
    idle.push({ connection, since: performance.now() });
  }

  function fresh(): Connection | undefined {
    const last = idle.pop();
    if (last && performance.now() - last.since < FRESH_MS) return last.connection;
    last?.connection.close();
    return undefined;
  }

  async function stop(): Promise<Trickled> {
    clearInterval(timer);
    await Promise.race([Promise.all(sending), pause(5_000)]);
    for (const { connection } of idle) connection.close();
    return { ...result, ownDelay: stalls().longest };
  }
}

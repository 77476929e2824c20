import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { answer } from './answer.ts';
import { type Connection, openConnection } from './connection.ts';
import { watchLoop } from './measure.ts';
import { type Mail, signedRequests } from './requests.ts';

/** The sender of webhooks, in a process of its own. */
export interface Flood {
  /** Where to; several take their turns. */
  url: string | string[];
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
  url: string | string[];
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
  const targets = targetsOf(url);
  const requests = signedRequests(mail, targets[0].host);
  const open = await Promise.all(
    Array.from({ length: connections }, (_, each) => openConnection(inTurn(targets, each))),
  );
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
  const targets = targetsOf(url);
  const requests = signedRequests(mail, targets[0].host);
  const idle = new Map<URL, { connection: Connection; since: number }[]>(targets.map((target) => [target, []]));
  const result: Trickled = { waits: [], refused: 0, ownDelay: 0 };
  const stalls = watchLoop();
  const sending = new Set<Promise<void>>();
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    while (performance.now() - began > (sent * 1_000) / perSecond) {
      const request = requests[sent % requests.length];
      if (!request) return;
      const one = send(request, inTurn(targets, sent++)).finally(() => sending.delete(one));
      sending.add(one);
    }
  }, 2);
  trickling = { stop };

  async function send(request: Buffer, target: URL): Promise<void> {
    const connection = fresh(target) ?? (await openConnection(target));
    const at = performance.now();
    if ((await connection.send(request)) !== 200) result.refused += 1;
    result.waits.push(performance.now() - at);
    idle.get(target)?.push({ connection, since: performance.now() });
  }

  function fresh(target: URL): Connection | undefined {
    const last = idle.get(target)?.pop();
    if (last && performance.now() - last.since < FRESH_MS) return last.connection;
    last?.connection.close();
    return undefined;
  }

  async function stop(): Promise<Trickled> {
    clearInterval(timer);
    await Promise.race([Promise.all(sending), pause(5_000)]);
    for (const { connection } of [...idle.values()].flat()) connection.close();
    return { ...result, ownDelay: stalls().longest };
  }
}

function targetsOf(url: string | string[]): [URL, ...URL[]] {
  const [first, ...others] = [url].flat().map((each) => new URL(each));
  if (!first) throw new Error('There is nowhere to send to.');
  return [first, ...others];
}

const inTurn = ([first, ...others]: [URL, ...URL[]], turn: number): URL =>
  [first, ...others][turn % (1 + others.length)] ?? first;

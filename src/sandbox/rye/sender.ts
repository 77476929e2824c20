import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Random } from '../random.ts';
import type { Event } from './world.ts';

/** How long it waits for an answer, as Rye documents it. */
const PATIENCE_MS = 10_000;
/** Held for each other so long, events go out in any order. */
const GATHERED_MS = 20;

export interface RyeRequest {
  headers: Record<string, string>;
  body: string;
}

/** One request and what came of it. Status null: there was no answer. */
interface RyeSent {
  event: Event;
  status: number | null;
}

export interface SenderParts {
  developerId: string;
  hmacSecret: string;
  webhookSecret: string;
  random: Random;
  /** Between the first time and the second, milliseconds. */
  retryMs: number;
  /** How often, from 0 to 1, what was taken is sent a second time all the same. */
  repeats: number;
  log: (line: string) => void;
}

/** Each event up to twice ("Rye will attempt to deliver each webhook twice"), and in no order ("may arrive out of order"). */
export function createSender(parts: SenderParts) {
  const { random, retryMs, repeats, log } = parts;
  const agent = new Agent();
  const stopping = new AbortController();
  const sent: RyeSent[] = [];
  const running = new Set<Promise<void>>();
  let gathered: Event[] = [];
  let timer: NodeJS.Timeout | undefined;
  let url: string | undefined;

  function announce(event: Event): void {
    if (!url) return;
    gathered.push(event);
    timer ??= setTimeout(release, GATHERED_MS);
  }

  function release(): void {
    clearTimeout(timer);
    timer = undefined;
    for (const event of shuffled(gathered, random)) {
      const delivering = deliver(event).finally(() => running.delete(delivering));
      running.add(delivering);
    }
    gathered = [];
  }

  async function deliver(event: Event): Promise<void> {
    const status = await attempt(event);
    if (status !== null && status < 300 && !random.chance(repeats)) return;
    // Whoever stops it does not want the second time.
    const goesOn = await pause(retryMs, true, { signal: stopping.signal }).catch(() => false);
    if (goesOn) await attempt(event);
  }

  async function attempt(event: Event): Promise<number | null> {
    const { status } = url ? await post(url, requestOf(event, parts)) : { status: null };
    sent.push({ event, status });
    log(`rye: ${event.type} to ${url}: ${status ?? 'no answer'}`);
    return status;
  }

  async function post(to: string, { headers, body }: RyeRequest): Promise<{ status: number | null; text: string }> {
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(PATIENCE_MS)]);
      const answer = await request(to, { method: 'POST', headers, body, dispatcher: agent, signal });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch {
      // No answer is an outcome too.
      return { status: null, text: '' };
    }
  }

  return {
    announce,
    sent: sent as readonly RyeSent[],
    /** Sends one event now, with its second time where that is due. */
    deliver,
    /** Where webhooks go from now on, without asking whether that is right. */
    setUrl(to: string | undefined): void {
      url = to;
    },
    post,
    /** Resolves when everything was sent. */
    async drain(): Promise<void> {
      release();
      while (running.size > 0) await Promise.all(running);
    },
    async close(): Promise<void> {
      clearTimeout(timer);
      stopping.abort();
      await Promise.all(running);
      await agent.destroy();
    },
  };
}

/** An event as a request of its dialect. */
export function requestOf(
  event: Event,
  { developerId, hmacSecret, webhookSecret }: Pick<SenderParts, 'developerId' | 'hmacSecret' | 'webhookSecret'>,
): RyeRequest {
  const body = JSON.stringify(event);
  const digest = (secret: string, encoding: 'hex' | 'base64') =>
    createHmac('sha256', secret).update(body).digest(encoding);
  const common = { 'content-type': 'application/json' };
  if (event.object !== 'event') {
    const signature = digest(hmacSecret, 'base64');
    return { headers: { ...common, 'rye-hmac-signature-v1': signature, 'rye-verification': developerId }, body };
  }
  const own = {
    'x-rye-signature': `v0=${digest(webhookSecret, 'hex')}`,
    'x-rye-event-id': event.id,
    'x-rye-timestamp': String(Math.floor(Date.parse(event.createdAt) / 1_000)),
    'x-rye-topic': event.type,
  };
  return { headers: { ...common, ...own }, body };
}

/** Without its signature. */
export function unsigned({ headers, body }: RyeRequest): RyeRequest {
  const { 'rye-hmac-signature-v1': _one, 'x-rye-signature': _other, ...rest } = headers;
  return { headers: rest, body };
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((value) => ({ value, at: random.next() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ value }) => value);
}

/** After so many attempts beyond the first it is given up. */
const MOST_RETRIES = 5;

/** A webhook as the API shows it. Times are seconds. */
export interface PryvWebhook {
  id: string;
  accessId: string;
  url: string;
  state: 'active' | 'inactive';
  runCount: number;
  failCount: number;
  currentRetries: number;
  maxRetries: number;
  minIntervalMs: number;
  lastRun: { status: number; timestamp: number };
  runs: { status: number; timestamp: number }[];
  created: number;
  modified: number;
  createdBy: string;
  modifiedBy: string;
}

/** One request and what came of it; status 0 where there was no answer. */
interface Sent {
  webhook: string;
  messages: unknown[];
  status: number;
}

export interface SenderOptions {
  now: () => number;
  /** Milliseconds between two requests of one webhook, and the unit of the growing delay. */
  minIntervalMs: number;
  log: (line: string) => void;
}

/**
 * Sends as the public server does: what comes too soon waits and goes out together, each failure makes the wait longer by one
 * interval, and after six attempts the webhook is inactive until it is told otherwise. A redirect is followed, which turns POST into
 * GET. What waited may go out with `null` in it, and there is no version in it.
 */
export function createSender({ now, minIntervalMs, log }: SenderOptions) {
  const webhooks = new Map<string, PryvWebhook>();
  const waiting = new Map<string, { messages: Set<unknown>; timer?: NodeJS.Timeout; sending: boolean }>();
  const sent: Sent[] = [];
  const idle = new Set<() => void>();
  let made = 0;
  let closed = false;

  function stateOf(id: string) {
    const state = waiting.get(id) ?? { messages: new Set<unknown>(), sending: false };
    waiting.set(id, state);
    return state;
  }

  async function send(webhook: PryvWebhook, message: unknown): Promise<void> {
    if (webhook.state === 'inactive' || closed) return;
    const state = stateOf(webhook.id);
    state.messages.add(message);
    const tooSoon = now() - webhook.lastRun.timestamp * 1_000 < webhook.minIntervalMs;
    if (tooSoon || state.sending) return later(webhook);
    state.sending = true;
    const messages = [...state.messages];
    state.messages.clear();
    const status = await post(webhook.url, messages);
    state.sending = false;
    sent.push({ webhook: webhook.id, messages, status });
    log(`pryv webhook ${webhook.id}: ${JSON.stringify(messages)}, ${status}`);
    webhook.runCount += 1;
    webhook.lastRun = { status, timestamp: now() / 1_000 };
    webhook.runs.unshift(webhook.lastRun);
    if (status >= 200 && status < 300) {
      webhook.currentRetries = 0;
    } else {
      for (const each of messages) state.messages.add(each);
      webhook.failCount += 1;
      webhook.currentRetries += 1;
      if (webhook.currentRetries > webhook.maxRetries) webhook.state = 'inactive';
      else later(webhook);
    }
    wakeIdle();
  }

  function later(webhook: PryvWebhook): void {
    const state = stateOf(webhook.id);
    if (state.timer || closed) return;
    const delay = webhook.minIntervalMs * (webhook.currentRetries || 1);
    state.timer = setTimeout(() => {
      delete state.timer;
      // What put it off is not known any more.
      void send(webhook, null);
    }, delay);
  }

  /** By `fetch`, so `user-agent: node` and redirects as it follows them. */
  async function post(url: string, messages: unknown[]): Promise<number> {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages, meta: { serverTime: now() / 1_000 } }),
      });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      // Refused, reset, timed out: the API shows all of them as 0.
      return 0;
    }
  }

  const isQuiet = () => [...waiting.values()].every(({ timer, sending }) => !timer && !sending);

  function wakeIdle(): void {
    if (!isQuiet()) return;
    for (const resolve of idle) resolve();
    idle.clear();
  }

  return {
    webhooks: webhooks as ReadonlyMap<string, PryvWebhook>,
    /** Oldest first. */
    sent: sent as readonly Sent[],
    register(url: string, accessId: string): PryvWebhook {
      const at = now() / 1_000;
      made += 1;
      const webhook: PryvWebhook = {
        id: `w${String(made).padStart(24, '0')}`,
        ...{ accessId, url, state: 'active', minIntervalMs, maxRetries: MOST_RETRIES },
        ...{ runCount: 0, failCount: 0, currentRetries: 0, lastRun: { status: 0, timestamp: 0 }, runs: [] },
        ...{ created: at, modified: at, createdBy: accessId, modifiedBy: accessId },
      };
      webhooks.set(webhook.id, webhook);
      return webhook;
    },
    activate(webhook: PryvWebhook): void {
      webhook.state = 'active';
      webhook.currentRetries = 0;
      webhook.modified = now() / 1_000;
    },
    /** Deleted by the user. */
    forget(id: string): void {
      clearTimeout(waiting.get(id)?.timer);
      waiting.delete(id);
      webhooks.delete(id);
    },
    /** To every webhook. */
    announce(message: unknown): void {
      for (const webhook of webhooks.values()) void send(webhook, message);
    },
    /** Resolves when everything got through or was given up. */
    drain(): Promise<void> {
      if (isQuiet()) return Promise.resolve();
      return new Promise((resolve) => idle.add(resolve));
    },
    close(): void {
      closed = true;
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
      wakeIdle();
    },
  };
}

export type Sender = ReturnType<typeof createSender>;

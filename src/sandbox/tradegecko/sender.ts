import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { type GeckoRef, singularOf } from './world.ts';

/** The provider's page on webhooks. */
const PATIENCE_MS = 10_000;
const GIVES_UP_AFTER_MS = 3 * 86_400_000;
/** Sidekiq's own, which the provider's page refers to. */
const MOST_RETRIES = 25;

export interface Hook {
  id: number;
  account: number;
  /** `order.create`; null: every event, which is the sandbox's own. */
  event: string | null;
  address: string;
  /** Epoch milliseconds: since when nothing got through; null while it does. */
  failingSince: number | null;
}

export interface SenderOptions {
  secret: string;
  origin: () => string;
  now: () => number;
  /** `fulfillments.create` as in the guide, or `fulfillment.create` as in the client library. */
  plural: () => boolean;
  /** How long a second of waiting takes, in seconds. */
  retryScale: number;
}

/** One webhook request before it is sent. */
export interface GeckoParcel {
  headers: Record<string, string>;
  body: string;
}

/** Posts events, with the back-off of Sidekiq: answers from 200 to 399 are success, 410 deletes the hook, three days of failure too. */
export function createGeckoSender({ secret, origin, now, plural, retryScale }: SenderOptions) {
  const agent = new Agent({ keepAliveTimeout: 4_000 });
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  let hooks: Hook[] = [];
  let last = 0;

  function register(account: number, event: string | null, address: string): Hook {
    last += 1;
    const hook: Hook = { id: last, account, event, address, failingSince: null };
    hooks.push(hook);
    return hook;
  }

  const drop = (hook: Hook): void => {
    hooks = hooks.filter((each) => each !== hook);
  };

  function parcel({ path, id }: GeckoRef, action: string): GeckoParcel {
    const resource = plural() ? path : singularOf(path);
    const body = JSON.stringify({
      object_id: id,
      event: `${resource}.${action}`,
      timestamp: Math.floor(now() / 1_000),
      resource_url: `${origin()}/${path}/${id}.json`,
    });
    const signature = createHmac('sha256', secret).update(body).digest('base64');
    return {
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'TradeGecko',
        'x-gecko-delivery': randomUUID(),
        'x-gecko-signature': signature,
      },
    };
  }

  /** Resolves when every hook that wants it has got it, or is not tried any more. */
  function announce(ref: GeckoRef, action: string): Promise<void> {
    const singular = `${singularOf(ref.path)}.${action}`;
    const wanting = hooks.filter(
      ({ account, event }) =>
        account === ref.account && (event === null || event === singular || event === `${ref.path}.${action}`),
    );
    const sent = Promise.all(wanting.map((hook) => deliver(hook, parcel(ref, action)))).then(() => {});
    running.add(sent);
    return sent.finally(() => running.delete(sent));
  }

  async function deliver(hook: Hook, { headers, body }: GeckoParcel): Promise<void> {
    for (let retry = 0; retry <= MOST_RETRIES && hooks.includes(hook); retry += 1) {
      const status = await post(hook.address, headers, body);
      if (status >= 200 && status <= 399) {
        hook.failingSince = null;
        return;
      }
      hook.failingSince ??= now();
      if (status === 410 || (now() - hook.failingSince) / retryScale >= GIVES_UP_AFTER_MS) return drop(hook);
      const seconds = retry ** 4 + 15 + Math.random() * 10 * (retry + 1);
      if (!(await waited(seconds * 1_000 * retryScale))) return;
    }
  }

  async function post(url: string, headers: Record<string, string>, body: string): Promise<number> {
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), closing.signal]);
      const answer = await request(url, { method: 'POST', dispatcher: agent, headers, body, signal });
      await answer.body.dump();
      return answer.statusCode;
    } catch {
      // Not reachable, too slow, cut off: one failure like another.
      return 0;
    }
  }

  async function waited(ms: number): Promise<boolean> {
    return sleep(ms, true, { signal: closing.signal }).catch(() => false);
  }

  return {
    register,
    parcel,
    announce,
    hooks: (): readonly Hook[] => hooks,
    remove: (id: number): void => hooks.filter((hook) => hook.id === id).forEach(drop),
    async drain(): Promise<void> {
      await Promise.all(running);
    },
    async close(): Promise<void> {
      closing.abort();
      await agent.destroy();
    },
  };
}

export type GeckoSender = ReturnType<typeof createGeckoSender>;

import type { Item } from './model.ts';
import { notificationOf } from './notification.ts';
import type { SandboxClient } from './options.ts';
import { createPost, type Outcome, type Parcel } from './post.ts';
import type { Entry } from './world/log.ts';
import type { Tokens } from './world/tokens.ts';

/** Notifications a request, as the provider documents it. */
const MOST_IN_ONE = 100;
const AT_ONCE = 8;
const KEPT = 500;
/** A request held back for reordering goes out after this, however few have come. */
const HELD_AT_MOST_MS = 250;

/** One webhook request and what came of it. */
export interface Sent extends Outcome {
  /** Epoch milliseconds. */
  at: number;
  apiKey: string;
  url: string;
  notifications: number;
  body: string;
}

export interface WebhookParts {
  clients: readonly SandboxClient[];
  tokens: Tokens;
  now: () => number;
  /** The origin for links in payloads. */
  origin: () => string;
  log: (line: string) => void;
  tickMs?: number;
}

export type Webhooks = ReturnType<typeof createWebhooks>;

/**
 * Sends as the provider says it does: at most 100 notifications a request, one second for the answer, no redirect followed,
 * nothing ever sent again. Only a client that the acting rider has connected hears anything.
 */
export function createWebhooks({ clients, tokens, now, origin, log, tickMs = 20 }: WebhookParts) {
  const post = createPost({ now, atOnce: AT_ONCE });
  const urls = new Map<string, string>();
  for (const client of clients) if (client.webhookUrl) urls.set(client.apiKey, client.webhookUrl);
  const queued: { client: SandboxClient; notification: object }[] = [];
  const parcels: Parcel[] = [];
  const held: Parcel[] = [];
  const sent: Sent[] = [];
  const idle = new Set<() => void>();
  const still = { lose: 0, duplicate: 0, reorder: 0 };
  let timer: NodeJS.Timeout | undefined;
  let holdTimer: NodeJS.Timeout | undefined;
  let running = 0;
  let paused = false;

  function announce(entry: Entry, item: Item): void {
    for (const client of clients) {
      const wanted = client.assets?.includes(`${entry.type}s`) ?? true;
      if (!wanted || !urls.has(client.apiKey) || !tokens.connected(entry.riderId, client.apiKey)) continue;
      queued.push({ client, notification: notificationOf(entry, item, client.dialect ?? 'v1', origin()) });
    }
    if (queued.length > 0) timer ??= setTimeout(pack, tickMs);
  }

  /** Groups what is queued by client, a hundred at a time. */
  function pack(): void {
    clearTimeout(timer);
    timer = undefined;
    if (paused) return;
    for (const client of clients) {
      const own = queued.filter((one) => one.client === client).map((one) => one.notification);
      for (let from = 0; from < own.length; from += MOST_IN_ONE) {
        const notifications = own.slice(from, from + MOST_IN_ONE);
        enqueue(client, JSON.stringify({ notifications }), notifications.length);
      }
    }
    queued.length = 0;
    run();
  }

  function enqueue(client: SandboxClient, body: string, notifications: number, headers?: Record<string, string>): void {
    const url = urls.get(client.apiKey);
    if (!url) return;
    const parcel = { client, url, body, notifications, ...(headers && { headers }) };
    if (take('lose')) {
      record(parcel, { status: null, error: 'lost', ms: 0 });
      return;
    }
    const copies = take('duplicate') ? [parcel, parcel] : [parcel];
    if (!take('reorder')) {
      parcels.push(...copies);
      return;
    }
    held.push(...copies);
    if (still.reorder === 0) release();
    else holdTimer ??= setTimeout(release, HELD_AT_MOST_MS);
  }

  /** What was held goes out last first. */
  function release(): void {
    clearTimeout(holdTimer);
    holdTimer = undefined;
    parcels.push(...held.splice(0).reverse());
    run();
  }

  function run(): void {
    while (!paused && running < AT_ONCE) {
      const parcel = parcels.shift();
      if (!parcel) break;
      running += 1;
      void send(parcel).finally(() => {
        running -= 1;
        run();
      });
    }
    if (quiet()) {
      for (const resolve of idle) resolve();
      idle.clear();
    }
  }

  const quiet = () => running === 0 && (paused || (parcels.length === 0 && queued.length === 0 && held.length === 0));

  async function send(parcel: Parcel): Promise<void> {
    const at = now();
    record(parcel, await post.send(parcel), at);
  }

  function record(parcel: Parcel, result: Outcome, at = now()): void {
    const { url, body, notifications } = parcel;
    sent.push({ at, apiKey: parcel.client.apiKey, url, notifications, body, ...result });
    if (sent.length > KEPT) sent.splice(0, sent.length - KEPT);
    log(`webhook to ${url}: ${notifications} notifications, ${result.status ?? result.error}`);
  }

  function take(what: keyof typeof still): boolean {
    if (still[what] === 0) return false;
    still[what] -= 1;
    return true;
  }

  const clientOf = (apiKey: string): SandboxClient => {
    const client = clients.find((one) => one.apiKey === apiKey);
    if (!client) throw new Error(`The sandbox has no API client ${apiKey}.`);
    return client;
  };

  return {
    announce,
    /** The last 500 requests, oldest first. */
    sent: sent as readonly Sent[],
    url: (apiKey: string): string | undefined => urls.get(apiKey),
    /** Where a client's webhooks go from now on; undefined: nowhere. */
    setUrl(apiKey: string, url: string | undefined): void {
      if (url) urls.set(clientOf(apiKey).apiKey, url);
      else urls.delete(apiKey);
    },
    /** Resolves once everything queued has been sent and answered; while paused, once nothing is under way. */
    drain(): Promise<void> {
      pack();
      if (!paused) release();
      if (quiet()) return Promise.resolve();
      return new Promise((resolve) => idle.add(resolve));
    },
    /** The next n requests vanish. */
    lose(n: number): void {
      still.lose = n;
    },
    /** The next n requests go out twice. */
    duplicate(n: number): void {
      still.duplicate = n;
    },
    /** The next n requests wait for each other and go out in the opposite order. */
    reorder(n: number): void {
      still.reorder = n;
    },
    pause(): void {
      paused = true;
    },
    resume(): void {
      paused = false;
      pack();
    },
    get paused(): boolean {
      return paused;
    },
    /** Sends the bytes of an earlier request again (an index of `sent`). */
    replay(index: number): void {
      const old = sent.at(index);
      if (!old) throw new Error(`There is no sent webhook ${index}.`);
      enqueue(clientOf(old.apiKey), old.body, old.notifications);
      run();
    },
    /** Sends any text with a right signature, or with other headers. */
    sendRaw(apiKey: string, body: string, headers?: Record<string, string>): void {
      enqueue(clientOf(apiKey), body, 0, headers);
      run();
    },
    async close(): Promise<void> {
      clearTimeout(timer);
      clearTimeout(holdTimer);
      paused = true;
      queued.length = parcels.length = held.length = 0;
      await post.close();
      run();
    },
  };
}

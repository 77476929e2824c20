import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRandom } from '../random.ts';
import { createSender, type RyeRequest, requestOf, unsigned } from './sender.ts';
import { createRyeServer, type RyeFaults } from './server.ts';
import { createWorld, type Event, type RyeWorld } from './world.ts';

export type { Event as RyeEvent } from './world.ts';

export interface RyeOptions {
  apiKey: string;
  /** Signs v1. */
  hmacSecret: string;
  /** Signs v2. */
  webhookSecret: string;
  /** 0 or absent: any. */
  port?: number;
  /** Between the first delivery of an event and the second, milliseconds. Default 30,000: Rye does not say. */
  retryMs?: number;
  /** How often, from 0 to 1, an event that was taken is sent again. Default 0.5. */
  repeats?: number;
  seed?: number;
  /** Epoch milliseconds. */
  now?: () => number;
  log?: (line: string) => void;
}

/** Whether an address answered the challenges, by dialect. */
interface Registered {
  v1: boolean;
  v2: boolean;
}

export interface RyeSandbox {
  /** For `RYE_BASE_URL`. */
  url: string;
  /** For `RYE_GRAPHQL_URL`. */
  graphqlUrl: string;
  world: RyeWorld;
  faults: RyeFaults;
  /** What was asked of the APIs, oldest first. */
  asked: readonly string[];
  /** What was sent, oldest first. */
  sent: ReturnType<typeof createSender>['sent'];
  /**
   * As in its console: asks the address for both challenges, and sends webhooks there when one is answered exactly.
   *
   * @param signed `unsigned` where no secret is known yet.
   */
  register(url: string, signed?: 'signed' | 'unsigned'): Promise<Registered>;
  /** Sends webhooks there without asking; undefined: nowhere. */
  setUrl(url: string | undefined): void;
  challenge(dialect: 'v1' | 'v2'): Event;
  requestOf(event: Event): RyeRequest;
  /** Sends this event now, and a second time where that is due. */
  deliver(event: Event): Promise<void>;
  /** Resolves when everything was sent. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the stand-in for Rye. Nothing is written to disk: with the process, everything is gone. */
export async function startRye(options: RyeOptions): Promise<RyeSandbox> {
  const {
    apiKey,
    hmacSecret,
    webhookSecret,
    now = Date.now,
    log = () => {},
    retryMs = 30_000,
    repeats = 0.5,
  } = options;
  const developerId = 'mBdwaN3QWmmvZsNYuWPdLnzIbaDM';
  const random = createRandom(options.seed ?? 1);
  const secrets = { developerId, hmacSecret, webhookSecret };
  const sender = createSender({ ...secrets, random, retryMs, repeats, log });
  const faults: RyeFaults = {
    losesWebhooks: false,
    refusesKeys: false,
    latencyMs: 0,
    newestFirst: false,
    graphql: undefined,
    forgetsCursors: false,
  };
  const announce = (event: Event) => {
    if (!faults.losesWebhooks) sender.announce(event);
  };
  const world = createWorld(developerId, announce, now);
  const asked: string[] = [];
  const server = createServer(createRyeServer({ world, apiKey, faults, onAsked: (path) => asked.push(path) }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function challenge(dialect: 'v1' | 'v2'): Event {
    const common = { createdAt: new Date(now()).toISOString() };
    if (dialect === 'v1') {
      const text = `${randomUUID()}${randomUUID()}`.replaceAll('-', '');
      return { id: randomUUID(), developerId, ...common, type: 'WEBHOOK_URL_VERIFICATION', data: { challenge: text } };
    }
    const source = { type: 'webhook_endpoint', id: `we_${randomUUID().replaceAll('-', '')}` };
    return {
      id: `evt_${randomUUID()}`,
      object: 'event',
      ...common,
      type: 'webhook_endpoint.verification_challenge',
      source,
    };
  }

  async function answers(to: string, dialect: 'v1' | 'v2', signed: 'signed' | 'unsigned'): Promise<boolean> {
    const event = challenge(dialect);
    const asking = requestOf(event, secrets);
    const { status, text } = await sender.post(to, signed === 'signed' ? asking : unsigned(asking));
    const { data, source } = event as { data?: { challenge: string }; source?: { id: string } };
    return status === 200 && text === JSON.stringify({ challenge: data?.challenge ?? source?.id });
  }

  return {
    url,
    graphqlUrl: `${url}/v1/query`,
    world,
    faults,
    asked,
    sent: sender.sent,
    async register(to, signed = 'signed') {
      const registered = { v1: await answers(to, 'v1', signed), v2: await answers(to, 'v2', signed) };
      if (registered.v1 || registered.v2) sender.setUrl(to);
      return registered;
    },
    setUrl: sender.setUrl,
    challenge,
    requestOf: (event) => requestOf(event, secrets),
    deliver: sender.deliver,
    drain: sender.drain,
    async close() {
      await sender.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

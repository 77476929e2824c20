import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiSettings, createApi } from './api.ts';
import { createSender, type EcoveloSent } from './sender.ts';
import { createWorld, type EcoveloObject, type EcoveloWorld } from './world.ts';

export interface EcoveloOptions extends Partial<ApiSettings> {
  /** 0 or absent: any. */
  port?: number;
  host?: string;
  /** With the secret in it; see `setWebhook`. */
  webhookUrl?: string;
  /** How much of the pauses between retries is waited. Default 1. */
  retryScale?: number;
  /** Epoch milliseconds. */
  now?: () => number;
}

export interface EcoveloSandbox {
  /** For example `http://127.0.0.1:4011`. */
  url: string;
  world: EcoveloWorld;
  /** What can be changed while it runs. */
  settings: ApiSettings;
  /** Paths with their queries, oldest first. */
  requests: readonly string[];
  /** Every attempt to send, oldest first. */
  sent: readonly EcoveloSent[];
  /** Where events go from now on. */
  setWebhook(url: string): void;
  /** The event as it is sent: two envelopes in turn, since nobody knows which one is the provider's. */
  event(topic: string, object: object): string;
  /** Resolves when it got through or was given up. */
  announce(topic: string, object: object): Promise<boolean>;
  /** A whole ride, told as this provider tells it: out of order, and with the bill after the end. Resolves when all of it is sent. */
  ride(): Promise<EcoveloObject>;
  close(): Promise<void>;
}

/** Starts the made-up bike-share service, with nothing in it. */
export async function startEcovelo(options: EcoveloOptions = {}): Promise<EcoveloSandbox> {
  const { port = 0, host = '127.0.0.1', retryScale = 1, now = Date.now, ...given } = options;
  let webhook = options.webhookUrl;
  let events = 0;
  const world = createWorld(now);
  const settings: ApiSettings = { ...ORDINARY, ...given };
  const requests: string[] = [];
  const sender = createSender(retryScale);
  const server = createServer(createApi(world, settings, (path) => void requests.push(path)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

  function event(topic: string, object: object): string {
    events += 1;
    const sentAt = new Date(now()).toISOString();
    return JSON.stringify(
      events % 2 === 1 ? { topic, data: object, sent_at: sentAt } : { type: topic, payload: object, sent_at: sentAt },
    );
  }

  const announce = async (topic: string, object: object): Promise<boolean> =>
    webhook !== undefined && sender.send(webhook, event(topic, object));

  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    world,
    settings,
    requests,
    sent: sender.sent,
    setWebhook(url) {
      webhook = url;
    },
    event,
    announce,
    async ride() {
      const created = world.add('trip', { status: 'created', bike: `V-${world.list('trip').length + 100}` });
      const underWay = world.change(created.id, { status: 'running' });
      await announce('trip.updated', underWay);
      await announce('trip.created', created);
      const terminated = world.change(created.id, { status: 'terminated', duration: 1_260 });
      await announce('trip.terminated', terminated);
      const billed = world.change(created.id, { status: 'billed', price: { amount: 350, currency: 'EUR' } });
      await announce('trip.updated', billed);
      return billed;
    },
    async close() {
      await sender.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const ORDINARY: ApiSettings = {
  apiKey: 'sandbox-ecovelo-key',
  apiKeyHeader: 'authorization',
  pageSize: 20,
  firstPage: 1,
  envelope: 'data',
  listsVersions: true,
  refuses: false,
  latencyMs: 0,
  proxyAnswers: false,
};

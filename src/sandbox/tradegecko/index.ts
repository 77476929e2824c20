import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GeckoAccount } from './authorize.ts';
import { createQuota, type QuotaOptions } from './quota.ts';
import { createGeckoSender, type GeckoSender } from './sender.ts';
import { answerGecko } from './server.ts';
import { createGeckoTokens, type GeckoTokenStore } from './tokens.ts';
import { createGeckoWorld, type GeckoWorld } from './world.ts';

export interface TradeGeckoSandboxOptions {
  clientId: string;
  /** Signs webhooks too. */
  clientSecret: string;
  accounts?: GeckoAccount[];
  /** How long an access token lives, in seconds: 7,200 as the provider's page says. */
  accessLivesS?: number;
  quota?: Partial<QuotaOptions>;
  /** See `sender.ts`. */
  retryScale?: number;
  /** Kinds that this system does not have, by the path they would be listed under. */
  lacking?: string[];
  host?: string;
  port?: number;
  /** Epoch milliseconds. */
  now?: () => number;
}

export interface TradeGeckoSandbox {
  url: string;
  accounts: GeckoAccount[];
  world: GeckoWorld;
  tokens: GeckoTokenStore;
  sender: GeckoSender;
  /** Whether events name their resource in the plural. */
  plural: boolean;
  /** The API answers so many milliseconds later. */
  delayMs: number;
  /** Paths with their queries, oldest first. */
  requests: string[];
  /** Requests that were answered with 429. */
  refused(): number;
  /** What a path answers from now on, as a proxy would that stands before the API; undefined: what it should. */
  answerInstead(path: string, answer: { status: number; body: string } | undefined): void;
  close(): Promise<void>;
}

/** A stand-in for TradeGecko's API and its webhooks, as far as they are public. Nothing is written to disk. */
export async function startTradeGecko(options: TradeGeckoSandboxOptions): Promise<TradeGeckoSandbox> {
  const { clientId, clientSecret, now = Date.now, lacking = [], retryScale = 1 } = options;
  const accounts = options.accounts ?? [{ id: 7067, name: 'Gecko Inc.' }];
  const world = createGeckoWorld(now);
  const tokens = createGeckoTokens(options.accessLivesS ?? 7_200, now);
  const quota = createQuota({ requests: 300, windowMs: 300_000, retryAfter: false, ...options.quota }, now);
  const instead = new Map<string, { status: number; body: string }>();
  const sandbox: TradeGeckoSandbox = {
    url: '',
    accounts,
    world,
    tokens,
    plural: true,
    delayMs: 0,
    requests: [],
    refused: quota.refused,
    answerInstead: (path, answer) => void (answer ? instead.set(path, answer) : instead.delete(path)),
    sender: createGeckoSender({
      secret: clientSecret,
      origin: () => sandbox.url,
      now,
      plural: () => sandbox.plural,
      retryScale,
    }),
    async close() {
      await sandbox.sender.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
  const parts = { clientId, clientSecret, accounts, world, tokens, sender: sandbox.sender, quota, lacking };

  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    sandbox.requests.push(path);
    if (sandbox.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, sandbox.delayMs));
    const given = instead.get(path.split('?', 1)[0] ?? '');
    if (given) return void response.writeHead(given.status, { 'content-type': 'text/html' }).end(given.body);
    try {
      const { status, headers, body } = await answerGecko(request, parts);
      const text = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(text);
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
    }
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  sandbox.url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${(server.address() as AddressInfo).port}`;
  return sandbox;
}

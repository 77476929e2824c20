import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Access, type Answer, answerTo, type PryvParts } from './routes.ts';
import { createSender, type Sender } from './sender.ts';
import { createPryvWorld, type PryvWorld } from './world.ts';

export interface PryvOptions {
  /** 0 or absent: any. */
  port?: number;
  /** Default `alice`. */
  user?: string;
  /** Default: an app's, with a token that is made anew at each start. */
  accesses?: Record<string, Access>;
  /** Milliseconds between two webhooks, and the unit of the growing delay after a failure. The provider's default is 5,000. */
  minIntervalMs?: number;
  updateForm?: PryvParts['updateForm'];
  /** Epoch milliseconds. */
  now?: () => number;
  log?: (line: string) => void;
}

export interface PryvSandbox {
  /** An origin. */
  url: string;
  /** `http://TOKEN@127.0.0.1:3003/alice/`, of the first access. */
  endpoint: string;
  token: string;
  world: PryvWorld;
  sender: Sender;
  accesses: Map<string, Access>;
  /** Each answer of the API takes so much longer. */
  delayMs: number;
  /** Method, path and query of each request, oldest first; at most a thousand. */
  requests: string[];
  close(): Promise<void>;
}

/** A stand-in for one user's Pryv server, of the kind without DNS: `https://host/user/`. Nothing is written to disk. */
export async function startPryv(options: PryvOptions = {}): Promise<PryvSandbox> {
  const { user = 'alice', now = Date.now, log = () => {}, minIntervalMs = 5_000, updateForm = 'bare' } = options;
  const own: Record<string, Access> = { [newToken()]: { id: 'cslipstream', type: 'app', name: 'slipstream' } };
  const accesses = new Map(Object.entries(options.accesses ?? own));
  const [token = ''] = accesses.keys();
  const sender = createSender({ now, minIntervalMs, log });
  const world = createPryvWorld(now, sender.announce);
  const parts: PryvParts = { user, world, sender, accesses, updateForm };
  const requests: string[] = [];
  settle(world);

  const server = createServer(async (request, response) => {
    const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(`${request.method} ${pathname}${search}`);
    if (requests.length > 1_000) requests.shift();
    const path = pathname.startsWith(`/${user}/`) ? pathname.slice(user.length + 2) : undefined;
    const { status, body }: Answer =
      path === undefined
        ? { status: 404, body: { error: { id: 'unknown-resource', message: 'Unknown user' } } }
        : answerTo(
            {
              method: request.method ?? 'GET',
              path,
              query: searchParams,
              token: request.headers.authorization ?? '',
              body: await jsonOf(request),
            },
            parts,
          );
    if (sandbox.delayMs > 0) await pause(sandbox.delayMs, undefined, { ref: false });
    const meta = { apiVersion: '1.9.3', serverTime: world.serverTime(), serial: '2019061301' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ ...body, meta }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  const sandbox: PryvSandbox = {
    url: `http://127.0.0.1:${port}`,
    endpoint: `http://${token}@127.0.0.1:${port}/${user}/`,
    token,
    world,
    sender,
    accesses,
    delayMs: 0,
    requests,
    async close() {
      sender.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sandbox;
}

const newToken = (): string => `ctoken${Math.random().toString(36).slice(2).padEnd(12, '0')}`;

/** A diary, a few measurements, and something in the trash. */
function settle(world: PryvWorld): void {
  const silent = true;
  world.addStream('diary', 'Diary', { silent });
  world.addStream('health', 'Health', { silent });
  world.addStream('weight', 'Weight', { parentId: 'health', silent });
  world.addEvent({ content: 'Rode to the lake and back', silent });
  world.addEvent({ content: 'New chain on the blue bike', silent });
  for (const content of [71.2, 70.8, 70.5]) world.addEvent({ type: 'mass/kg', content, streamIds: ['weight'], silent });
  const { id } = world.addEvent({ content: 'Buy tubes', silent });
  world.removeEvent(id, { silent });
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

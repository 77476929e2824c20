import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults, type Faults } from './faults.ts';
import { createPresenter } from './http/present.ts';
import { createServer } from './http/server.ts';
import type { Item, ItemType, Rider } from './model.ts';
import type { SandboxOptions } from './options.ts';
import { createRandom, seedOf } from './random.ts';
import { type Concurrency, createRequests, type Seen } from './requests.ts';
import { readFolder, type Skipped } from './tracks/folder.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';
import { planLibrary } from './world/library.ts';
import { createRider, type RiderPlan } from './world/riders.ts';
import { createTokens } from './world/tokens.ts';
import { createTracks } from './world/tracks.ts';
import { createWorld, type World } from './world/world.ts';

export type { FaultSettings } from './faults.ts';
export type { Point } from './model.ts';
export type { SandboxClient, SandboxOptions } from './options.ts';

export interface Sandbox {
  /** For example `http://127.0.0.1:3001`. */
  url: string;
  world: World;
  faults: Faults;
  webhooks: Webhooks;
  /** Track files that could not be read, with a plain reason. */
  skipped: Skipped[];
  /** The last requests to the API, oldest first; not those to pages and control. */
  requests: readonly Seen[];
  /** How many API requests had a path that begins so. */
  count(pathPrefix: string): number;
  /** For an item (`trip/7`) or, without one, for all API requests. */
  concurrent(item?: string): Concurrency;
  /** What one rider's token asked for again before the answer was over, as `1 GET /api/v1/trips/7.json`. Whose connection is gone asks no more. */
  overlaps(): string[];
  forgetRequests(): void;
  /** What the provider's JSON of an item is now, to its owner or another rider. */
  object(type: ItemType, id: number, viewerId?: number): Record<string, unknown>;
  close(): Promise<void>;
}

const DEFAULT_RIDERS: RiderPlan[] = [{ id: 1, name: 'Robin Field', routes: 40, trips: 160 }];

/** Starts the stand-in provider. Nothing is written to disk: with the process, everything is gone. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clients, seed = 1, now = Date.now, log = () => {} } = options;
  const faults = createFaults(now);
  const clock = () => now() + faults.current.clockOffsetMs;
  // The library is the same at every start; tokens are not, or two sandboxes would accept each other's.
  const random = createRandom(seedOf(seed, 'secrets', now()));
  const tokens = createTokens({ random, clock });
  let origin = '';
  const linkOrigin = () => faults.current.urlOrigin ?? origin;
  const webhooks = createWebhooks({ clients, tokens, now, origin: linkOrigin, log });
  const world = createWorld({ clock, random, seed, tokens, announce: webhooks.announce });
  const skipped = await settle(world, options, seed, now());
  const tracks = createTracks();
  const present = createPresenter({ world, tracks, origin: linkOrigin });
  const requests = createRequests();
  const app = createServer({
    clients,
    world,
    tokens,
    tracks,
    faults,
    webhooks,
    requests,
    present,
    skipped,
    clock,
    origin: () => origin,
    linkOrigin,
  });

  const server = createHttpServer(app);
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  origin = options.publicUrl ?? originOf(server.address(), host);

  return {
    url: origin,
    world,
    faults,
    webhooks,
    skipped,
    requests: requests.list,
    count: requests.count,
    concurrent: requests.concurrent,
    overlaps: requests.overlaps,
    forgetRequests: requests.forget,
    object: (type, id, viewerId) => {
      const item: Item = world.item(type, id);
      const viewer: Rider = world.rider(viewerId ?? item.userId);
      return present.object(item, viewer);
    },
    async close() {
      world.close();
      await webhooks.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** Puts the riders and what they have in place. */
async function settle(
  world: World,
  { riders = DEFAULT_RIDERS, tracks }: SandboxOptions,
  seed: number,
  now: number,
): Promise<Skipped[]> {
  let skipped: Skipped[] = [];
  for (const [index, plan] of riders.entries()) {
    const rider = createRider(plan, index, seed, now);
    world.addRider(rider);
    if (index === 0 && tracks !== undefined) {
      const read = await readFolder(tracks, { rider, now, seed });
      world.fill(rider.id, read.drafts);
      skipped = read.skipped;
    } else {
      world.fill(rider.id, planLibrary(rider, plan, seed, now));
    }
  }
  return skipped;
}

function originOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === 'string') throw new Error('The sandbox does not listen on a port.');
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}

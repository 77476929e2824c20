import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox } from '../../src/sandbox/index.ts';
import { answer } from './answer.ts';
import { CLIENT } from './client.ts';

/**
 * As little of a provider as fetching takes: every trip there may be is one that the stand-in provider made, under another id and name, and at
 * each answer it has just been edited. So nobody waits for a provider that is busy, and no fetch finds what it has already.
 */
export interface Rides {
  /** In the one track that all of them have. */
  points: number;
  latencyMs: number;
}

/** A token is `rider NUMBER`. */
export const tokenOf = (rider: number): string => `rider-${rider}`;

let rides: Awaited<ReturnType<typeof template>> | undefined;
let latencyMs = 0;

const server = createServer((request, response) => {
  const [, id] = /^\/api\/v1\/trips\/(\d+)\.json$/.exec(request.url ?? '') ?? [];
  const [, rider] = /^Bearer rider-(\d+)$/.exec(request.headers.authorization ?? '') ?? [];
  const body = id && rider && rides?.(Number(id), Number(rider));
  setTimeout(() => {
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
    response.end(body || '{"error":"Not found."}');
  }, latencyMs);
}).listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  answer(
    {
      async start(given: Rides) {
        rides = await template(given.points);
        latencyMs = given.latencyMs;
        return { url: `http://127.0.0.1:${port}` };
      },
    },
    () => server.close(),
  );
});

async function template(points: number): Promise<(id: number, rider: number) => string> {
  const sandbox = await startSandbox({
    clients: [CLIENT],
    riders: [{ id: 1, name: 'Robin Field', routes: 0, trips: 1, points }],
  });
  const [item] = sandbox.world.items(1);
  const response = await fetch(`${sandbox.url}/api/v1/trips/${item?.id}.json`, {
    headers: { authorization: `Bearer ${sandbox.world.issueToken(1, CLIENT.apiKey)}` },
  });
  const { trip } = (await response.json()) as { trip: Record<string, unknown> };
  await sandbox.close();
  const { track_points, photos: _, ...rest } = trip;
  const tail = `,"photos":[],"track_points":${JSON.stringify(track_points)}}}`;
  return (id, rider) => {
    const head = {
      ...rest,
      id,
      user_id: rider,
      name: `Trip ${id}, edited ${Date.now()}`,
      updated_at: new Date().toISOString(),
    };
    return `{"trip":${JSON.stringify(head).slice(0, -1)}${tail}`;
  };
}

import { createHttpClient, type HttpClient } from '../../http/client.ts';

/** Connections to so many providers stay open. */
const MOST_IDLE = 50;

/** One HTTP client for each origin, so that a token goes to the origin that it came with and no other. */
export interface Clients {
  /** Lends the client of this origin for as long as `work` takes. */
  use<Result>(origin: string, work: (http: HttpClient) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export function createClients(
  most: number = MOST_IDLE,
  create = (origin: string) => createHttpClient(new URL(origin)),
): Clients {
  /** Those used longest ago come first. */
  const open = new Map<string, { http: HttpClient; inUse: number }>();

  async function closeOldest(): Promise<void> {
    for (const [origin, { http, inUse }] of open) {
      if (open.size <= most) return;
      if (inUse > 0) continue;
      open.delete(origin);
      await http.close();
    }
  }

  return {
    async use(origin, work) {
      const client = open.get(origin) ?? { http: create(origin), inUse: 0 };
      open.delete(origin);
      open.set(origin, client);
      client.inUse += 1;
      try {
        return await work(client.http);
      } finally {
        client.inUse -= 1;
        await closeOldest();
      }
    },
    async close() {
      await Promise.all([...open.values()].map(({ http }) => http.close()));
      open.clear();
    },
  };
}

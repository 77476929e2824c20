/** One request the sandbox got. */
export interface Seen {
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  /** Null while it is under way, 0 where the connection broke. */
  status: number | null;
  /** The rider whose token it carried. */
  rider: number | null;
  /** Epoch milliseconds. */
  at: number;
}

export interface Concurrency {
  current: number;
  max: number;
}

const KEPT = 20_000;

export type Requests = ReturnType<typeof createRequests>;

/** Remembers the last requests, counts all of them, and knows how many run at once. */
export function createRequests() {
  const list: Seen[] = [];
  const counts = new Map<string, number>();
  const running = new Map<string, Concurrency>();
  const concurrency = (key: string): Concurrency => running.get(key) ?? { current: 0, max: 0 };
  const step = (key: string, by: 1 | -1): void => {
    const before = concurrency(key);
    const current = before.current + by;
    running.set(key, { current, max: Math.max(before.max, current) });
  };
  return {
    list,
    begin(seen: Seen, item: string | undefined): (status: number) => void {
      list.push(seen);
      if (list.length > KEPT) list.splice(0, KEPT / 10);
      counts.set(seen.path, (counts.get(seen.path) ?? 0) + 1);
      const keys = ['all', `${seen.rider} ${seen.method} ${seen.path}`, ...(item ? [item] : [])];
      for (const key of keys) step(key, 1);
      return (status) => {
        seen.status = status;
        for (const key of keys) step(key, -1);
      };
    },
    /** How many requests had a path that begins so, since the start or the last `forget`. */
    count: (prefix: string): number => {
      let total = 0;
      for (const [path, count] of counts) if (path.startsWith(prefix)) total += count;
      return total;
    },
    /** For an item (`trip/7`, either dialect's path), or `all`. */
    concurrent: (key = 'all'): Concurrency => concurrency(key),
    /** What a rider's token asked for again before it was answered, such as `1 GET /api/v1/trips/7.json`. */
    overlaps: (): string[] => [...running].filter(([key, { max }]) => max > 1 && key.includes(' ')).map(([key]) => key),
    forget(): void {
      list.length = 0;
      counts.clear();
      running.clear();
    },
  };
}

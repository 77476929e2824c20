export interface QuotaOptions {
  /** Requests in a window. */
  requests: number;
  /** A whole number of seconds, in milliseconds. */
  windowMs: number;
  /** Whether a 429 has a `Retry-After` too, which no public page says. */
  retryAfter: boolean;
}

/** As recorded with the official client library in 2014: the windows are the same for everybody, and end at a multiple of their length. */
export function createQuota({ requests, windowMs, retryAfter }: QuotaOptions, now: () => number) {
  const used = new Map<number, { window: number; count: number }>();
  let refused = 0;
  return {
    refused: () => refused,
    /** Counts a request of an account. */
    take(account: number): { ok: boolean; headers: Record<string, string> } {
      const window = Math.floor(now() / windowMs);
      const before = used.get(account);
      const count = before?.window === window ? before.count + 1 : 1;
      used.set(account, { window, count });
      const reset = Math.ceil(((window + 1) * windowMs) / 1_000);
      const ok = count <= requests;
      if (!ok) refused += 1;
      return {
        ok,
        headers: {
          'x-rate-limit-limit': String(requests),
          'x-rate-limit-remaining': String(Math.max(0, requests - count)),
          'x-rate-limit-reset': String(reset),
          ...(!ok && retryAfter && { 'retry-after': String(Math.max(1, reset - Math.floor(now() / 1_000))) }),
        },
      };
    },
  };
}

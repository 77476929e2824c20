import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, HttpClient } from '../../http/client.ts';
import { ProviderDown, RateLimited } from '../../http/errors.ts';

/** An hour at most, since the header may have meant something else. */
const LONGEST_MS = 3_600_000;
/** The provider counts in whole seconds. */
const MARGIN_MS = 1_000;
/** Others of the account ask too, so that the quota may be used up again when a listing wants to go on. */
const MOST_WAITS = 20;

/**
 * 300 requests in 300 seconds for an account, told with each answer: `X-Rate-Limit-Remaining` and `X-Rate-Limit-Reset` (epoch seconds). The
 * provider's page on rate limits says the same of a 429, where it may give no `Retry-After`.
 *
 * An account that has used up its quota is not asked again before the reset. Whoever fetches is told so, and its task waits. A listing
 * waits here instead: of a large account it needs more requests than the quota has, and begun anew each time it would never end.
 */
export function createPace(http: Pick<HttpClient, 'get'>, now: () => number) {
  /** Epoch milliseconds, our clock, by what the account is known by here: its token. */
  const resets = new Map<string, number>();
  const closing = new AbortController();

  /** @throws RateLimited */
  async function get(path: string, headers: Record<string, string>): Promise<Answer> {
    const name = headers.authorization ?? '';
    const wait = (resets.get(name) ?? 0) - now();
    if (wait > 0) throw new RateLimited(wait);
    resets.delete(name);
    try {
      const answer = await http.get(path, headers);
      const reset = resetIn(answer.headers);
      if (answer.headers['x-rate-limit-remaining'] === '0' && reset !== undefined) resets.set(name, reset);
      return answer;
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error;
      const reset = error.headers['retry-after'] === undefined ? resetIn(error.headers) : undefined;
      const until = reset ?? now() + error.wait;
      resets.set(name, until);
      throw new RateLimited(Math.max(until - now(), MARGIN_MS), error.headers);
    }
  }

  /** @returns on our clock; undefined where it is not told or has passed. */
  function resetIn(headers: Answer['headers']): number | undefined {
    const theirs = Date.parse(headers.date ?? '') || now();
    const reset = Number(headers['x-rate-limit-reset'] ?? Number.NaN) * 1_000 - theirs + now() + MARGIN_MS;
    return reset > now() ? Math.min(reset, now() + LONGEST_MS) : undefined;
  }

  return {
    get,
    async getInTime(path: string, headers: Record<string, string>): Promise<Answer> {
      for (let waits = 0; ; waits += 1) {
        try {
          return await get(path, headers);
        } catch (error) {
          if (!(error instanceof RateLimited) || waits === MOST_WAITS) throw error;
          await pause(error.wait);
        }
      }
    },
    close: () => closing.abort(),
  };

  async function pause(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: closing.signal });
    } catch (cause) {
      throw new ProviderDown('Slipstream was stopped while it waited for the rate limit.', { cause });
    }
  }
}

export type Pace = ReturnType<typeof createPace>;

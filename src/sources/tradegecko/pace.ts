import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, HttpClient } from '../../http/client.ts';
import { ProviderDown, RateLimited } from '../../http/errors.ts';

/** An hour at most, since the header may have meant something else. */
const LONGEST_MS = 3_600_000;
/** The provider counts in whole seconds. */
const MARGIN_MS = 1_000;
/** Others of the account ask too, so that the quota may be used up again when a listing wants to go on. */
const MOST_WAITS = 20;
/** Of its quota a listing leaves so much to whatever a webhook has announced meanwhile. */
const LEFT_BY_LISTINGS = 0.2;

/** What the last answer told. */
interface Quota {
  remaining: number;
  limit: number;
  /** Epoch milliseconds, our clock. */
  reset: number;
}

/**
 * 300 requests in 300 seconds for an account, told with each answer: `X-Rate-Limit-Remaining` and `X-Rate-Limit-Reset` (epoch seconds). The
 * provider's page on rate limits says the same of a 429, where it may give no `Retry-After`.
 *
 * An account that has used up its quota is not asked again before the reset. Whoever fetches is told so, and its task waits. A listing
 * waits here instead: of a large account it needs more requests than the quota has, and begun anew each time it would never end.
 */
export function createPace(http: Pick<HttpClient, 'get'>, now: () => number) {
  /** By what the account is known by here: its token. */
  const quotas = new Map<string, Quota>();
  const closing = new AbortController();

  /** @param leaving The share of the quota that is not to be touched. @throws RateLimited */
  async function ask(path: string, headers: Record<string, string>, leaving: number): Promise<Answer> {
    const name = headers.authorization ?? '';
    for (const [each, { reset }] of quotas) if (reset <= now()) quotas.delete(each);
    const quota = quotas.get(name);
    if (quota && quota.remaining <= quota.limit * leaving) throw new RateLimited(quota.reset - now());
    try {
      const answer = await http.get(path, headers);
      const told = quotaIn(answer.headers);
      if (told) quotas.set(name, told);
      return answer;
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error;
      const told = error.headers['retry-after'] === undefined ? quotaIn(error.headers) : undefined;
      const reset = told?.reset ?? now() + error.wait;
      quotas.set(name, { remaining: 0, limit: 0, reset });
      throw new RateLimited(Math.max(reset - now(), MARGIN_MS), error.headers);
    }
  }

  /** Undefined where it is not told, or has passed. */
  function quotaIn(headers: Answer['headers']): Quota | undefined {
    const number = (name: string) => Number(headers[name] ?? Number.NaN);
    const theirs = Date.parse(headers.date ?? '') || now();
    const reset = number('x-rate-limit-reset') * 1_000 - theirs + now() + MARGIN_MS;
    if (!(reset > now())) return undefined;
    const [remaining, limit] = [number('x-rate-limit-remaining'), number('x-rate-limit-limit') || 0];
    return { remaining, limit, reset: Math.min(reset, now() + LONGEST_MS) };
  }

  return {
    get: (path: string, headers: Record<string, string>): Promise<Answer> => ask(path, headers, 0),
    async getInTime(path: string, headers: Record<string, string>): Promise<Answer> {
      for (let waits = 0; ; waits += 1) {
        try {
          return await ask(path, headers, LEFT_BY_LISTINGS);
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

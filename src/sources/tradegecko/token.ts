import { Unauthorized } from '../../http/errors.ts';
import { isObject, isText } from '../element.ts';

/** Renewed this long before it runs out, so that no request is under way with it then; of a short life, a tenth of it before. */
const BEFORE_END_MS = 60_000;
const SHORT_LIFE_MS = 10 * BEFORE_END_MS;

/** What is sealed and stored as the account's token, as JSON. */
interface Tokens {
  access: string;
  /** Null for a privileged access token, which never runs out (the provider's page on those). */
  refresh: string | null;
  /** Epoch milliseconds, our clock: from then on it is renewed before its use; null where nobody said, and then when it is refused. */
  expiresAt: number | null;
}

/** @throws Unauthorized when it was not stored by this file: only whoever connects anew can help. */
export function tokensIn(token: string): Tokens {
  const stored = parsed(token);
  if (!isObject(stored)) throw new Unauthorized();
  const { access, refresh, expiresAt } = stored;
  if (!isText(access) || !(refresh === null || typeof refresh === 'string')) throw new Unauthorized();
  if (!(expiresAt === null || typeof expiresAt === 'number')) throw new Unauthorized();
  return { access, refresh, expiresAt };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const tokenOf = (tokens: Tokens): string => JSON.stringify(tokens);

export const presentToken = (token: string): Record<string, string> => ({
  authorization: `Bearer ${tokensIn(token).access}`,
});

export function hasExpired(token: string, now: number): boolean {
  const { expiresAt, refresh } = tokensIn(token);
  return refresh !== null && expiresAt !== null && expiresAt <= now;
}

/**
 * Out of the answer of `/oauth/token`; undefined when it is no such answer. Where no new refresh token came, the old one stays good. What
 * is said beside the tokens is no reason to lose them: the refresh token that they came for is worth nothing any more.
 */
export function tokensAnswered(answer: unknown, refresh: string | null, now: number): Tokens | undefined {
  if (!isObject(answer) || !isText(answer.access_token)) return undefined;
  const { access_token: access, refresh_token: renewed, expires_in: seconds } = answer;
  const life = typeof seconds === 'number' || isText(seconds) ? Number(seconds) * 1_000 : Number.NaN;
  const expiresAt = life >= 1_000 && life < Number.MAX_SAFE_INTEGER ? now + life - marginOf(life) : null;
  return { access, refresh: isText(renewed) ? renewed : refresh, expiresAt };
}

const marginOf = (life: number): number => (life < SHORT_LIFE_MS ? life / 10 : BEFORE_END_MS);

import { z } from 'zod';
import { Unauthorized } from '../../http/errors.ts';

/** Renewed this long before it runs out, so that no request is under way with it then. */
const BEFORE_END_MS = 60_000;

const stored = z.object({
  access: z.string().min(1),
  refresh: z.string().nullable(),
  expiresAt: z.number().nullable(),
});
const answered = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive().optional(),
});

/** What is sealed and stored as the account's token, as JSON. */
interface Tokens {
  access: string;
  /** Null for a privileged access token, which never runs out (the provider's page on those). */
  refresh: string | null;
  /** Epoch milliseconds, our clock; null where nobody said. */
  expiresAt: number | null;
}

/** @throws Unauthorized when it was not stored by this file: only whoever connects anew can help. */
export function tokensIn(token: string): Tokens {
  try {
    return stored.parse(JSON.parse(token));
  } catch {
    throw new Unauthorized();
  }
}

export const tokenOf = (tokens: Tokens): string => JSON.stringify(tokens);

export const presentToken = (token: string): Record<string, string> => ({
  authorization: `Bearer ${tokensIn(token).access}`,
});

export function hasExpired(token: string, now: number): boolean {
  const { expiresAt, refresh } = tokensIn(token);
  return refresh !== null && expiresAt !== null && expiresAt - now < BEFORE_END_MS;
}

/** Out of the answer of `/oauth/token`; undefined when it is no such answer. Where no new refresh token came, the old one stays good. */
export function tokensAnswered(answer: unknown, refresh: string | null, now: number): Tokens | undefined {
  const { data } = answered.safeParse(answer);
  if (!data) return undefined;
  const { access_token: access, refresh_token = refresh, expires_in } = data;
  return { access, refresh: refresh_token, expiresAt: expires_in === undefined ? null : now + expires_in * 1_000 };
}

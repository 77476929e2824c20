import type { Random } from '../random.ts';

/** Permission of one rider for one API client. It never expires: it lives until it is revoked. */
export interface Token {
  readonly token: string;
  readonly riderId: number;
  readonly apiKey: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

interface Code {
  riderId: number;
  apiKey: string;
  redirectUri: string;
  expiresAt: number;
}

const CODE_LIFE = 600_000;

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens({ random, clock }: { random: Random; clock: () => number }) {
  const tokens = new Map<string, Token>();
  const codes = new Map<string, Code>();
  return {
    issue(riderId: number, apiKey: string): Token {
      const token = { token: random.word(40), riderId, apiKey, createdAt: clock() };
      tokens.set(token.token, token);
      return token;
    },
    find: (token: string): Token | undefined => tokens.get(token),
    list: (): Token[] => [...tokens.values()],
    /** Whether this client may act for this rider at all; only such clients hear of the rider's changes. */
    connected: (riderId: number, apiKey: string): boolean =>
      [...tokens.values()].some((token) => token.riderId === riderId && token.apiKey === apiKey),
    revoke: (token: string): boolean => tokens.delete(token),
    revokeAll(riderId: number): void {
      for (const [key, token] of tokens) if (token.riderId === riderId) tokens.delete(key);
    },
    /** A code for one exchange within ten minutes. */
    issueCode(riderId: number, apiKey: string, redirectUri: string): string {
      const code = random.word(32);
      codes.set(code, { riderId, apiKey, redirectUri, expiresAt: clock() + CODE_LIFE });
      return code;
    },
    /** The code is spent even where the exchange fails. */
    redeem(code: string, apiKey: string, redirectUri: string): Token | undefined {
      const known = codes.get(code);
      codes.delete(code);
      if (!known || known.apiKey !== apiKey || known.redirectUri !== redirectUri || known.expiresAt < clock())
        return undefined;
      return this.issue(known.riderId, apiKey);
    },
  };
}

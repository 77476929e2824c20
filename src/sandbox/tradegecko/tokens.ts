import { randomBytes } from 'node:crypto';

interface Grant {
  account: number;
  revoked: boolean;
}

export interface GeckoTokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  scope: 'public';
  token_type: 'bearer';
}

/** Codes and tokens. A refresh token is good once; who uses it again is taken for a thief, and loses everything of the grant. */
export function createGeckoTokens(livesS: number, now: () => number) {
  const codes = new Map<string, { account: number; redirectUri: string }>();
  const access = new Map<string, { grant: Grant; until: number }>();
  const refresh = new Map<string, { grant: Grant; used: boolean }>();
  /** `rejected`: requests with an access token that is not good. */
  const counts = { refreshes: 0, reuses: 0, rejected: 0 };
  let refusing = false;

  function issue(grant: Grant): GeckoTokens {
    const [access_token, refresh_token] = [newToken(), newToken()];
    access.set(access_token, { grant, until: now() + livesS * 1_000 });
    refresh.set(refresh_token, { grant, used: false });
    return { access_token, refresh_token, expires_in: livesS, scope: 'public', token_type: 'bearer' };
  }

  return {
    counts,
    /** As when its user has just let a program in. */
    grant: (account: number): GeckoTokens => issue({ account, revoked: false }),
    issueCode(account: number, redirectUri: string): string {
      const code = newToken();
      codes.set(code, { account, redirectUri });
      return code;
    },
    redeem(code: string, redirectUri: string): GeckoTokens | undefined {
      const issued = codes.get(code);
      codes.delete(code);
      return issued?.redirectUri === redirectUri ? issue({ account: issued.account, revoked: false }) : undefined;
    },
    renew(token: string): GeckoTokens | undefined {
      const known = refresh.get(token);
      if (!known || refusing) return undefined;
      if (known.used) {
        counts.reuses += 1;
        known.grant.revoked = true;
      }
      if (known.grant.revoked) return undefined;
      known.used = true;
      counts.refreshes += 1;
      return issue(known.grant);
    },
    accountOf(token: string): number | undefined {
      const known = access.get(token);
      if (known && !known.grant.revoked && !refusing && known.until > now()) return known.grant.account;
      counts.rejected += 1;
      return undefined;
    },
    /** Every access token runs out now. */
    expire(): void {
      access.clear();
    },
    /** Every token is refused, until this is taken back. */
    refuse(yes: boolean): void {
      refusing = yes;
    },
    all: (): string[] => [...access.keys(), ...refresh.keys()],
  };
}

export type GeckoTokenStore = ReturnType<typeof createGeckoTokens>;

const newToken = (): string => randomBytes(32).toString('hex');

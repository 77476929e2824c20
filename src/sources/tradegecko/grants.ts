import type { TradeGeckoConfig } from '../../config.ts';
import type { HttpClient } from '../../http/client.ts';
import { NotTheProvider, Unacceptable, Unauthorized } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import type { Source } from '../source.ts';
import { isProviderError } from './errors.ts';
import { idIn } from './resources.ts';
import { hasExpired, presentToken, tokenOf, tokensAnswered, tokensIn } from './token.ts';

/** How tokens come about and are renewed. Source: the provider's pages on OAuth: JSON both ways, the client's secret in the body. */
export function createGrants(
  { baseUrl, clientId, clientSecret }: TradeGeckoConfig,
  http: Pick<HttpClient, 'postJson'>,
  whoAmI: Source['whoAmI'],
  now: () => number,
): Required<Pick<Source, 'authorization' | 'renewal' | 'enrol'>> {
  /** @throws Unauthorized when the grant is refused: an expired or used refresh token is told as 400 `invalid_request`. */
  async function ask(grant: Record<string, string>, refresh: string | null): Promise<string> {
    const body = { client_id: clientId, client_secret: clientSecret, ...grant };
    const answer = await http.postJson('/oauth/token', {}, body);
    if ((answer.status === 400 || answer.status === 401) && isProviderError(answer.body)) throw new Unauthorized();
    const tokens = answer.status === 200 ? tokensAnswered(parseJson(answer), refresh, now()) : undefined;
    // Never with the answer: there may be a token in it.
    if (!tokens) throw new NotTheProvider(`It answered ${answer.status} to the question for a token.`);
    return tokenOf(tokens);
  }

  /** The same refresh token is good once: whoever calls this has stored what came of it before anybody uses it (`tokens.ts`). */
  async function renew(token: string): Promise<string> {
    const { refresh } = tokensIn(token);
    if (refresh === null) throw new Unauthorized();
    // The old page wants `redirect_uri` too; the provider's own library does without.
    return ask({ grant_type: 'refresh_token', refresh_token: refresh }, refresh);
  }

  /** Systems that speak this dialect may not tell whose a token is: then it is that of the only account, unless the operator named it. */
  async function connected(token: string, named?: string): Promise<{ id: string; name: string; token: string }> {
    try {
      const { userId, name } = await whoAmI({ headers: presentToken(token) });
      return { id: named ?? userId, name, token };
    } catch (error) {
      if (!(error instanceof NotTheProvider)) throw error;
      return { id: named ?? ONLY_ACCOUNT, name: '', token };
    }
  }

  /** The refresh token was used up for these: where the account has a name already, nothing but a refusal is a reason to lose them. */
  async function connectedOnce(token: string, named?: string): Promise<{ id: string; name: string; token: string }> {
    try {
      return await connected(token, named);
    } catch (error) {
      if (named === undefined || error instanceof Unauthorized) throw error;
      return { id: named, name: '', token };
    }
  }

  return {
    authorization: {
      address(redirectUri, state) {
        const url = new URL('/oauth/authorize', baseUrl);
        url.search = new URLSearchParams({
          response_type: 'code',
          client_id: clientId,
          redirect_uri: redirectUri,
          state,
        }).toString();
        return url.href;
      },
      redeem: async (code, redirectUri) =>
        connected(await ask({ grant_type: 'authorization_code', code, redirect_uri: redirectUri }, null)),
    },
    renewal: { hasExpired, renew },

    /** `access-token` and `refresh-token`; a privileged access token comes alone. `account`: by which number it is known here. */
    async enrol(given) {
      const { 'access-token': access = '', 'refresh-token': refresh = null } = given;
      if (!access) throw new Unacceptable('incomplete', NO_TOKEN);
      const named = given.account === undefined ? undefined : idIn(given.account);
      if (given.account !== undefined && !named) throw new Unacceptable('account', NO_NUMBER);
      const token = tokenOf({ access, refresh: refresh || null, expiresAt: null });
      try {
        return await connected(token, named).catch((error: unknown) => {
          if (!(error instanceof Unauthorized) || !refresh) throw error;
          return renew(token).then((renewed) => connectedOnce(renewed, named));
        });
      } catch (error) {
        if (error instanceof Unauthorized) throw new Unacceptable('refused', REFUSED);
        throw error;
      }
    },
  };
}

const ONLY_ACCOUNT = '1';

const NO_NUMBER = 'The account of TradeGecko must be a number of at most 19 digits. Nothing was stored.';
const NO_TOKEN =
  'TradeGecko needs --access-token and --refresh-token, as its OAuth gave them. A privileged access token comes alone. Nothing was stored.';
const REFUSED =
  'TradeGecko refuses these tokens. Nothing was stored. Get new ones from it, or connect in the browser: a refresh token is good only once.';

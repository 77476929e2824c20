import { randomInt } from 'node:crypto';
import type { AuthorizationCode } from 'simple-oauth2';
import { z } from 'zod';
import { circuitName } from './breaker.ts';
import type { ClientConfig, Config } from './config.ts';
import { isPublic } from './config.ts';
import type { Jobs } from './jobs/jobs.ts';
import { troubleName } from './reconcile.ts';
import type { Seal } from './seal.ts';
import { createSignedState, sameText } from './signed-state.ts';
import { silenceName } from './silence.ts';
import type { Source } from './sources/source.ts';
import type { Account, AccountReader, AccountWriter, TokenKind } from './storage/accounts.ts';
import type { Board } from './storage/board.ts';
import type { Inbox } from './storage/inbox.ts';
import type { AccountRef } from './vocabulary.ts';

export interface ConnectParts {
  config: Config;
  source: Source;
  seal: Seal;
  accounts: AccountReader;
  writer: AccountWriter;
  inbox: Inbox;
  jobs: Pick<Jobs, 'ask'>;
  board: Pick<Board, 'offer' | 'put'>;
  now: () => number;
  onError: (error: unknown) => void;
}

/** On the board, until there is an owner. */
const SET_UP_CODE = 'set-up code';

export type Door = 'open' | 'set-up-code' | 'closed' | 'login-link';
export type Begun = { ok: true; url: string; cookie: string } | { ok: false; why: 'wrong-code' | 'no-oauth' };
export type Completed =
  | { ok: true; account: Account }
  | { ok: false; why: 'refused' | 'forged' | 'used' | 'closed' | 'unreachable' };

const token = z.object({ access_token: z.string().min(1), user_id: z.union([z.number(), z.string()]).optional() });

/** Connecting an account in the browser (OAuth), and letting go of it. */
export function createConnect(parts: ConnectParts) {
  const { config, source, seal, accounts, writer, inbox, jobs, board, now, onError } = parts;
  const redirectUri = `${config.publicUrl}/connect/ridewithgps/callback`;
  const states = createSignedState(seal.subKey('connect state'), now);
  const clients = oauthClients(config);
  const newCode = String(randomInt(1e8))
    .padStart(8, '0')
    .replace(/(\d{4})/, '$1-');

  /**
   * Shown in the terminal of whoever starts Slipstream: on a public address anybody else could be the first to come. Of several
   * processes the first one makes it, and any may be asked for it.
   */
  const setUpCode = async (): Promise<string> => String(await board.offer(SET_UP_CODE, newCode));

  async function door(): Promise<Door> {
    if (clients.size === 0) return 'login-link';
    const isFresh = (await accounts.riders()).length === 0;
    if (isFresh) return isPublic(config) ? 'set-up-code' : 'open';
    return config.signup === 'first' ? 'closed' : 'open';
  }

  /** Where to send the browser, and the cookie that only this browser gets. */
  async function begin(code: string | undefined): Promise<Begun> {
    const [[apiKey, client] = []] = clients;
    if (apiKey === undefined || !client) return { ok: false, why: 'no-oauth' };
    if ((await door()) === 'set-up-code' && !sameText(code ?? '', await setUpCode()))
      return { ok: false, why: 'wrong-code' };
    const { state, cookie } = states.begin(apiKey);
    return { ok: true, url: (await client()).authorizeURL({ redirect_uri: redirectUri, state }), cookie };
  }

  /** What the provider sent the browser back with. */
  async function complete(
    query: { code: string | undefined; state: string | undefined; error: string | undefined },
    cookie: string | undefined,
  ): Promise<Completed> {
    const apiKey = states.purposeOf(cookie, query.state);
    const client = apiKey === undefined ? undefined : clients.get(apiKey);
    if (apiKey === undefined || !client) return { ok: false, why: 'forged' };
    if (query.error !== undefined || !query.code) return { ok: false, why: 'refused' };
    const exchanged = await exchange(await client(), query.code);
    if (typeof exchanged === 'string') return { ok: false, why: exchanged };
    return admit(apiKey, await client(), exchanged.access_token);
  }

  async function exchange(
    client: AuthorizationCode,
    code: string,
  ): Promise<z.output<typeof token> | 'used' | 'unreachable'> {
    try {
      const { token: answer } = await client.getToken({ code, redirect_uri: redirectUri });
      return token.parse(answer);
    } catch (error) {
      onError(error);
      return isRefusal(error) ? 'used' : 'unreachable';
    }
  }

  async function admit(apiKey: string, client: AuthorizationCode, accessToken: string): Promise<Completed> {
    const who = await whoIs(apiKey, 'bearer', accessToken);
    if (!who) return { ok: false, why: 'unreachable' };
    if (!(await isWelcome(who.userId))) {
      await client.createToken({ access_token: accessToken }).revoke('access_token').catch(onError);
      return { ok: false, why: 'closed' };
    }
    return { ok: true, account: await store(apiKey, 'bearer', accessToken, who) };
  }

  async function whoIs(apiKey: string, tokenKind: TokenKind, value: string) {
    try {
      return await source.whoAmI({ headers: source.present(value, { tokenKind, client: apiKey, user_id: '' }) });
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  /** Whoever is here already may come back; who else may come is what `SIGNUP` says. */
  async function isWelcome(userId: string): Promise<boolean> {
    const all = await accounts.riders();
    if (all.some(({ user_id }) => user_id === userId)) return true;
    if (config.signup === 'open') return true;
    return config.signup === 'first' ? all.length === 0 : config.signup.includes(userId);
  }

  async function store(
    apiKey: string,
    tokenKind: TokenKind,
    value: string,
    who: { userId: string; name: string },
  ): Promise<Account> {
    const ref: AccountRef = { source: 'ridewithgps', account: who.userId };
    const before = await accounts.find(ref);
    const sealedToken = seal.seal(value, ref);
    const account = await writer.connect({
      ...ref,
      name: who.name,
      client: apiKey,
      tokenKind,
      sealedToken,
      connectedAt: now(),
    });
    // The code has let somebody in, and is over.
    await board.put(SET_UP_CODE, undefined).catch(onError);
    await inbox.unpark(ref, now());
    // The first time everything there is; after an absence what was missed, and an audit of whether that was all.
    await jobs.ask('connected', { ...ref, before: Boolean(before?.cursor) });
    return account;
  }

  async function revoke(account: Account): Promise<void> {
    const ref: AccountRef = { source: account.source, account: account.user_id };
    const sealed = await accounts.sealedToken(ref);
    const client = clients.get(account.client);
    if (!sealed || !client || account.tokenKind !== 'bearer') return;
    try {
      await (await client()).createToken({ access_token: seal.open(sealed, ref) }).revoke('access_token');
    } catch (error) {
      // It is forgotten here in any case; the rider can revoke it at the provider too.
      onError(error);
    }
  }

  return {
    door,
    begin,
    complete,
    setUpCode,
    redirectUri,
    /** `RWGPS_AUTH_TOKEN`: one rider or an organisation, without OAuth. @returns undefined when the provider could not be asked. */
    async useAuthToken(): Promise<Account | undefined> {
      const { authToken } = config.ridewithgps;
      if (!authToken) return undefined;
      const who = await whoIs(authToken.apiKey, 'auth-token', authToken.token);
      return who && store(authToken.apiKey, 'auth-token', authToken.token, who);
    },
    /** Revokes the token at the provider, then keeps or erases what was copied. */
    async disconnect(account: Account, data: 'keep' | 'erase'): Promise<void> {
      const ref: AccountRef = { source: account.source, account: account.user_id };
      await revoke(account);
      await writer.disconnect(ref);
      await inbox.forget(ref);
      for (const name of [troubleName(ref), silenceName(ref), circuitName(ref)])
        await board.put(name, undefined).catch(onError);
      if (data === 'keep') return;
      await writer.erase(ref);
      await inbox.eraseTaken();
    },
  };
}

export type Connect = ReturnType<typeof createConnect>;

function oauthClients(config: Config): Map<string, () => Promise<AuthorizationCode>> {
  const clients = new Map<string, () => Promise<AuthorizationCode>>();
  for (const { apiKey, oauth } of config.ridewithgps.clients) {
    if (oauth) clients.set(apiKey, () => oauthOf(config, oauth));
  }
  return clients;
}

/** Credentials go in the body as JSON, and the paths end in `.json`: the provider's page on OAuth. */
async function oauthOf(
  { ridewithgps }: Config,
  { clientId, clientSecret }: NonNullable<ClientConfig['oauth']>,
): Promise<AuthorizationCode> {
  // Loading it is a sixth of the time that the program takes to start, and it is needed once in months.
  const { AuthorizationCode } = await import('simple-oauth2');
  return new AuthorizationCode({
    client: { id: clientId, secret: clientSecret },
    auth: {
      tokenHost: ridewithgps.baseUrl,
      authorizePath: '/oauth/authorize',
      tokenPath: '/oauth/token.json',
      revokePath: '/oauth/revoke.json',
    },
    options: { authorizationMethod: 'body', bodyFormat: 'json' },
    http: { timeout: 15_000, maxBytes: 100_000 },
  });
}

/** An answer of 4xx: the code was used, forged or too old. */
function isRefusal(error: unknown): boolean {
  const output = error instanceof Error && 'output' in error ? error.output : undefined;
  const status =
    typeof output === 'object' && output !== null && 'statusCode' in output ? Number(output.statusCode) : 0;
  return status >= 400 && status < 500;
}

import type { Config } from './config.ts';
import { Unauthorized } from './http/errors.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Seal } from './seal.ts';
import { createSignedState } from './signed-state.ts';
import type { Source } from './sources/source.ts';
import type { Account, AccountReader, AccountWriter } from './storage/accounts.ts';
import type { Inbox } from './storage/inbox.ts';
import type { AccountRef, SourceName } from './vocabulary.ts';

export interface ConnectSourceParts {
  config: Pick<Config, 'publicUrl'>;
  sources: ReadonlyMap<SourceName, Source>;
  seal: Seal;
  accounts: Pick<AccountReader, 'find'>;
  writer: Pick<AccountWriter, 'connect'>;
  inbox: Pick<Inbox, 'unpark'>;
  jobs: Pick<Jobs, 'ask'>;
  now: () => number;
  onError: (error: unknown) => void;
}

export type SourceCompleted =
  | { ok: true; account: Account }
  | { ok: false; why: 'refused' | 'forged' | 'used' | 'unreachable' };

/** Connecting an account of a source whose users do not sign in here. What comes from it belongs to the owner of the installation. */
export function createConnectSource(parts: ConnectSourceParts) {
  const { config, sources, seal, accounts, writer, inbox, jobs, now, onError } = parts;
  // Not the key of riders: what lets somebody sign in must not connect a source, nor the other way round.
  const states = createSignedState(seal.subKey('connect source state'), now);
  const redirectUri = (source: SourceName): string => `${config.publicUrl}/connect/${source}/callback`;
  const authorizationOf = (source: SourceName) => sources.get(source)?.authorization;
  const purposeOf = (source: SourceName, owner: Account): string => `${source} ${owner.id}`;

  return {
    /** Where to send the browser, and the cookie that only it gets; undefined where the source is not connected in this way. */
    begin(source: SourceName, owner: Account): { url: string; cookie: string } | undefined {
      const authorization = authorizationOf(source);
      if (!authorization) return undefined;
      const { state, cookie } = states.begin(purposeOf(source, owner));
      return { url: authorization.address(redirectUri(source), state), cookie };
    },

    /** What the provider sent the browser back with. */
    async complete(
      source: SourceName,
      owner: Account,
      query: { code: string | undefined; state: string | undefined; error: string | undefined },
      cookie: string | undefined,
    ): Promise<SourceCompleted> {
      const authorization = authorizationOf(source);
      if (!authorization || states.purposeOf(cookie, query.state) !== purposeOf(source, owner))
        return { ok: false, why: 'forged' };
      if (query.error !== undefined || !query.code) return { ok: false, why: 'refused' };
      try {
        const connected = await authorization.redeem(query.code, redirectUri(source));
        return { ok: true, account: await store(source, connected) };
      } catch (error) {
        onError(error);
        return { ok: false, why: error instanceof Unauthorized ? 'used' : 'unreachable' };
      }
    },

    store,
  };

  /** Keeps the account with its token, and copies what it has: all of it the first time, and after an absence what was missed. */
  async function store(
    source: SourceName,
    { id, name, token }: { id: string; name: string; token: string },
  ): Promise<Account> {
    const ref: AccountRef = { source, account: id };
    const before = await accounts.find(ref);
    const sealedToken = seal.seal(token, ref);
    const account = await writer.connect({
      ...ref,
      name,
      client: '',
      tokenKind: 'bearer',
      sealedToken,
      connectedAt: now(),
    });
    await inbox.unpark(ref, now());
    await jobs.ask('connected', { ...ref, before: Boolean(before?.cursor) });
    return account;
  }
}

export type ConnectSource = ReturnType<typeof createConnectSource>;

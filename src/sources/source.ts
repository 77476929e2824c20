import type { IncomingHttpHeaders } from 'node:http';
import type { Answered } from '../evidence.ts';
import type { Account } from '../storage/accounts.ts';
import type { Description } from '../storage/items.ts';
import type { AccountRef, Key, Notification, Problem, SourceName, Statement } from '../vocabulary.ts';

/** What is known of a webhook request before its body is there. */
export interface RequestHead {
  headers: IncomingHttpHeaders;
  /** Of `/webhooks/{source}/{account}`: letters, digits, `.`, `_`, `-`, at most 128. */
  account?: string;
  /** Of `?secret=`, where it was given once. */
  secret?: string;
}

/** A webhook request before anything of it is believed. */
export interface RawRequest extends RequestHead {
  body: Buffer;
}

/** `client`: whose secret verified it, or the account that the address names. It is kept with the delivery. */
type Verification = { ok: true; client: string } | { ok: false; message: string };

export type Parsed = { ok: true; value: unknown } | { ok: false; problem: Problem };

/** As read out of a delivery: a privacy code is still plain here, and sealed before it is stored. */
export type ReadNotification = Omit<Notification, 'secret'> & { secret?: string };

export interface Reading {
  notifications: ReadNotification[];
  /** Elements that could not be read, each with its JSON text. */
  rejections: { problem: Problem; evidence: string }[];
}

/** What a request to the provider is made with. */
export interface Credentials {
  headers: Record<string, string>;
  /** The account's own address at the provider, where it has one. */
  endpoint?: string;
  /** The item's privacy code, if it has one. */
  secret?: string;
}

/** What the source says now to this account. */
export type Snapshot =
  | {
      kind: 'present';
      raw: Buffer;
      beganAt: number;
      describe: () => Description;
      /** Out of a statement: its version alone decides what is newer, also against a deletion. */
      stated?: boolean;
    }
  /** 404 or 410 in the provider's own error shape; or stated, then with its version. */
  | { kind: 'gone'; version?: string }
  /** 403 in the provider's own error shape. */
  | { kind: 'forbidden'; answer?: Answered }
  /** The whole set of what is pinned now. */
  | { kind: 'pins'; pins: { type: string; id: string }[] }
  /** The token works. */
  | { kind: 'accepted' };

/** What came of looking after a webhook that was silent. */
export type Revival =
  /** The provider says that it sends. */
  | { kind: 'sends' }
  /** It had stopped, and sends again. */
  | { kind: 'revived' }
  /** It cannot be seen or revived from here; a sentence for people. */
  | { kind: 'unknown'; sentence: string };

export interface Change {
  type: string;
  id: string;
  action: string;
  /** Epoch milliseconds, the provider's clock. */
  happenedAt: number;
  announcesDeletion: boolean;
  statement?: Statement;
}

export interface Changes {
  changes: Change[];
  /** What to pass next time; where the source's `cursor` is a time, ISO 8601 on the provider's clock. */
  cursor: string;
  /** Provider's clock minus ours, milliseconds. */
  clockOffset: number;
  /** A webhook should have named each of these: one that none named is drift. */
  announced: boolean;
}

export interface InventoryEntry {
  type: string;
  id: string;
  /** ISO 8601 in UTC; null where a listing does not tell: then each listing is a reason to fetch, and no difference. */
  version: string | null;
}

/** Everything that the account has at the provider now. */
export interface Inventory {
  owned: InventoryEntry[];
  pinned: InventoryEntry[];
  /** Types that the provider does not list: each known item of them is a reason to fetch, and no difference. */
  notListed?: readonly string[];
}

/** One provider with its dialect. Reading webhooks is pure; the rest talks to the provider and runs in workers. */
export interface Source {
  name: SourceName;
  /** Headers of a webhook worth keeping with its delivery; never a secret or a signature. */
  keptHeaders: readonly string[];
  /** Each account has an address of its own, `/webhooks/{source}/{account}`; else there is one for all. */
  addressedByAccount: boolean;
  /** Why it cannot be from the provider whatever its body is, so that nothing of the body needs to be kept; undefined: it may be. */
  refuses(head: RequestHead): string | undefined;
  /** Is it from the provider? Looks at raw bytes, before anything is parsed. */
  verify(request: RawRequest): Verification;
  /**
   * What to answer to a request that only asks whether the address is ours; undefined for every other one. Asked after the signature
   * was verified, or while the operator sets the source up.
   */
  handshake?(value: unknown): Record<string, string> | undefined;
  /** Is there something as secret as a token in the body? Asked before each acknowledgement, so it looks at bytes alone. */
  holdsSecret(body: Buffer): boolean;
  /** The text of a body or a part of it, without that. */
  withoutSecret(text: string): string;
  /** Only as far as needed to answer 400. */
  parse(body: Buffer): Parsed;
  /** @param learntAt Epoch milliseconds, our clock. @param client What `verify` said. */
  read(value: unknown, learntAt: number, client: string): Reading;
  /** One element that an earlier version could not read. */
  readElement(element: unknown, learntAt: number, client: string): Reading;

  /** A body that was fetched some time. @throws NotTheProvider when it is not that item. */
  describe(raw: Buffer, key: Key): Description;

  /** What names this very request to its sender: one that was kept before, with the same bytes, need not be kept again. Guards nothing. */
  repeats?(request: RequestHead): string | undefined;

  /** Connecting an account in the browser, for the owner of the installation. */
  authorization?: {
    /** Where to send the browser. */
    address(redirectUri: string, state: string): string;
    /** @throws Unauthorized when the code is not taken. */
    redeem(code: string, redirectUri: string): Promise<{ id: string; name: string; token: string }>;
  };
  /** Makes an account out of what the operator gives on the command line: option names of `slipstream accounts add`. @throws Unacceptable with a sentence that says what is missing or wrong. */
  enrol?(given: Readonly<Record<string, string>>): Promise<{ id: string; name: string; token: string }>;
  /** The one account of a source that is configured by the environment alone. */
  ownAccount?: { id: string; name: string };
  /** The secret part of the address to register at the provider, `?secret=…`. */
  webhookQuery?(account: string): string;
  /** How an account's stored token is presented. */
  present(token: string, account: Pick<Account, 'tokenKind' | 'client' | 'user_id'>): Record<string, string>;
  /** Where the token is to be used, for a provider that serves each account from an address of its own. */
  endpoint?(token: string): string;
  /** For tokens that are renewed: see `tokens.ts`. */
  renewal?: {
    /** It has run out, or will within a minute. @param now Epoch milliseconds. */
    hasExpired(token: string, now: number): boolean;
    /** @returns the new token, to be stored in place of this one. @throws Unauthorized when the provider does not renew it any more. */
    renew(token: string): Promise<string>;
  };

  /** Whether one item of this type can be asked for without a statement about it; without this all can. */
  canAskFor?(type: string): boolean;
  /** @throws RateLimited Unauthorized ProviderDown NotTheProvider TooLarge Unacceptable */
  fetch(key: Key, credentials: Credentials, statement?: Statement): Promise<Snapshot>;
  /** `time`: an instant, asked for with an overlap. `mark`: the provider's own word, passed back as it came. */
  cursor: 'time' | 'mark';
  /** @param cursor null: everything there is. Without this, catching up compares the inventory; without both there is none. */
  changesSince?(cursor: string | null, credentials: Credentials): Promise<Changes>;
  /** Everything that the account has: what audits compare. */
  inventory?(credentials: Credentials): Promise<Inventory>;
  /**
   * The bytes of a photo, from an address that a body has named: without a token, and from the provider's own hosts only.
   *
   * @throws Elsewhere RateLimited ProviderDown NotTheProvider TooLarge
   */
  download?(url: string): Promise<Buffer>;
  whoAmI(credentials: Credentials): Promise<{ userId: string; name: string }>;
  /**
   * For a provider that stops sending after failures until it is told to go on: looks whether it has stopped, and tells it. Asked when
   * changes were found that should have been announced.
   *
   * @throws Unauthorized RateLimited ProviderDown NotTheProvider TooLarge Unacceptable
   */
  reviveWebhook?(account: string, credentials: Credentials): Promise<Revival>;
  close(): Promise<void>;
}

/** Whether anything can be found that no webhook brought. */
export const canCatchUp = (source: Pick<Source, 'changesSince' | 'inventory'> | undefined): boolean =>
  Boolean(source?.changesSince ?? source?.inventory);

/** The keys that are not items: the set of pins, the probe of the token, and "something changed" of a source that does not say what. */
export const pinsOf = ({ source, account }: AccountRef): Key => ({ source, account, type: 'pinned', id: 'pinned' });
export const changesOf = ({ source, account }: AccountRef): Key => ({ source, account, type: 'changes', id: 'all' });
/** The same, where what was learnt so far does not matter: everything is listed again. */
export const everythingOf = (ref: AccountRef): Key => ({ ...changesOf(ref), id: 'everything' });
export const probeOf = ({ source, account }: AccountRef): Key => ({ source, account, type: 'account', id: 'token' });

/** How a key is spoken of, at the beginning of a sentence. */
export const titleOf = ({ type, id }: Key): string =>
  TITLES.get(type) ?? `${type.charAt(0).toUpperCase()}${type.slice(1).replaceAll('_', ' ')} ${id}`;

const TITLES: ReadonlyMap<string, string> = new Map([
  ['pinned', 'The list of what is pinned'],
  ['account', 'The token'],
  ['changes', 'What changed'],
]);

import type { AccountRef, AccountState, SourceName } from '../vocabulary.ts';
import type { Preferences } from './preferences.ts';

/** How the account's token is presented: OAuth bearer, or the API key with an auth token (one rider or an organisation). */
export type TokenKind = 'bearer' | 'auth-token';

/** A connected user as pages and the pipeline see it. The token is not in it. */
export interface Account {
  /** The mirror's own row id. */
  id: number;
  source: SourceName;
  user_id: string;
  name: string;
  /** The API key of the client through which the account was connected. */
  client: string;
  state: AccountState;
  /** The installation's owner: the first rider who connected. */
  owner: boolean;
  tokenKind: TokenKind;
  /** ISO 8601 on the provider's clock: up to where reconciliation has caught up; null before the backfill is listed. */
  cursor: string | null;
  /** How many items the backfill listed; null before. */
  backfillTotal: number | null;
  /** Epoch milliseconds. */
  connectedAt: number;
  lastReconciledAt: number | null;
  lastAudit: { at: number; compared: number; different: number } | null;
  preferences: Preferences;
}

interface NewAccount extends AccountRef {
  name: string;
  client: string;
  tokenKind: TokenKind;
  /** Sealed by `seal.ts`, bound to source and account. */
  sealedToken: Buffer;
  connectedAt: number;
}

export interface AccountReader {
  /** Of every source. */
  list(): Promise<Account[]>;
  /** Those who can sign in. */
  riders(): Promise<Account[]>;
  byId(id: number): Promise<Account | undefined>;
  find(ref: AccountRef): Promise<Account | undefined>;
  sealedToken(ref: AccountRef): Promise<Buffer | undefined>;
}

export interface AccountWriter {
  /** Adds the account or gives it its new token and makes it active again. The first rider ever becomes the owner. */
  connect(account: NewAccount): Promise<Account>;
  setState(ref: AccountRef, state: AccountState): Promise<void>;
  /** Puts a renewed token, sealed, in place of the one that is stored. Who has disconnected meanwhile stays so. */
  renew(ref: AccountRef, sealedToken: Buffer): Promise<void>;
  /** Forgets the token; keeps everything else. */
  disconnect(ref: AccountRef): Promise<void>;
  /** Forgets the account and everything that only it had. */
  erase(ref: AccountRef): Promise<void>;
  /** Moves the cursor; `cursor` must cover only what is durably in the inbox (promise 6). */
  reconciled(ref: AccountRef, cursor: string, at: number, backfillTotal?: number): Promise<void>;
  /** Lists everything again and audits it: what waited in an inbox is not there any more. What is here already is not fetched again. */
  rewind(ref: AccountRef): Promise<void>;
  prefer(ref: AccountRef, preferences: Preferences): Promise<void>;
  audited(ref: AccountRef, audit: { at: number; compared: number; different: number }): Promise<void>;
}

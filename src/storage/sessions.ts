/** A personal token as its owner sees it: its value is shown once and stored as a hash. */
export interface PersonalToken {
  id: number;
  name: string;
  /** Epoch milliseconds. */
  createdAt: number;
}

/** Who is looking. Secrets come in as hashes only. Times are epoch milliseconds. */
export interface SessionReader {
  /** The account of a session that has not expired. */
  accountOfSession(hash: Buffer, now: number): Promise<number | undefined>;
  accountOfToken(hash: Buffer): Promise<number | undefined>;
  tokens(accountId: number): Promise<PersonalToken[]>;
}

export interface SessionWriter {
  /** Also forgets sessions that have expired. */
  open(hash: Buffer, accountId: number, now: number, expiresAt: number): Promise<void>;
  end(hash: Buffer): Promise<void>;
  addToken(accountId: number, name: string, hash: Buffer, now: number): Promise<PersonalToken>;
  revokeToken(accountId: number, id: number): Promise<boolean>;
  addLoginLink(hash: Buffer, accountId: number, expiresAt: number): Promise<void>;
  /** Uses a link up. @returns its account, once, and before it expires. */
  useLoginLink(hash: Buffer, now: number): Promise<number | undefined>;
}

import { type Answered, answerEvidence, withoutTexts } from './evidence.ts';
import { NotTheProvider, ProviderDown, RateLimited, TooLarge, Unacceptable, Unauthorized } from './http/errors.ts';
import { type Applied, applySnapshot, type Decoding } from './mirror.ts';
import { type Seal, Unsealable } from './seal.ts';
import { type Credentials, type Snapshot, type Source, titleOf } from './sources/source.ts';
import type { Account, AccountReader } from './storage/accounts.ts';
import { isStorageError } from './storage/failure.ts';
import type { Items, ItemWriter } from './storage/items.ts';
import { type StaleToken, staleToken, TokenStale } from './tokens.ts';
import {
  type AccountRef,
  type Claim,
  type Notification,
  type Problem,
  SOURCE_TITLES,
  type SourceName,
  type Statement,
} from './vocabulary.ts';

/** What a worker needs: one set for each thread, built in `worker-thread.ts`. */
export interface WorkerParts {
  sources: ReadonlyMap<SourceName, Source>;
  seal: Seal;
  accounts: AccountReader;
  items: Items;
  writer: ItemWriter;
  now: () => number;
}

/** How a fetch ended. Expected failures are values: they become the task's state. `evidence` is what the provider answered. */
export type Outcome =
  | { kind: 'applied'; outcome: string; followUps: Notification[] }
  /** Nobody is connected who could ask. */
  | { kind: 'nobody' }
  | { kind: 'confirm'; at: number; reason: string }
  | { kind: 'rate-limited'; until: number }
  | { kind: 'unauthorized' }
  /** Either nothing was asked, or it was refused: the token has to be renewed first. */
  | StaleToken
  /** The stored token cannot be opened: only its owner can help. */
  | { kind: 'locked-out' }
  | { kind: 'provider-down'; reason: string; evidence?: string }
  /** A fault of our own, met with this body. */
  | { kind: 'broken'; reason: string; evidence?: string }
  /** Our own disk: full, locked, broken. */
  | { kind: 'storage-down'; reason: string }
  | { kind: 'failed'; problem: Problem; evidence?: string };

/** How a fetch ended that failed. */
type Failure = Exclude<Outcome, { kind: 'applied' | 'nobody' | 'confirm' | 'storage-down' }> & { evidence?: string };

/** Token ▸ fetch ▸ apply: the whole life of one task. */
export async function fetchItem(parts: WorkerParts, claim: Claim, decoding: Decoding): Promise<Outcome> {
  try {
    return await fetchAndApply(parts, claim, decoding);
  } catch (error) {
    if (isStorageError(error)) return { kind: 'storage-down', reason: error.message };
    throw error;
  }
}

async function fetchAndApply(parts: WorkerParts, claim: Claim, decoding: Decoding): Promise<Outcome> {
  const { key } = claim;
  const account = await parts.accounts.find(key);
  const source = parts.sources.get(key.source);
  if (!account || !source || account.state === 'disconnected') return { kind: 'nobody' };
  let credentials: Credentials | undefined;
  let snapshot: Snapshot | undefined;
  const evidence = (error?: unknown): string =>
    answerEvidence(answerIn(error, snapshot), (text) =>
      source.withoutSecret(withoutTexts(text, secretsIn(credentials))),
    );
  try {
    const secret = await secretOf(parts, account, claim);
    snapshot = await asAccount(parts, account, source, (own) => {
      credentials = { ...own, ...(secret && { secret }) };
      return source.fetch(key, credentials, statementOf(claim));
    });
    return outcomeOf(await applySnapshot(parts.writer, account, claim, snapshot, parts.now, decoding), evidence);
  } catch (error) {
    if (isStorageError(error)) throw error;
    return recorded(parts, account, claim, { ...failureOf(error, claim, parts.now()), evidence: evidence(error) });
  }
}

/** On its way to another thread a `Buffer` becomes a `Uint8Array`, whose `toString` makes no text of it. */
const statementOf = ({ statement }: Claim): Statement | undefined =>
  statement && { ...statement, body: statement.body && Buffer.from(statement.body) };

/** What the provider had answered when the fetch failed. */
function answerIn(error: unknown, snapshot: Snapshot | undefined): Answered | undefined {
  if (error instanceof Error && 'answer' in error && error.answer) return error.answer as Answered;
  if (snapshot?.kind === 'forbidden') return snapshot.answer;
  return snapshot?.kind === 'present' ? { status: 200, body: snapshot.raw } : undefined;
}

/** An answer may repeat what it was asked with. */
const secretsIn = (credentials: Credentials | undefined): string[] =>
  credentials
    ? [...Object.values(credentials.headers).map((value) => value.replace(/^\w+ /, '')), credentials.secret ?? '']
    : [];

/** The one that came with the notification, or the one kept with the item from an earlier one. */
async function secretOf(
  { items, seal }: WorkerParts,
  account: Account,
  { key, secret }: Claim,
): Promise<string | undefined> {
  const sealed = secret ?? (await items.secret({ accountId: account.id, type: key.type, id: key.id }));
  try {
    return sealed && seal.open(Buffer.from(sealed), key);
  } catch (error) {
    // Sealed with a key that is gone. The owner's token opens the item without it.
    if (error instanceof Unsealable) return undefined;
    throw error;
  }
}

/** Opens the account's token. @throws Unsealable TokenStale Unauthorized when there is none. */
async function credentialsOf(
  { accounts, seal, now }: Pick<WorkerParts, 'accounts' | 'seal' | 'now'>,
  account: Account,
  source: Source,
): Promise<Credentials & { token: string }> {
  const ref: AccountRef = { source: account.source, account: account.user_id };
  const sealed = await accounts.sealedToken(ref);
  if (!sealed) throw new Unauthorized();
  const token = seal.open(sealed, ref);
  if (source.renewal?.hasExpired(token, now())) throw new TokenStale(token, true);
  const endpoint = source.endpoint?.(token);
  return { headers: source.present(token, account), ...(endpoint !== undefined && { endpoint }), token };
}

/** Asks the provider as this account. @throws TokenStale where the token can be renewed, instead of Unauthorized. */
export async function asAccount<Answer>(
  parts: Pick<WorkerParts, 'accounts' | 'seal' | 'now'>,
  account: Account,
  source: Source,
  ask: (credentials: Credentials) => Promise<Answer>,
): Promise<Answer> {
  const { token, ...credentials } = await credentialsOf(parts, account, source);
  try {
    return await ask(credentials);
  } catch (error) {
    throw error instanceof Unauthorized && source.renewal ? new TokenStale(token, false) : error;
  }
}

function outcomeOf({ outcome, detail, followUps, confirmAt }: Applied, evidence: () => string): Outcome {
  if (confirmAt !== undefined) return { kind: 'confirm', at: confirmAt, reason: detail };
  if (outcome === 'refused') {
    const sentence = `${detail} The copy that is here stays. Look at the item there; replay this when it is visible again.`;
    return { kind: 'failed', problem: { code: 'refused', sentence }, evidence: evidence() };
  }
  return { kind: 'applied', outcome, followUps };
}

function failureOf(error: unknown, claim: Claim, now: number): Failure {
  if (error instanceof RateLimited) return { kind: 'rate-limited', until: now + error.wait };
  if (error instanceof TokenStale) return staleToken(error);
  if (error instanceof Unauthorized) return { kind: 'unauthorized' };
  if (error instanceof Unsealable) return { kind: 'locked-out' };
  if (error instanceof ProviderDown || error instanceof NotTheProvider)
    return { kind: 'provider-down', reason: error.message };
  const what = `${titleOf(claim.key)} could not be copied`;
  const provider = SOURCE_TITLES[claim.key.source];
  if (error instanceof TooLarge) {
    return failed(
      'too-large',
      `${what}: ${error.message} Everything else is copied. Shorten it at ${provider}, then replay this.`,
    );
  }
  if (error instanceof Unacceptable) {
    return failed(
      error.code,
      `${what}: ${error.message} Everything else is copied. Look at it at ${provider}, then replay this.`,
    );
  }
  return { kind: 'broken', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

const failed = (code: string, sentence: string): Failure => ({ kind: 'failed', problem: { code, sentence } });

/** A fetch that failed is part of the item's history too. */
async function recorded(
  { writer, now }: WorkerParts,
  account: Account,
  claim: Claim,
  outcome: Failure,
): Promise<Outcome> {
  const detail =
    outcome.kind === 'provider-down' ? outcome.reason : outcome.kind === 'failed' ? outcome.problem.sentence : '';
  await writer.transaction((items) => items.record(account.id, claim, outcome.kind, detail, now()));
  return outcome;
}

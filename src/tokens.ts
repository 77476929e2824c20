import { createHash } from 'node:crypto';
import { NotTheProvider, ProviderDown, RateLimited, Unauthorized } from './http/errors.ts';
import { Unsealable } from './seal.ts';
import type { AccountWriter } from './storage/accounts.ts';
import { isStorageError } from './storage/failure.ts';
import type { Locks } from './storage/locks.ts';
import type { AccountRef } from './vocabulary.ts';
import type { WorkerParts } from './worker.ts';

/** A token that was renewed this short a time ago, and was never taken since, will not get better by renewing it. */
const RENEWED_LATELY_MS = 60_000;

/** The stored token has run out, or was refused and can be renewed. */
export interface StaleToken {
  kind: 'stale-token';
  /** Which one it was. */
  fingerprint: string;
  /** By our clock, before anybody was asked: that says nothing about whether its successor will be taken. */
  ranOut: boolean;
}

/** How a renewal ended. */
export type Renewal =
  /** `fingerprint` of the token that is stored now. */
  | { kind: 'renewed'; fingerprint: string }
  /** The provider does not renew it any more: only its owner can help. */
  | { kind: 'refused' }
  | { kind: 'rate-limited'; wait: number }
  | { kind: 'unanswered'; reason: string };

/** Which token it is, without being it. */
const fingerprintOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Thrown in a worker: a request with this token makes no sense. */
export class TokenStale extends Error {
  readonly fingerprint: string;
  readonly ranOut: boolean;
  constructor(token: string, ranOut: boolean) {
    super('The access token has to be renewed.');
    this.name = 'TokenStale';
    this.fingerprint = fingerprintOf(token);
    this.ranOut = ranOut;
  }
}

export const staleToken = ({ fingerprint, ranOut }: TokenStale): StaleToken => ({
  kind: 'stale-token',
  fingerprint,
  ranOut,
});

export interface RenewingParts extends Pick<WorkerParts, 'accounts' | 'sources' | 'seal'> {
  writer: Pick<AccountWriter, 'renew'>;
}

/**
 * In a worker: gives the account a new token in place of the one with this fingerprint, and stores it before anybody uses it: a refresh
 * token that rotates is worth nothing after its first use, so the old one and the new one must never both be lost. Hence the old one is
 * stored once more before it is used: where the disk refuses that, it would refuse the new one too.
 */
export async function renewToken(parts: RenewingParts, ref: AccountRef, stale: string): Promise<Renewal> {
  const { accounts, sources, seal, writer } = parts;
  const renewal = sources.get(ref.source)?.renewal;
  const sealed = await accounts.sealedToken(ref);
  if (!renewal || !sealed) return { kind: 'refused' };
  try {
    const token = seal.open(sealed, ref);
    // Somebody was faster: whoever waited takes theirs.
    if (fingerprintOf(token) !== stale) return { kind: 'renewed', fingerprint: fingerprintOf(token) };
    await writer.renew(ref, sealed);
    const renewed = await renewal.renew(token);
    await writer.renew(ref, seal.seal(renewed, ref));
    return { kind: 'renewed', fingerprint: fingerprintOf(renewed) };
  } catch (error) {
    if (error instanceof Unauthorized || error instanceof Unsealable) return { kind: 'refused' };
    if (error instanceof RateLimited) return { kind: 'rate-limited', wait: error.wait };
    if (error instanceof ProviderDown || error instanceof NotTheProvider || isStorageError(error))
      return { kind: 'unanswered', reason: error.message };
    throw error;
  }
}

export interface TokensParts {
  pool: { renewToken(ref: AccountRef, stale: string): Promise<Renewal> };
  locks: Locks;
  now: () => number;
}

/**
 * On the main thread: one renewal at a time for an account, whoever finds out first. Two at once would each use the same refresh token,
 * and a provider that rotates them takes the second use for theft. Within this process whoever asks meanwhile gets the same answer; who
 * waited for another process finds another token than the stale one, and takes it.
 */
export function createTokens({ pool, locks, now }: TokensParts) {
  const running = new Map<string, Promise<Renewal>>();
  const lately = new Map<string, { fingerprint: string; at: number }>();

  function renew(ref: AccountRef, { fingerprint: stale, ranOut }: Omit<StaleToken, 'kind'>): Promise<Renewal> {
    const name = nameOf(ref);
    const last = lately.get(name);
    const isHopeless = last?.fingerprint === stale && !ranOut && now() - last.at < RENEWED_LATELY_MS;
    if (isHopeless) return Promise.resolve({ kind: 'refused' });
    const mine =
      running.get(name) ??
      locks
        .hold(`token ${name}`, () => pool.renewToken(ref, stale))
        .then((renewal) => {
          if (renewal.kind === 'renewed' && renewal.fingerprint !== last?.fingerprint)
            lately.set(name, { fingerprint: renewal.fingerprint, at: now() });
          return renewal;
        })
        .finally(() => running.delete(name));
    running.set(name, mine);
    return mine;
  }

  /** The provider takes the token that is there: should it refuse it later, that is another matter. */
  const worked = (ref: AccountRef): void => void lately.delete(nameOf(ref));

  return {
    renew,
    worked,
    /** Asks, and where the token has run out, renews it and asks once more. */
    fresh<Answer extends { kind: string }>(
      ask: (ref: AccountRef) => Promise<Answer | StaleToken>,
    ): (
      ref: AccountRef,
    ) => Promise<Answer | Exclude<Renewal, { kind: 'renewed' | 'refused' }> | { kind: 'unauthorized' }> {
      return async (ref) => {
        const answer = await ask(ref);
        if (!isStale(answer)) return heard(ref, answer);
        const renewal = await renew(ref, answer);
        if (renewal.kind === 'refused') return { kind: 'unauthorized' };
        if (renewal.kind !== 'renewed') return renewal;
        const again = await ask(ref);
        return isStale(again) ? { kind: 'unauthorized' } : heard(ref, again);
      };
    },
  };

  function heard<Answer extends { kind: string }>(ref: AccountRef, answer: Answer): Answer {
    if (!SAYS_NOTHING.has(answer.kind)) worked(ref);
    return answer;
  }
}

/** Answers that came to nothing: whether the token is taken is not in them. */
const SAYS_NOTHING: ReadonlySet<string> = new Set(['unanswered', 'rate-limited', 'unauthorized']);

const nameOf = ({ source, account }: AccountRef): string => `${source} ${account}`;

export type Tokens = ReturnType<typeof createTokens>;

const isStale = (answer: { kind: string }): answer is StaleToken => answer.kind === 'stale-token';

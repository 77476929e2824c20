import type { Pool } from './pool.ts';
import { type Unanswered, unanswered } from './reconcile.ts';
import type { Change, Revival, Source } from './sources/source.ts';
import type { Queues } from './storage/inbox.ts';
import type { StaleToken, Tokens } from './tokens.ts';
import type { AccountRef, SourceName } from './vocabulary.ts';
import { asAccount, type WorkerParts } from './worker.ts';

/** A webhook that comes later than this after the change does not come (promise 10). */
const ANNOUNCED_WITHIN_MS = 120_000;
/** Clocks differ a little. */
const BEFORE_MS = 30_000;

export type Revived = Revival | Unanswered;

/** In a worker: looks after the account's webhook at its provider. */
export async function reviveWebhook(parts: WorkerParts, ref: AccountRef): Promise<Revived | StaleToken> {
  const account = await parts.accounts.find(ref);
  const source = parts.sources.get(ref.source);
  const revive = source?.reviveWebhook;
  if (!account || !source || !revive) return { kind: 'unanswered', reason: 'The account is not connected.' };
  try {
    return await asAccount(parts, account, source, (credentials) => revive(ref.account, credentials));
  } catch (error) {
    return unanswered(error);
  }
}

export interface SilenceParts {
  inbox: Pick<Queues, 'lastWebhookAt'>;
  pool: Pick<Pool, 'reviveWebhook'>;
  sources: ReadonlyMap<SourceName, Pick<Source, 'reviveWebhook'>>;
  tokens: Pick<Tokens, 'fresh'>;
  now: () => number;
  onRevived: (ref: AccountRef) => void;
}

export interface Silent {
  /** Epoch milliseconds. */
  since: number;
  /** What it means and what to do, for people; undefined while nobody has looked yet. */
  reason: string | undefined;
}

/**
 * On the main thread: notices that a provider has gone silent for an account. Some stop sending after a few failures, of ours or of
 * the network, and start again only when they are told to.
 */
export function createSilence({ inbox, pool, sources, tokens, now, onRevived }: SilenceParts) {
  const look = tokens.fresh(pool.reviveWebhook);
  const silent = new Map<string, Silent>();

  /** The oldest of what should have been announced and was not, epoch milliseconds. */
  async function unheardSince(ref: AccountRef, changes: readonly Change[], clockOffset: number) {
    const lastWebhookAt = (await inbox.lastWebhookAt(ref)) ?? 0;
    const known = silent.get(nameOf(ref));
    // It was heard again since.
    if (known && lastWebhookAt > known.since) silent.delete(nameOf(ref));
    let since = silent.get(nameOf(ref))?.since ?? Number.POSITIVE_INFINITY;
    for (const { happenedAt } of changes) {
      const at = happenedAt - clockOffset;
      if (at > lastWebhookAt + BEFORE_MS && at < now() - ANNOUNCED_WITHIN_MS) since = Math.min(since, at);
    }
    return Number.isFinite(since) ? since : undefined;
  }

  return {
    /** After a reconciliation, with what it found. @returns whether the provider sends again from now on. */
    async listen(ref: AccountRef, changes: readonly Change[], clockOffset: number): Promise<boolean> {
      if (!sources.get(ref.source)?.reviveWebhook) return false;
      const since = await unheardSince(ref, changes, clockOffset);
      if (since === undefined) return false;
      const name = nameOf(ref);
      silent.set(name, { since, reason: silent.get(name)?.reason });
      const revived = await look(ref);
      if (revived.kind === 'unknown') silent.set(name, { since, reason: revived.sentence });
      if (revived.kind === 'sends' || revived.kind === 'revived') silent.delete(name);
      if (revived.kind === 'revived') onRevived(ref);
      return revived.kind === 'revived';
    },
    /** Undefined while it is heard, or while nothing is known that a person could do. */
    trouble(ref: AccountRef): { since: number; reason: string } | undefined {
      const { since, reason } = silent.get(nameOf(ref)) ?? {};
      return since === undefined || reason === undefined ? undefined : { since, reason };
    },
  };
}

export type Silence = ReturnType<typeof createSilence>;

const nameOf = ({ source, account }: AccountRef): string => `${source} ${account}`;

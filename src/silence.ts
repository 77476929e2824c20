import { ANNOUNCED_WITHIN_MS, BEFORE_MS } from './drift.ts';
import type { Pool } from './pool.ts';
import { type Unanswered, unanswered } from './reconcile.ts';
import type { Change, Revival, Source } from './sources/source.ts';
import type { Board } from './storage/board.ts';
import type { Queues } from './storage/inbox.ts';
import type { StaleToken, Tokens } from './tokens.ts';
import type { AccountRef, SourceName } from './vocabulary.ts';
import { asAccount, type WorkerParts } from './worker.ts';

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
  /** Remembers what was not heard: a later reconciliation may be in another process. */
  board: Pick<Board, 'get' | 'put'>;
  now: () => number;
  onRevived: (ref: AccountRef) => void;
}

/** On the board. */
interface Silent {
  /** Epoch milliseconds. */
  since: number;
  /** What it means and what to do, for people; absent while it could not be looked at. */
  reason?: string;
}

/**
 * On the main thread: notices that a provider has gone silent for an account. Some stop sending after a few failures, of ours or of
 * the network, and start again only when they are told to.
 */
export function createSilence({ inbox, pool, sources, tokens, board, now, onRevived }: SilenceParts) {
  const look = tokens.fresh(pool.reviveWebhook);

  /** The oldest of what should have been announced and was not, epoch milliseconds; `Infinity`: nothing. */
  function unheardSince(
    ref: AccountRef,
    changes: readonly Change[],
    clockOffset: number,
    lastWebhookAt: number,
  ): number {
    let since = silentOf(board, ref)?.since ?? Number.POSITIVE_INFINITY;
    // It was heard again.
    if (lastWebhookAt > since) since = Number.POSITIVE_INFINITY;
    for (const { happenedAt } of changes) {
      const at = happenedAt - clockOffset;
      if (at > lastWebhookAt + BEFORE_MS && at < now() - ANNOUNCED_WITHIN_MS) since = Math.min(since, at);
    }
    return since;
  }

  async function remember(ref: AccountRef, silent: Silent | undefined): Promise<void> {
    // Nearly always the provider is heard, and then nothing is written.
    if (silent || silentOf(board, ref)) await board.put(silenceName(ref), silent);
  }

  return {
    /** After a reconciliation, with what it found. @returns whether the provider sends again from now on. */
    async listen(ref: AccountRef, changes: readonly Change[], clockOffset: number): Promise<boolean> {
      if (!sources.get(ref.source)?.reviveWebhook) return false;
      const lastWebhookAt = await inbox.lastWebhookAt(ref);
      const since = unheardSince(ref, changes, clockOffset, lastWebhookAt ?? 0);
      const revived = since === Number.POSITIVE_INFINITY ? HEARD : await look(ref);
      // An account that never had a webhook may not want one: it is looked for, and nobody is told that there is none.
      const isOver = revived.kind === 'sends' || revived.kind === 'revived' || lastWebhookAt === null;
      await remember(ref, isOver ? undefined : { since, ...reasonOf(revived, silentOf(board, ref)) });
      if (revived.kind === 'revived') onRevived(ref);
      return revived.kind === 'revived';
    },
  };
}

/** Undefined while it is heard, or while nothing is known that a person could do. */
export function silenceTrouble(
  board: Pick<Board, 'get'>,
  ref: AccountRef,
): { since: number; reason: string } | undefined {
  const { since, reason } = silentOf(board, ref) ?? {};
  return since === undefined || reason === undefined ? undefined : { since, reason };
}

const silentOf = (board: Pick<Board, 'get'>, ref: AccountRef) => board.get(silenceName(ref)) as Silent | undefined;

const HEARD = { kind: 'sends' } as const;

export type Silence = ReturnType<typeof createSilence>;

export const silenceName = ({ source, account }: AccountRef): string => `silent ${source} ${account}`;

function reasonOf(revived: Revived, before: Silent | undefined): Pick<Silent, 'reason'> {
  if (revived.kind === 'unknown') return { reason: revived.sentence };
  return before?.reason === undefined ? {} : { reason: before.reason };
}

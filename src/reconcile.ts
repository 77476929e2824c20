import type { Breaker } from './breaker.ts';
import { compare } from './compare.ts';
import { NotTheProvider, ProviderDown, RateLimited, TooLarge, Unacceptable, Unauthorized } from './http/errors.ts';
import type { Pool } from './pool.ts';
import { probe } from './probe.ts';
import { Unsealable } from './seal.ts';
import type { Silence } from './silence.ts';
import { type Change, type Changes, type Credentials, canCatchUp, pinsOf, type Source } from './sources/source.ts';
import type { Account, AccountReader, AccountWriter } from './storage/accounts.ts';
import type { Board } from './storage/board.ts';
import type { Finding, Inbox, Queues } from './storage/inbox.ts';
import type { Locks } from './storage/locks.ts';
import { ITEMS_NOTED, type NewRun, type RunWriter, type StartedBy } from './storage/runs.ts';
import { type StaleToken, staleToken, TokenStale, type Tokens } from './tokens.ts';
import { type AccountRef, type Key, type Notification, SOURCE_TITLES, type SourceName } from './vocabulary.ts';
import { asAccount, type WorkerParts } from './worker.ts';

/** Each reconciliation looks back a little: `datetime` is when an action was taken, not when it became visible. */
const OVERLAP_MS = 120_000;
/** An item is fetched again unless its last good fetch began later than the change by this much (promise 6). */
const MARGIN_MS = 2_000;
/** Notifications in one transaction: the event loop goes on between two of them. */
const SLICE = 500;

/** Why an account could not be asked. */
export type Unanswered =
  | { kind: 'rate-limited'; wait: number }
  | { kind: 'unauthorized' }
  | { kind: 'unanswered'; reason: string };

export type ChangesToFetch = Listed | Unanswered;

interface Listed {
  kind: 'changes';
  /** What is to be fetched. */
  changes: Change[];
  /** Listed since the last time, and here already. */
  known: Change[];
  listed: number;
  cursor: string;
  clockOffset: number;
  /** What was not announced is drift. */
  announced: boolean;
  backfill: boolean;
}

/** In a worker: what happened since the cursor, less what the mirror already has. */
export async function changesToFetch(parts: WorkerParts, ref: AccountRef): Promise<ChangesToFetch | StaleToken> {
  const account = await parts.accounts.find(ref);
  const source = parts.sources.get(ref.source);
  if (!account || !source) return { kind: 'unanswered', reason: 'The account is not connected.' };
  try {
    const { changes, cursor, clockOffset, announced } = await asAccount(parts, account, source, (credentials) =>
      source.changesSince
        ? changesSinceCursor(source, account, credentials)
        : sweep(parts, source, account, credentials),
    );
    const latest = latestOfEach(changes);
    const known = await parts.items.fetchedLaterThan(account.id, latest, MARGIN_MS, clockOffset);
    return {
      kind: 'changes',
      changes: latest.filter((_, index) => !known[index]),
      known: announced ? latest.filter((change, index) => known[index] && isNew(change, account.cursor)) : [],
      listed: listedIn(latest),
      cursor,
      clockOffset,
      announced,
      backfill: account.cursor === null,
    };
  } catch (error) {
    return unanswered(error);
  }
}

async function changesSinceCursor(source: Source, account: Account, credentials: Credentials): Promise<Changes> {
  const ask = (cursor: string | null) => {
    if (!source.changesSince) throw new Error(`${source.name} does not tell what changed.`);
    return source.changesSince(cursor, credentials);
  };
  if (source.cursor === 'mark') return ask(account.cursor);
  const since = (at: number) => new Date(at - OVERLAP_MS).toISOString();
  const answer = await ask(account.cursor && since(Date.parse(account.cursor)));
  const earlier = beforeCursor(account, answer.clockOffset);
  return earlier === undefined ? answer : ask(since(earlier));
}

/** A source that does not tell what changed since: everything it lists is compared with what is here. */
async function sweep(
  { items, now }: WorkerParts,
  source: Source,
  account: Account,
  credentials: Credentials,
): Promise<Changes> {
  if (!source.inventory) throw new Error(`${source.name} lists nothing.`);
  const happenedAt = now();
  const there = await source.inventory(credentials);
  const { toFetch } = compare(there, await items.audited(account.id), happenedAt);
  const changes = toFetch.map((each) => ({ ...each, action: 'listed', happenedAt, announcesDeletion: false }));
  return { changes, cursor: new Date(happenedAt).toISOString(), clockOffset: 0, announced: false };
}

/**
 * The provider's clock was put back since the last time: what it stamped since then may lie before the cursor.
 *
 * @returns the instant of the last time on the clock as it is now, epoch milliseconds; undefined where the cursor serves.
 */
function beforeCursor({ cursor, lastReconciledAt }: Account, clockOffset: number): number | undefined {
  if (cursor === null || lastReconciledAt === null) return undefined;
  const lastTime = lastReconciledAt + clockOffset;
  return lastTime < Date.parse(cursor) - OVERLAP_MS ? lastTime : undefined;
}

/** Not listed the last time already: each time looks back a little. */
const isNew = ({ happenedAt }: Change, cursor: string | null): boolean =>
  cursor !== null && happenedAt > Date.parse(cursor);

/** One change a key, the last one; a deletion announced by any of them stays announced. */
function latestOfEach(changes: readonly Change[]): Change[] {
  const latest = new Map<string, Change>();
  for (const change of changes) {
    const name = `${change.type}/${change.id}`;
    const before = latest.get(name);
    const announcesDeletion = change.announcesDeletion || (before?.announcesDeletion ?? false);
    const later = before && before.happenedAt > change.happenedAt ? before : change;
    latest.set(name, { ...later, announcesDeletion });
  }
  return [...latest.values()];
}

const listedIn = (changes: readonly Change[]): number =>
  changes.filter(({ type, announcesDeletion }) => type !== 'pinned' && !announcesDeletion).length;

/** @throws what is not a failure of the provider or the token. */
export function unanswered(error: unknown): Unanswered | StaleToken {
  if (error instanceof TokenStale) return staleToken(error);
  if (error instanceof RateLimited) return { kind: 'rate-limited', wait: error.wait };
  if (error instanceof Unauthorized || error instanceof Unsealable) return { kind: 'unauthorized' };
  const known = [ProviderDown, NotTheProvider, TooLarge, Unacceptable].some((kind) => error instanceof kind);
  if (known && error instanceof Error) return { kind: 'unanswered', reason: error.message };
  throw error;
}

export interface ReconcilerParts {
  inbox: Inbox;
  pool: Pick<Pool, 'changes'>;
  sources: ReadonlyMap<SourceName, Pick<Source, 'changesSince' | 'inventory'>>;
  tokens: Pick<Tokens, 'fresh'>;
  accounts: AccountReader;
  writer: Pick<AccountWriter, 'reconciled'>;
  runs: RunWriter;
  breaker: Breaker;
  locks: Locks;
  board: Pick<Board, 'get' | 'put'>;
  silence: Pick<Silence, 'listen'>;
  /** Asks for one more, a little later. */
  soon: (ref: AccountRef) => void;
  now: () => number;
  onEnqueued: (ref: AccountRef) => void;
  onError: (error: unknown) => void;
}

interface Trouble {
  /** Epoch milliseconds. */
  since: number;
  reason: string;
}

/** What a reconciliation came to, for whoever asked for it. */
export type Reconciled =
  | { ok: true; found: number }
  /** `nobody`: the account is not connected, so trying again makes no sense. */
  | { ok: false; reason: string; nobody?: boolean };

/** On the main thread: catching up since the cursor, for one account or for all. */
export function createReconciler(parts: ReconcilerParts) {
  const { inbox, accounts, writer, runs, breaker, locks, board, now, onEnqueued, onError } = parts;
  const askForChanges = parts.tokens.fresh(parts.pool.changes);
  const running = new Set<Promise<Reconciled>>();
  let closed = false;

  /** One at a time for an account, in all processes: whoever asks meanwhile gets one that begins after the running one. */
  const reconcile = (ref: AccountRef, startedBy: StartedBy = 'person'): Promise<Reconciled> =>
    hasWhatToAsk(ref)
      ? inTurn(ref, () => noted(ref, startedBy))
      : Promise.resolve({ ok: false, reason: nothingToAsk(ref) });

  const hasWhatToAsk = ({ source }: AccountRef): boolean => canCatchUp(parts.sources.get(source));

  /** Not asked for by a person: during an outage, or while the provider wants to be left alone, it is left out, and the next one makes up for it. */
  const unlessDown = (ref: AccountRef, startedBy: StartedBy): Promise<Reconciled> =>
    inTurn(ref, async () => {
      if (!breaker.mayAsk(ref)) return { ok: false, reason: isDown(ref) };
      return (await isPaused(inbox, ref, now())) ? { ok: false, reason: isSlowedDown(ref) } : noted(ref, startedBy);
    });

  function inTurn(ref: AccountRef, work: () => Promise<Reconciled>): Promise<Reconciled> {
    const mine: Promise<Reconciled> = locks
      .hold(`reconcile ${nameOf(ref)}`, async () => {
        const result = await work().catch(unexpected);
        await remember(ref, result).catch(onError);
        return result;
      })
      .catch(unexpected)
      .finally(() => {
        running.delete(mine);
        onEnqueued(ref);
      });
    running.add(mine);
    return mine;
  }

  function unexpected(error: unknown): Reconciled {
    onError(error);
    return { ok: false, reason: 'Something unexpected happened; it is in the log.' };
  }

  /** On the board: whoever shows the account may be another process than the one that asks. */
  async function remember(ref: AccountRef, result: Reconciled): Promise<void> {
    // A stop is no trouble: the next start, or another process, goes on.
    if (closed) return;
    const before = reconciliationTrouble(board, ref);
    // An account that was erased has no trouble any more.
    if (!result.ok && !result.nobody)
      await board.put(troubleName(ref), { since: before?.since ?? now(), reason: result.reason });
    else if (before) await board.put(troubleName(ref), undefined);
  }

  async function noted(ref: AccountRef, startedBy: StartedBy): Promise<Reconciled> {
    if (closed) return { ok: false, reason: 'Slipstream is stopping.' };
    // A provider may go on sending for an account that was erased here: that is no failure of the provider.
    const account = await accounts.find(ref);
    if (!account || account.state === 'disconnected')
      return { ok: false, reason: 'The account is not connected.', nobody: true };
    const beganAt = now();
    const { listed, ...result } = await run(ref);
    const came = result.ok ? foundIn(listed?.changes ?? []) : { found: 0, items: [], failed: result.reason };
    const kind = listed?.backfill ? 'backfill' : 'reconciliation';
    // What was found is in the inbox already: it is fetched, whether this can be written down or not. Before the cursor moves, so that
    // whoever is told that it moved finds what came of it.
    await runs.note(ref, { kind, startedBy, beganAt, endedAt: now(), ...came }).catch(onError);
    if (listed) await moveOn(ref, listed);
    return result;
  }

  async function run(ref: AccountRef): Promise<Reconciled & { listed?: Listed }> {
    const answer = await asking(breaker, ref, () => askForChanges(ref));
    if (answer.kind !== 'changes') return notAnswered(inbox, ref, answer, now());
    const { changes, known, announced, backfill, clockOffset } = answer;
    const notifications = changes.map((change) => notificationOf(ref, change, backfill, now()));
    const judged = announced && !backfill && (await inbox.lastWebhookAt(ref)) !== null;
    const foundAt = now();
    const finding = (change: Change, isKnown: boolean) =>
      findingOf(ref, change, { clockOffset, foundAt, known: isKnown });
    const findings = judged ? changes.map((change) => finding(change, false)) : [];
    const others = judged ? known.map((change) => finding(change, true)) : [];
    for (let start = 0; start < notifications.length; start += SLICE) {
      await inbox.enqueue(notifications.slice(start, start + SLICE), findings.slice(start, start + SLICE));
      onEnqueued(ref);
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let start = 0; start < others.length; start += SLICE) {
      await inbox.enqueue([], others.slice(start, start + SLICE));
    }
    return { ok: true, found: changes.length, listed: answer };
  }

  /** Only now: everything that the cursor covers is durably in the inbox. */
  async function moveOn(ref: AccountRef, { cursor, listed, backfill, changes, clockOffset }: Listed): Promise<void> {
    await writer.reconciled(ref, cursor, now(), backfill ? listed : undefined);
    onEnqueued(ref);
    // The first list is no news. A provider that sends again may have been silent about what came after this list, too.
    if (!backfill && (await parts.silence.listen(ref, changes, clockOffset))) parts.soon(ref);
  }

  /** Every active account whose source can be asked. */
  async function reconcilable(): Promise<AccountRef[]> {
    const active = (await accounts.list()).filter(({ state }) => state === 'active');
    return active.map(({ source, user_id: account }) => ({ source, account })).filter(hasWhatToAsk);
  }

  return {
    reconcile,
    unlessDown,
    reconcilable,
    /** One account after the other. */
    async all(startedBy: StartedBy = 'schedule'): Promise<void> {
      for (const ref of await reconcilable()) await unlessDown(ref, startedBy);
    },
    /** Resolves when none runs. */
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.allSettled(running);
    },
    async close(): Promise<void> {
      closed = true;
      await Promise.allSettled(running);
    },
  };
}

/** Since when, and why, the account could not be asked; undefined when the last time went well. */
export const reconciliationTrouble = (board: Pick<Board, 'get'>, ref: AccountRef): Trouble | undefined =>
  board.get(troubleName(ref)) as Trouble | undefined;

/** Asks, and has the breaker learn from the answer. */
export async function asking<Answer extends { kind: string }>(
  breaker: Breaker,
  ref: AccountRef,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const attempt = breaker.begin(ref);
  try {
    const answer = await ask();
    if (answer.kind === 'unanswered') attempt.failed();
    else if (answer.kind === 'rate-limited') attempt.limited();
    else attempt.answered();
    return answer;
  } finally {
    attempt.unknown();
  }
}

const isDown = ({ source }: AccountRef): string =>
  `${SOURCE_TITLES[source]} does not answer at present; it is asked again every few minutes.`;

const isSlowedDown = ({ source }: AccountRef): string => `${SOURCE_TITLES[source]} asked us to slow down.`;

/** The provider told us to leave this account alone for a while. */
export const isPaused = async (inbox: Pick<Queues, 'pausedUntil'>, ref: AccountRef, now: number): Promise<boolean> =>
  (await inbox.pausedUntil(ref)) > now;

const nothingToAsk = ({ source }: AccountRef): string =>
  `There is nothing at ${SOURCE_TITLES[source]} to ask what was missed: what its webhooks bring is all there is.`;

/** The cursor stays where it is; the account waits as its provider wants. */
export async function notAnswered(
  inbox: Inbox,
  ref: AccountRef,
  answer: Unanswered,
  now: number,
): Promise<{ ok: false; reason: string }> {
  if (answer.kind === 'rate-limited') await inbox.pause(ref, now + answer.wait);
  if (answer.kind === 'unauthorized') await inbox.enqueue([probe(ref, now)]);
  const provider = SOURCE_TITLES[ref.source];
  const reason = {
    'rate-limited': isSlowedDown(ref),
    unauthorized: `${provider} refuses the token.`,
    unanswered: `${provider} could not be reached. ${answer.kind === 'unanswered' ? answer.reason : ''}`.trim(),
  };
  return { ok: false, reason: reason[answer.kind] };
}

const nameOf = ({ source, account }: AccountRef): string => `${source} ${account}`;

export const troubleName = (ref: AccountRef): string => `trouble ${nameOf(ref)}`;

const keyOf = (ref: AccountRef, { type, id }: Change): Key => (type === 'pinned' ? pinsOf(ref) : { ...ref, type, id });

function notificationOf(ref: AccountRef, change: Change, backfill: boolean, now: number): Notification {
  const { action, announcesDeletion, statement } = change;
  return {
    key: keyOf(ref, change),
    origin: backfill ? 'backfill' : 'reconciliation',
    action,
    learntAt: now,
    announcesDeletion,
    ...(statement && { statement }),
  };
}

function findingOf(
  ref: AccountRef,
  change: Change,
  { clockOffset, ...seen }: Pick<Finding, 'foundAt' | 'known'> & { clockOffset: number },
): Finding {
  return { key: keyOf(ref, change), action: change.action, happenedAt: change.happenedAt - clockOffset, ...seen };
}

function foundIn(changes: readonly Change[]): Pick<NewRun, 'found' | 'items'> {
  const items = changes
    .slice(0, ITEMS_NOTED)
    .map(({ type, id, announcesDeletion }) => ({ type, id, why: announcesDeletion ? 'deleted' : 'changed' }) as const);
  return { found: changes.length, items };
}

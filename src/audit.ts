import type { Breaker } from './breaker.ts';
import { type Compared, compare } from './compare.ts';
import type { Pool } from './pool.ts';
import { asking, isPaused, notAnswered, type Unanswered, unanswered } from './reconcile.ts';
import { pinsOf, type Source } from './sources/source.ts';
import type { AccountReader, AccountWriter } from './storage/accounts.ts';
import type { Inbox } from './storage/inbox.ts';
import type { Locks } from './storage/locks.ts';
import type { NewRun, RunDifferences, RunItem, RunWriter, StartedBy } from './storage/runs.ts';
import type { StaleToken, Tokens } from './tokens.ts';
import { type AccountRef, type Key, type Notification, SOURCE_TITLES, type SourceName } from './vocabulary.ts';
import { asAccount, type WorkerParts } from './worker.ts';

const SLICE = 500;

export type Differences = Compared | Unanswered;

/** In a worker: the whole inventory against the mirror. A difference is a reason to fetch, never evidence in itself. */
export async function differencesOf(parts: WorkerParts, ref: AccountRef): Promise<Differences | StaleToken> {
  const account = await parts.accounts.find(ref);
  const source = parts.sources.get(ref.source);
  const inventory = source?.inventory;
  if (!account || !source || !inventory) return { kind: 'unanswered', reason: 'The account is not connected.' };
  try {
    const began = parts.now();
    const there = await asAccount(parts, account, source, (credentials) => inventory(credentials));
    const here = await parts.items.audited(account.id);
    return compare(there, here, began);
  } catch (error) {
    return unanswered(error);
  }
}

export interface AuditorParts {
  inbox: Inbox;
  pool: Pick<Pool, 'differences'>;
  sources: ReadonlyMap<SourceName, Pick<Source, 'inventory'>>;
  tokens: Pick<Tokens, 'fresh'>;
  accounts: AccountReader;
  writer: Pick<AccountWriter, 'audited'>;
  runs: RunWriter;
  breaker: Breaker;
  locks: Locks;
  now: () => number;
  onEnqueued: (ref: AccountRef) => void;
  onError: (error: unknown) => void;
}

export type Audited = { ok: true; compared: number; different: number } | { ok: false; reason: string };

/** On the main thread: audits one account or all, and has what differs fetched. */
export function createAuditor(parts: AuditorParts) {
  const { inbox, accounts, writer, runs, breaker, locks, now, onEnqueued, onError } = parts;
  const askForDifferences = parts.tokens.fresh(parts.pool.differences);
  const canAudit = ({ source }: AccountRef): boolean => Boolean(parts.sources.get(source)?.inventory);
  const running = new Map<string, Promise<Audited>>();

  /** During an outage or a pause it would be one request more; the next audit makes up for one that was left out. */
  const mayAsk = async (ref: AccountRef): Promise<boolean> =>
    breaker.mayAsk(ref) && !(await isPaused(inbox, ref, now()));

  /** Whoever asks while one runs gets its result, and in another process one that begins after it. */
  function audit(ref: AccountRef, startedBy: StartedBy = 'person'): Promise<Audited> {
    if (!canAudit(ref)) return Promise.resolve({ ok: false, reason: nothingToCompare(ref) });
    const name = `${ref.source} ${ref.account}`;
    const already = running.get(name);
    if (already) return already;
    const mine = locks
      .hold(`audit ${name}`, () => noted(ref, startedBy))
      .catch((error: unknown): Audited => {
        onError(error);
        return { ok: false, reason: 'Something unexpected happened; it is in the log.' };
      })
      .finally(() => running.delete(name));
    running.set(name, mine);
    return mine;
  }

  async function noted(ref: AccountRef, startedBy: StartedBy): Promise<Audited> {
    const beganAt = now();
    const { differences, items = [], ...result } = await run(ref);
    const came: Omit<NewRun, 'kind' | 'startedBy' | 'beganAt' | 'endedAt'> =
      result.ok && differences
        ? { found: result.different, compared: result.compared, differences, items }
        : { found: 0, items, ...(!result.ok && { failed: result.reason }) };
    // First: whoever is told that there was an audit finds what came of it.
    await runs.note(ref, { kind: 'audit', startedBy, beganAt, endedAt: now(), ...came }).catch(onError);
    if (result.ok) await writer.audited(ref, { at: now(), compared: result.compared, different: result.different });
    onEnqueued(ref);
    return result;
  }

  async function run(ref: AccountRef): Promise<Audited & { differences?: RunDifferences; items?: RunItem[] }> {
    const answer = await asking(breaker, ref, () => askForDifferences(ref));
    if (answer.kind !== 'compared') return notAnswered(inbox, ref, answer, now());
    const { compared, different, differences, items, toFetch } = answer;
    const notifications = toFetch.map((item): Notification => {
      const key: Key = item.type === 'pinned' ? pinsOf(ref) : { ...ref, ...item };
      return { key, origin: 'audit', action: 'differs', learntAt: now(), announcesDeletion: false };
    });
    for (let start = 0; start < notifications.length; start += SLICE) {
      await inbox.enqueue(notifications.slice(start, start + SLICE));
    }
    return { ok: true, compared, different, differences, items };
  }

  /** Every active account whose provider lists what it has. */
  async function auditable(): Promise<AccountRef[]> {
    const active = (await accounts.list()).filter(({ state }) => state === 'active');
    return active.map(({ source, user_id: account }) => ({ source, account })).filter(canAudit);
  }

  async function unlessDown(ref: AccountRef): Promise<void> {
    if (await mayAsk(ref)) await audit(ref, 'schedule');
  }

  return {
    audit,
    auditable,
    /** One account after the other. */
    async all(): Promise<void> {
      for (const ref of await auditable()) await unlessDown(ref);
    },
    unlessDown,
    /** Those whose backfill is over and that were never audited: "all verified" should not wait for the night. */
    async afterBackfill(): Promise<void> {
      for (const { source, user_id: account, state, cursor, lastAudit } of await accounts.list()) {
        if (state !== 'active' || cursor === null || lastAudit !== null || !canAudit({ source, account })) continue;
        const { backfill } = await inbox.counts({ source, account });
        if (backfill === 0 && (await mayAsk({ source, account }))) await audit({ source, account }, 'connecting');
      }
    },
    async close(): Promise<void> {
      await Promise.allSettled(running.values());
    },
  };
}

const nothingToCompare = ({ source }: AccountRef): string =>
  `${SOURCE_TITLES[source]} does not list what it has, so there is nothing to compare with.`;

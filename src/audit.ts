import type { Breaker } from './breaker.ts';
import type { Pool } from './pool.ts';
import { asking, ITEMS_NOTED, notAnswered, type Unanswered, unanswered } from './reconcile.ts';
import { pinsOf } from './sources/source.ts';
import type { AccountReader, AccountWriter } from './storage/accounts.ts';
import type { Inbox } from './storage/inbox.ts';
import type { AuditedItem } from './storage/items.ts';
import type { NewRun, RunDifferences, RunItem, RunWriter, StartedBy } from './storage/runs.ts';
import type { AccountRef, Key, Notification } from './vocabulary.ts';
import { credentialsOf, type WorkerParts } from './worker.ts';

/** What changed this shortly before the listing is on its way here already: fetched again, but not counted as a difference. */
const FRESH_MS = 120_000;
const SLICE = 500;

export type Differences =
  | {
      kind: 'compared';
      compared: number;
      different: number;
      differences: RunDifferences;
      /** The first of them. */
      items: RunItem[];
      toFetch: { type: string; id: string }[];
    }
  | Unanswered;

/** In a worker: the whole inventory against the mirror. A difference is a reason to fetch, never evidence in itself. */
export async function differencesOf(parts: WorkerParts, ref: AccountRef): Promise<Differences> {
  const account = await parts.accounts.find(ref);
  const source = parts.sources.get(ref.source);
  if (!account || !source) return { kind: 'unanswered', reason: 'The account is not connected.' };
  try {
    const began = parts.now();
    const { owned, pinned } = await source.inventory(await credentialsOf(parts, account));
    const here = await parts.items.audited(account.id);
    return compare(owned, pinned, here, began);
  } catch (error) {
    return unanswered(error);
  }
}

interface There {
  type: string;
  id: string;
  version: string;
}

function compare(owned: There[], pinned: There[], here: AuditedItem[], began: number): Differences {
  const mirror = new Map(here.map((item) => [nameOf(item), item]));
  const pins = new Set(pinned.map(nameOf));
  const listed = new Map([...owned, ...pinned].map((item) => [nameOf(item), item]));

  const changed = [...listed.values()].filter((item) => {
    const copy = mirror.get(nameOf(item));
    return !copy || copy.absent || copy.version !== item.version;
  });
  // What its owner keeps is missing with a reason.
  const missing = here.filter((item) => item.owned && !item.absent && !item.kept && !listed.has(nameOf(item)));
  // Listed again: a fetch makes it what it was.
  const back = here.filter((item) => (item.held || item.kept) && listed.has(nameOf(item)));
  const pinsDiffer =
    here.some((item) => item.pinned !== pins.has(nameOf(item))) ||
    pinned.some((pin) => !mirror.get(nameOf(pin))?.pinned);

  const settled = changed.filter(({ version }) => !(Date.parse(version) > began - FRESH_MS));
  const isHere = (item: There) => mirror.get(nameOf(item))?.absent === false;
  const older = settled.filter(isHere);
  const absent = settled.filter((item) => !isHere(item));
  const differences = {
    missing_here: absent.length,
    missing_there: missing.length,
    older_here: older.length,
    pins_differ: pinsDiffer,
  };
  return {
    kind: 'compared',
    compared: listed.size,
    differences,
    items: [
      ...absent.map(({ type, id }) => ({ type, id, why: 'missing-here' }) as const),
      ...missing.map(({ type, id }) => ({ type, id, why: 'missing-there' }) as const),
      ...older.map(({ type, id }) => ({ type, id, why: 'older-here' }) as const),
    ].slice(0, ITEMS_NOTED),
    different: settled.length + missing.length + (pinsDiffer ? 1 : 0),
    toFetch: [...changed, ...missing, ...back, ...(pinsDiffer ? [{ type: 'pinned', id: 'pinned' }] : [])].map(
      ({ type, id }) => ({ type, id }),
    ),
  };
}

const nameOf = ({ type, id }: { type: string; id: string }): string => `${type}/${id}`;

export interface AuditorParts {
  inbox: Inbox;
  pool: Pick<Pool, 'differences'>;
  accounts: AccountReader;
  writer: Pick<AccountWriter, 'audited'>;
  runs: RunWriter;
  breaker: Breaker;
  now: () => number;
  onEnqueued: (ref: AccountRef) => void;
  onError: (error: unknown) => void;
}

export type Audited = { ok: true; compared: number; different: number } | { ok: false; reason: string };

/** On the main thread: audits one account or all, and has what differs fetched. */
export function createAuditor({
  inbox,
  pool,
  accounts,
  writer,
  runs,
  breaker,
  now,
  onEnqueued,
  onError,
}: AuditorParts) {
  const running = new Map<string, Promise<Audited>>();

  /** Whoever asks while one runs gets its result. */
  function audit(ref: AccountRef, startedBy: StartedBy = 'person'): Promise<Audited> {
    const name = `${ref.source} ${ref.account}`;
    const already = running.get(name);
    if (already) return already;
    const mine = noted(ref, startedBy)
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
    await runs.note(ref, { kind: 'audit', startedBy, beganAt, endedAt: now(), ...came }).catch(onError);
    onEnqueued(ref);
    return result;
  }

  async function run(ref: AccountRef): Promise<Audited & { differences?: RunDifferences; items?: RunItem[] }> {
    const answer = await asking(breaker, ref, () => pool.differences(ref));
    if (answer.kind !== 'compared') return notAnswered(inbox, ref, answer, now());
    const { compared, different, differences, items, toFetch } = answer;
    const notifications = toFetch.map((item): Notification => {
      const key: Key = item.type === 'pinned' ? pinsOf(ref) : { ...ref, ...item };
      return { key, origin: 'audit', action: 'differs', learntAt: now(), announcesDeletion: false };
    });
    for (let start = 0; start < notifications.length; start += SLICE) {
      await inbox.enqueue(notifications.slice(start, start + SLICE));
    }
    await writer.audited(ref, { at: now(), compared, different });
    return { ok: true, compared, different, differences, items };
  }

  return {
    audit,
    async all(): Promise<void> {
      for (const { source, user_id: account, state } of await accounts.list()) {
        // During an outage it would be one more that asks; an audit that was left out is made up for by the next.
        if (state === 'active' && breaker.mayAsk({ source, account })) await audit({ source, account }, 'schedule');
      }
    },
    /** Those whose backfill is over and that were never audited: "all verified" should not wait for the night. */
    async afterBackfill(): Promise<void> {
      for (const { source, user_id: account, state, cursor, lastAudit } of await accounts.list()) {
        if (state !== 'active' || cursor === null || lastAudit !== null) continue;
        const { backfill } = await inbox.counts({ source, account });
        if (backfill === 0 && breaker.mayAsk({ source, account })) await audit({ source, account }, 'connecting');
      }
    },
    async close(): Promise<void> {
      await Promise.allSettled(running.values());
    },
  };
}

export type Auditor = ReturnType<typeof createAuditor>;

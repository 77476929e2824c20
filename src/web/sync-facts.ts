import type { AccountSync, QueueCounts } from '../storage/sync.ts';
import { inWords as scheduleInWords } from './schedule.ts';
import { exact, relative } from './times.ts';
import { count, inWords, latency } from './units.ts';

/** The proof beneath the verdict, fact by fact. No markup and no DOM here: the page and the browser client say the same. */
export interface Fact {
  name: string;
  label: string;
  text: string;
  /** A second, quiet line. */
  note: string;
  /** The exact time of a relative one, ISO 8601. */
  at?: string;
}

export interface FactSources {
  sync: AccountSync;
  queue: QueueCounts;
  reconcileCron: string;
  auditCron: string;
  now: Date;
}

export function syncFacts({ sync, queue, reconcileCron, auditCron, now }: FactSources): Fact[] {
  const polling = sync.mode === 'polling';
  const audit = sync.last_audit;
  return [
    {
      name: 'webhook',
      label: 'Last webhook',
      ...(polling
        ? { text: 'None so far', note: `Not needed: checked ${scheduleInWords(reconcileCron)}` }
        : when(sync.last_webhook_at, now, 'Ride With GPS tells us of each change')),
    },
    {
      name: 'reconciled',
      label: 'Last reconciliation',
      ...when(sync.last_reconciled_at, now, `Asks what changed, ${scheduleInWords(reconcileCron)}`),
    },
    {
      name: 'audit',
      label: 'Last audit',
      ...when(
        audit?.at ?? null,
        now,
        audit
          ? `${count(audit.compared)} compared, ${count(audit.different)} different`
          : `Compares everything, ${scheduleInWords(auditCron)}`,
      ),
    },
    { name: 'lag', label: 'From webhook to copy', ...lag(sync) },
    {
      name: 'drift',
      label: 'Drift',
      ...(polling
        ? { text: 'Not counted', note: 'Only webhooks can miss a change' }
        : {
            text: `${count(sync.drift.day)} in the last day`,
            note: `${count(sync.drift.total)} in all that no webhook announced`,
          }),
    },
    {
      name: 'queue',
      label: 'Queue',
      text: queue.pending + queue.active === 0 ? 'Empty' : `${count(queue.pending + queue.active)} to fetch`,
      note: `${count(queue.active)} under way, ${count(queue.parked)} parked, ${count(queue.dead)} set aside`,
    },
  ];
}

function when(at: string | null, now: Date, note: string): { text: string; note: string; at?: string } {
  return at === null ? { text: 'Not yet', note } : { text: relative(new Date(at), now), note, at };
}

function lag({ lag_ms, mode }: AccountSync): { text: string; note: string } {
  if (lag_ms.p50 === null || lag_ms.p99 === null) {
    return { text: '–', note: mode === 'polling' ? 'No webhooks yet' : 'Nothing arrived in the last day' };
  }
  return {
    text: inWords(latency(lag_ms.p50)),
    note: `From its arrival until the change is stored here: half within this, 99 in 100 within ${inWords(latency(lag_ms.p99))}, over the last 24 hours`,
  };
}

/** For the `title` of a fact's time. */
export function factTitle(fact: Fact, timeZone?: string): string {
  return fact.at === undefined ? '' : exact(new Date(fact.at), timeZone);
}

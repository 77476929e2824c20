import type { AccountSync, QueueCounts } from '../storage/sync.ts';
import { say } from './say.ts';
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

/** When this is another one, what only the server can write may be another too: what every check found, and how well changes are announced. */
export function storyOf(
  { last_reconciled_at, last_audit, trouble, webhooks }: AccountSync,
  queue: QueueCounts,
): string {
  // Once everything is fetched, what a check came upon has the name that it has now.
  const atRest = queue.pending + queue.active === 0;
  return JSON.stringify([last_reconciled_at, last_audit, trouble, webhooks, atRest]);
}

export function syncFacts({ sync, queue, reconcileCron, auditCron, now }: FactSources): Fact[] {
  const polling = sync.mode === 'polling';
  const audit = sync.last_audit;
  // Nobody is asked and nobody tells us anything until then, whatever the schedule.
  const meanwhile = (note: string): string => (sync.state === 'active' ? note : say`Waits until you connect again`);
  return [
    {
      name: 'webhook',
      label: say`Last webhook`,
      ...(polling
        ? { text: say`None so far`, note: meanwhile(say`Not needed: checked ${scheduleInWords(reconcileCron)}`) }
        : when(sync.last_webhook_at, now, meanwhile(say`Ride With GPS tells us of each change`))),
    },
    {
      name: 'reconciled',
      label: say`Last reconciliation`,
      ...when(sync.last_reconciled_at, now, meanwhile(say`Asks what changed, ${scheduleInWords(reconcileCron)}`)),
    },
    {
      name: 'audit',
      label: say`Last audit`,
      ...when(
        audit?.at ?? null,
        now,
        audit
          ? say`${count(audit.compared)} compared, ${count(audit.different)} different`
          : meanwhile(say`Compares everything, ${scheduleInWords(auditCron)}`),
      ),
    },
    { name: 'lag', label: say`From webhook to copy`, ...lag(sync) },
    {
      name: 'drift',
      label: say`Drift`,
      ...(polling
        ? { text: say`Not counted`, note: say`Only webhooks can miss a change` }
        : {
            text: say`${count(sync.drift.day)} in the last day`,
            note: say`${count(sync.drift.total)} in all that no webhook announced`,
          }),
    },
    {
      name: 'queue',
      label: say`Queue`,
      text: queue.pending + queue.active === 0 ? say`Empty` : say`${count(queue.pending + queue.active)} to fetch`,
      note: say`${count(queue.active)} under way, ${count(queue.parked)} parked, ${count(queue.dead)} set aside`,
    },
  ];
}

function when(at: string | null, now: Date, note: string): { text: string; note: string; at?: string } {
  return at === null ? { text: say`Not yet`, note } : { text: relative(new Date(at), now), note, at };
}

function lag({ lag_ms, mode }: AccountSync): { text: string; note: string } {
  if (lag_ms.p50 === null || lag_ms.p99 === null) {
    return { text: '–', note: mode === 'polling' ? say`No webhooks yet` : say`Nothing arrived in the last day` };
  }
  return {
    text: inWords(latency(lag_ms.p50)),
    note: say`From its arrival until the change is stored here: half within this, 99 in 100 within ${inWords(latency(lag_ms.p99))}, over the last 24 hours`,
  };
}

/** For the `title` of a fact's time. */
export function factTitle(fact: Fact, timeZone?: string): string {
  return fact.at === undefined ? '' : exact(new Date(fact.at), timeZone);
}

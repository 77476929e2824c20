import type { AccountSync, QueueCounts } from '../storage/sync.ts';
import { say } from './say.ts';
import { everyMinutes, inWords } from './schedule.ts';
import { relative } from './times.ts';
import { count, counted, decimal, span } from './units.ts';

/** How the copy is doing, in words. No markup and no DOM here: the page and the browser client say the same. */

/** `good`: nothing to do; `busy`: copying; `attention`: somebody should look; `quiet`: at rest on purpose. */
export type Tone = 'good' | 'busy' | 'attention' | 'quiet';

export interface Verdict {
  tone: Tone;
  /** One sentence: is all well? */
  sentence: string;
  /** What that means for the data. */
  meaning: string;
  /** The exact time of a relative one in the sentence, ISO 8601. */
  at?: string;
}

export interface SyncSituation {
  sync: AccountSync;
  queue: QueueCounts;
  /** Cron expression of reconciliation, or `off`. */
  reconcileCron: string;
  now: Date;
}

/** The first of these that applies is what a rider wants to know first. */
export function verdict(situation: SyncSituation): Verdict {
  return VERDICTS.map((judge) => judge(situation)).find((found) => found !== null) ?? allWell(situation);
}

/** Few words. */
export interface Glance {
  tone: Tone;
  words: string;
  /** A relative time in them, which grows while a page is open: the instant, and the words with `{0}` in its place. */
  since?: { at: string; words: string };
}

/** The same for the frame of every page: no schedule known. */
export function glance(sync: AccountSync, queue: QueueCounts, now: Date): Glance {
  if (sync.state === 'reconnect') return { tone: 'attention', words: say`Connect again` };
  if (sync.state === 'disconnected') return { tone: 'quiet', words: say`Disconnected` };
  if (sync.held > 0) return { tone: 'attention', words: counted(sync.held, 'deletion held', 'deletions held') };
  if (sync.trouble) return ageing('attention', sync.trouble.since, now, (when) => say`Not reached since ${when}`);
  if (isListing(sync)) return { tone: 'busy', words: say`Listing your library` };
  if (isCopying(sync, queue)) {
    const { done, total } = sync.backfill;
    return { tone: 'busy', words: say`${count(done)} of ${count(total)} copied` };
  }
  if (queue.dead > 0) return { tone: 'attention', words: counted(queue.dead, 'change needs you', 'changes need you') };
  if (sync.overdue)
    return { tone: 'attention', words: counted(sync.overdue.changes, 'change overdue', 'changes overdue') };
  if (sync.webhooks?.quiet) return { tone: 'attention', words: say`Webhooks are quiet` };
  const audit = sync.last_audit;
  if (audit) {
    const [same, all] = [count(audit.compared - audit.different), count(audit.compared)];
    const tone = audit.different === 0 ? 'good' : 'attention';
    return ageing(tone, audit.at, now, (when) => say`${same} of ${all} verified ${when}`);
  }
  if (sync.last_reconciled_at === null) return { tone: 'good', words: say`Connected` };
  return ageing('good', sync.last_reconciled_at, now, (when) => say`Checked ${when}`);
}

function ageing(tone: Tone, at: string, now: Date, write: (when: string) => string): Glance {
  return { tone, words: write(relative(new Date(at), now)), since: { at, words: write('{0}') } };
}

/** The backfill has not come back with the list of the library yet. */
export function isListing(sync: AccountSync): boolean {
  return sync.state === 'active' && sync.cursor === null && sync.backfill.total === 0;
}

export function isCopying(sync: AccountSync, queue: QueueCounts): boolean {
  return sync.state === 'active' && sync.backfill.done < sync.backfill.total && queue.pending + queue.active > 0;
}

/** `312 of 1,247`; empty while the library is being listed. */
export function copied({ backfill: { done, total } }: AccountSync): string {
  return total === 0 ? '' : say`${count(done)} of ${count(total)}`;
}

/** `4.1 a second`, `24 a minute`; empty while nobody can know. */
export function copySpeed({ backfill: { rate } }: AccountSync): string {
  if (rate === null || rate === 0) return '';
  return rate < 1 ? say`${count(rate * 60)} a minute` : say`${decimal(rate, rate < 10 ? 1 : 0)} a second`;
}

/** `About 4 minutes left`; empty while nobody can know. */
export function timeLeft(sync: AccountSync): string {
  return sync.backfill.seconds_left === null ? '' : say`About ${span(sync.backfill.seconds_left)} left`;
}

const VERDICTS: readonly ((situation: SyncSituation) => Verdict | null)[] = [
  ({ sync }) =>
    sync.state === 'disconnected'
      ? {
          tone: 'quiet',
          sentence: say`This account is disconnected.`,
          meaning: say`What was copied stays here and can be read and downloaded. New changes do not arrive.`,
        }
      : null,
  ({ sync }) =>
    sync.state === 'reconnect'
      ? {
          tone: 'attention',
          sentence: say`Ride With GPS no longer lets us in.`,
          meaning: say`Nothing is lost. Changes wait until you connect again, and are then caught up.`,
        }
      : null,
  ({ sync: { held } }) =>
    held > 0
      ? {
          tone: 'attention',
          sentence: counted(held, 'deletion waits for your word.', 'deletions wait for your word.'),
          meaning: say`So many at once may be a fault on the way, so they were not carried out here.`,
        }
      : null,
  unreached,
  ({ sync }) =>
    isListing(sync)
      ? {
          tone: 'busy',
          sentence: say`Asking Ride With GPS what is in your library.`,
          meaning: say`Copying begins as soon as the list is here.`,
        }
      : null,
  ({ sync, queue }) =>
    isCopying(sync, queue)
      ? {
          tone: 'busy',
          sentence: say`Copying your library.`,
          meaning: say`What has arrived can be looked at already. You may close this page; the copying goes on.`,
        }
      : null,
  ({ queue }) =>
    queue.dead > 0
      ? {
          tone: 'attention',
          sentence: counted(queue.dead, 'change needs you.', 'changes need you.'),
          meaning: say`Everything else is up to date. What each one is about stands below.`,
        }
      : null,
  overdue,
  late,
  quiet,
  different,
];

function unreached({ sync: { trouble }, reconcileCron, now }: SyncSituation): Verdict | null {
  if (!trouble) return null;
  return {
    tone: 'attention',
    sentence: say`Ride With GPS has not told us what changed since ${relative(new Date(trouble.since), now)}.`,
    meaning: `${trouble.reason} ${trying(reconcileCron)}`,
  };
}

/** Four times the schedule without an answer is no accident any more. */
function late({ sync, reconcileCron, now }: SyncSituation): Verdict | null {
  const every = everyMinutes(reconcileCron);
  if (every === null || sync.last_reconciled_at === null) return null;
  const last = new Date(sync.last_reconciled_at);
  if (now.getTime() - last.getTime() < 4 * every * 60_000) return null;
  return {
    tone: 'attention',
    sentence: say`Ride With GPS last answered us ${relative(last, now)}.`,
    meaning: trying(reconcileCron),
  };
}

const trying = (reconcileCron: string): string =>
  say`Nothing is lost. We try again ${inWords(reconcileCron)}, and catch up with everything since then.`;

/** One change that cannot be had is enough: the copy is known not to be true. */
function overdue({ sync }: SyncSituation): Verdict | null {
  if (!sync.overdue) return null;
  const { changes, since } = sync.overdue;
  return {
    tone: 'attention',
    sentence: counted(changes, 'change could not be fetched yet.', 'changes could not be fetched yet.'),
    meaning:
      changes === 1
        ? say`We know of it, and Ride With GPS has not given it to us for more than five minutes. Nothing is lost; we try again by ourselves.`
        : say`We know of them, and Ride With GPS has not given them to us for more than five minutes. Nothing is lost; we try again by ourselves.`,
    at: since,
  };
}

function quiet({ sync, reconcileCron, now }: SyncSituation): Verdict | null {
  const silence = sync.webhooks?.quiet;
  if (!silence) return null;
  return {
    tone: 'attention',
    sentence: say`Ride With GPS stopped announcing changes ${relative(new Date(silence.since), now)}.`,
    meaning: say`The last ${count(silence.changes)} were found by checking, ${inWords(reconcileCron)}. Nothing is lost, changes only arrive later. Look whether the webhook URL of your API client at Ride With GPS is still the one that stands in the settings here.`,
    at: silence.since,
  };
}

function different({ sync: { last_audit: audit }, now }: SyncSituation): Verdict | null {
  if (!audit || audit.different === 0) return null;
  return {
    tone: 'attention',
    sentence: verified(audit, now),
    meaning: say`What differed was fetched again at once. The next audit tells whether that was all; so does “Audit now”.`,
    at: audit.at,
  };
}

function allWell({ sync, reconcileCron, now }: SyncSituation): Verdict {
  const { last_audit: audit, last_reconciled_at: checked } = sync;
  const how =
    sync.mode === 'polling'
      ? say`Ride With GPS is checked ${inWords(reconcileCron)}.`
      : say`Changes arrive within seconds.`;
  const lately = checked && relative(new Date(checked), now);
  if (!audit) {
    return {
      tone: 'good',
      sentence: lately === null ? say`All is well.` : say`All is well as of ${lately}.`,
      meaning: `${say`The first audit will compare every route and trip.`} ${how}`,
      ...(checked !== null && { at: checked }),
    };
  }
  const since = lately === null ? '' : `${say`Everything that changed since then is here, as of ${lately}.`} `;
  return { tone: 'good', sentence: verified(audit, now), meaning: `${since}${how}`, at: audit.at };
}

/** `1,247 of 1,247 verified 9 hours ago, 0 differences.` */
function verified({ at, compared, different: wrong }: NonNullable<AccountSync['last_audit']>, now: Date): string {
  // On a phone the sentence breaks, but not within the time.
  const when = relative(new Date(at), now).replaceAll(' ', '\u00a0');
  return say`${count(compared - wrong)} of ${count(compared)} verified ${when}, ${counted(wrong, 'difference')}.`;
}

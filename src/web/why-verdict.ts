import type { WhyFacts } from '../why.ts';
import { message, said, say } from './say.ts';
import type { Tone } from './sync-verdict.ts';
import { moment as momentOf } from './times.ts';
import { inWords, latency, span } from './units.ts';
import { type WhyEvent, whyEvents } from './why-events.ts';
import { naming } from './why-naming.ts';

/** Why an item is here or not; the answer of `GET /api/v1/trips/{id}/why`. No markup: page, API and command line say the same. */
export interface Why {
  /** `trip`, `route`, or what the source calls it. */
  type: string;
  id: string;
  /** Null where it is not here. */
  name: string | null;
  state: 'active' | 'hidden' | 'deleted' | 'absent';
  verdict: WhyVerdict;
  events: WhyEvent[];
}

interface WhyVerdict {
  tone: Tone;
  /** One sentence that answers the question. */
  sentence: string;
  /** What it means, and what to do. */
  meaning: string;
}

export function whyOf(facts: WhyFacts): Why {
  const named = naming(facts.sync.source);
  const { tone, sentence, meaning } =
    VERDICTS.map((judge) => judge(facts)).find((found) => found !== null) ?? untold(facts);
  return {
    type: facts.type,
    id: facts.id,
    name: facts.item?.name ?? null,
    state: facts.item?.state ?? 'absent',
    verdict: verdict(tone, named(sentence), named(meaning)),
    events: whyEvents(facts).map((event) => ({ ...event, what: named(event.what), meaning: named(event.meaning) })),
  };
}

type Judge = (facts: WhyFacts) => WhyVerdict | null;

const verdict = (tone: Tone, sentence: string, meaning: string): WhyVerdict => ({ tone, sentence, meaning });

/** The first that applies answers the question. */
const VERDICTS: readonly Judge[] = [
  ({ known: { letter, task }, item }) =>
    // Where it was asked for again, that is what it waits for.
    letter && (!task || task.state === 'dead')
      ? verdict(
          'attention',
          item ? say`It is here, but its latest change is not.` : say`It could not be copied, and needs you.`,
          letter.sentence,
        )
      : null,
  ({ standing }) =>
    standing?.heldAt
      ? verdict(
          'attention',
          say`It is here, but Ride With GPS did not have it any more on ${moment(standing.heldAt)}.`,
          say`So many were gone at once that its deletion waits for your word, on the sync page.`,
        )
      : null,
  waiting,
  ({ standing }) =>
    standing?.missingAt
      ? verdict(
          'attention',
          say`It is here, but Ride With GPS did not have it on ${moment(standing.missingAt)}.`,
          say`Nobody announced that, so it is asked again before it counts as deleted.`,
        )
      : null,
  ({ standing }) =>
    standing?.keptAt
      ? verdict(
          'good',
          say`It is here because you keep it; Ride With GPS does not have it any more.`,
          say`You said so on ${moment(standing.keptAt)}. If it comes back there, it is followed again.`,
        )
      : null,
  ({ item, standing }) =>
    item?.state === 'deleted'
      ? verdict(
          'quiet',
          say`It was deleted at Ride With GPS; seen here on ${moment(standing?.deletedAt ?? 0)}.`,
          say`The last version stays here, with all its files.`,
        )
      : null,
  ({ item }) =>
    item?.state === 'hidden'
      ? item.owned
        ? verdict(
            'attention',
            say`It is here, but Ride With GPS does not show it to you at present.`,
            say`The last version stays.`,
          )
        : verdict(
            'quiet',
            say`It belongs to another rider, and you have not pinned it.`,
            say`Ride With GPS showed it to Slipstream, so there is a copy under Hidden. Pin it there to have it in your library.`,
          )
      : null,
  here,
  ({ account }) =>
    account.state === 'disconnected'
      ? verdict(
          'attention',
          say`It is not here: this account is disconnected.`,
          say`Nothing new is copied until you connect again.`,
        )
      : null,
  ({ account }) =>
    account.state === 'reconnect'
      ? verdict(
          'attention',
          say`It is not here: Ride With GPS no longer lets us in.`,
          say`Nothing new is copied until you connect again; then everything is caught up.`,
        )
      : null,
  refused,
  ({ standing }) =>
    standing?.pinned
      ? verdict(
          'attention',
          say`You pinned it, but it was never copied.`,
          say`Ride With GPS has not shown it to Slipstream. Fetch it again.`,
        )
      : null,
  ({ sync }) =>
    sync.cursor === null
      ? verdict(
          'busy',
          say`Your library is still being listed.`,
          say`Whether it is among it shows as soon as the list is here.`,
        )
      : null,
];

/** Something is to be fetched: what for, and what keeps it. */
function waiting({ known: { task, parked, pausedUntil }, account, item, now }: WhyFacts): WhyVerdict | null {
  if (!task || task.state === 'dead') return null;
  const waits = WAITS[item ? 'here' : 'coming'];
  // What was known before something that waits stays as it is.
  const meanwhile = item ? say`The version before it stays here meanwhile.` : '';
  if (task.state === 'active') return verdict('busy', said(waits.fetched), meanwhile);
  if (account.state !== 'active' || parked !== null)
    return verdict(
      'attention',
      say`It waits because the account must connect again.`,
      sentences(
        account.state === 'disconnected'
          ? say`This account is disconnected. Nothing is lost; it is fetched right after that.`
          : say`Ride With GPS no longer lets us in. Nothing is lost; it is fetched right after that.`,
        meanwhile,
      ),
    );
  if (pausedUntil > now)
    return verdict(
      'busy',
      said(waits.slowed),
      sentences(say`It is asked for in ${span((pausedUntil - now) / 1_000)}.`, meanwhile),
    );
  if (task.attempts > 0)
    return verdict(
      'attention',
      item ? say`It is here, but a change of it could not be fetched yet.` : say`It could not be fetched yet.`,
      sentences((task.lastError ?? '').split('\n', 1)[0], nextTry(task.dueAt, now), meanwhile),
    );
  // What is missing is asked about once more, and that is another verdict.
  if (task.dueAt > now && item) return null;
  return verdict('busy', said(waits.queued), sentences(say`Learnt of ${moment(task.firstLearntAt)}.`, meanwhile));
}

const WAITS = {
  here: {
    fetched: message('It is here, and is looked at again: it is being fetched at this moment.'),
    slowed: message('It is here, and is looked at again: Ride With GPS asked us to slow down.'),
    queued: message('It is here, and is looked at again: it is in the queue.'),
  },
  coming: {
    fetched: message('It is on its way: it is being fetched at this moment.'),
    slowed: message('It is on its way: Ride With GPS asked us to slow down.'),
    queued: message('It is on its way: it is in the queue.'),
  },
};

const nextTry = (at: number, now: number): string =>
  at > now ? say`It is tried again in ${span((at - now) / 1_000)}.` : say`It is tried again at once.`;

/** It is in the library: since when, and how quickly it came. */
function here({ item, standing, fetches, account }: WhyFacts): WhyVerdict | null {
  if (!item || !standing) return null;
  const copy = fetches.find(({ outcome }) => outcome === 'created' || outcome === 'updated');
  const sentence = copy ? copied(copy) : say`It is here: fetched last ${moment(standing.fetchedAt)}.`;
  if (account.state !== 'active')
    return verdict(
      'attention',
      sentence,
      account.state === 'disconnected'
        ? say`This account is disconnected, so later changes do not arrive.`
        : say`Later changes wait until you connect again.`,
    );
  const checked =
    copy && standing.fetchedAt > copy.finishedAt ? say`Looked at last on ${moment(standing.fetchedAt)}: the same.` : '';
  return verdict(
    'good',
    sentence,
    checked || say`That is what Ride With GPS had then, and nothing else was heard since.`,
  );
}

function copied({ webhook, finishedAt, origin }: WhyFacts['fetches'][number]): string {
  const when = moment(finishedAt);
  if (!webhook) return COPIED[origin]?.(when) ?? say`It is here: copied ${when}.`;
  return say`It is here: copied ${when}, ${inWords(latency(Math.max(0, finishedAt - webhook.first)))} after the webhook.`;
}

const COPIED: Record<string, (when: string) => string> = {
  reconciliation: (when) => say`It is here: copied ${when}, found by reconciliation.`,
  backfill: (when) => say`It is here: copied ${when}, when your library was first copied.`,
  audit: (when) => say`It is here: copied ${when}, found by an audit.`,
  person: (when) => say`It is here: copied ${when}, when you asked for it.`,
};

/** It was asked for, and did not come. */
function refused({ type, fetches }: WhyFacts): WhyVerdict | null {
  const [latest] = fetches;
  if (!latest) return null;
  const when = moment(latest.finishedAt);
  if (latest.outcome === 'never seen, gone')
    return verdict('attention', noSuch(type), say`That was its answer on ${when}. If it is new there, fetch it again.`);
  if (latest.outcome === 'never seen, not visible')
    return verdict(
      'attention',
      notShown(type),
      say`That was its answer on ${when}. It is another rider’s; ask for it to be shared, then fetch it again.`,
    );
  return verdict(
    'attention',
    say`It was asked for and is not here.`,
    sentences(latest.detail || say`What came of it stands below.`, say`That was on ${when}. Fetch it again.`),
  );
}

/** Nobody ever spoke of it. */
function untold({ type, sync, account }: WhyFacts): WhyVerdict {
  const until = sync.last_reconciled_at === null ? account.connectedAt : Date.parse(sync.last_reconciled_at);
  const trouble =
    sync.trouble && say`Since ${moment(Date.parse(sync.trouble.since))} it could not be asked: ${sync.trouble.reason}`;
  return verdict(
    sync.trouble ? 'attention' : 'quiet',
    sync.mode === 'webhook'
      ? say`Ride With GPS has not told us of it: no webhook and no list had it up to ${moment(until)}.`
      : say`Ride With GPS has not told us of it: no list had it up to ${moment(until)}.`,
    sentences(
      trouble,
      say`It may be another rider’s, in another account of yours, or not finished there.`,
      toAsk(type),
    ),
  );
}

/** What another source has is called as that source calls it. */
function noSuch(type: string): string {
  if (type === 'route') return say`Ride With GPS says there is no such route, or it is not yours to see.`;
  if (type === 'trip') return say`Ride With GPS says there is no such trip, or it is not yours to see.`;
  return say`Ride With GPS says there is no such ${type}, or it is not yours to see.`;
}

function notShown(type: string): string {
  if (type === 'route') return say`Ride With GPS does not show this route to you.`;
  if (type === 'trip') return say`Ride With GPS does not show this trip to you.`;
  return say`Ride With GPS does not show this ${type} to you.`;
}

function toAsk(type: string): string {
  if (type === 'route') return say`To ask for this very route, press the button.`;
  if (type === 'trip') return say`To ask for this very trip, press the button.`;
  return say`To ask for this very ${type}, press the button.`;
}

const sentences = (...parts: (string | null | undefined)[]): string => parts.filter(Boolean).join(' ');

/** Of epoch milliseconds. */
const moment = (at: number): string => momentOf(new Date(at));

import type { WhyFacts } from '../why.ts';
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

/** What was known before something that waits stays as it is. */
const MEANWHILE = 'The version before it stays here meanwhile.';

/** The first that applies answers the question. */
const VERDICTS: readonly Judge[] = [
  ({ known: { letter, task }, item }) =>
    // Where it was asked for again, that is what it waits for.
    letter && (!task || task.state === 'dead')
      ? verdict(
          'attention',
          item ? 'It is here, but its latest change is not.' : 'It could not be copied, and needs you.',
          letter.sentence,
        )
      : null,
  ({ standing }) =>
    standing?.heldAt
      ? verdict(
          'attention',
          `It is here, but Ride With GPS did not have it any more on ${moment(standing.heldAt)}.`,
          'So many were gone at once that its deletion waits for your word, on the sync page.',
        )
      : null,
  waiting,
  ({ standing }) =>
    standing?.missingAt
      ? verdict(
          'attention',
          `It is here, but Ride With GPS did not have it on ${moment(standing.missingAt)}.`,
          'Nobody announced that, so it is asked again before it counts as deleted.',
        )
      : null,
  ({ standing }) =>
    standing?.keptAt
      ? verdict(
          'good',
          'It is here because you keep it; Ride With GPS does not have it any more.',
          `You said so on ${moment(standing.keptAt)}. If it comes back there, it is followed again.`,
        )
      : null,
  ({ item, standing }) =>
    item?.state === 'deleted'
      ? verdict(
          'quiet',
          `It was deleted at Ride With GPS; seen here on ${moment(standing?.deletedAt ?? 0)}.`,
          'The last version stays here, with all its files.',
        )
      : null,
  ({ item }) =>
    item?.state === 'hidden'
      ? item.owned
        ? verdict(
            'attention',
            'It is here, but Ride With GPS does not show it to you at present.',
            'The last version stays.',
          )
        : verdict(
            'quiet',
            'It belongs to another rider, and you have not pinned it.',
            'Ride With GPS showed it to Slipstream, so there is a copy under Hidden. Pin it there to have it in your library.',
          )
      : null,
  here,
  ({ account }) =>
    account.state === 'disconnected'
      ? verdict(
          'attention',
          'It is not here: this account is disconnected.',
          'Nothing new is copied until you connect again.',
        )
      : null,
  ({ account }) =>
    account.state === 'reconnect'
      ? verdict(
          'attention',
          'It is not here: Ride With GPS no longer lets us in.',
          'Nothing new is copied until you connect again; then everything is caught up.',
        )
      : null,
  refused,
  ({ standing }) =>
    standing?.pinned
      ? verdict(
          'attention',
          'You pinned it, but it was never copied.',
          'Ride With GPS has not shown it to Slipstream. Fetch it again.',
        )
      : null,
  ({ sync }) =>
    sync.cursor === null
      ? verdict(
          'busy',
          'Your library is still being listed.',
          'Whether it is among it shows as soon as the list is here.',
        )
      : null,
];

/** Something is to be fetched: what for, and what keeps it. */
function waiting({ known: { task, parked, pausedUntil }, account, item, now }: WhyFacts): WhyVerdict | null {
  if (!task || task.state === 'dead') return null;
  const begin = item ? 'It is here, and is looked at again' : 'It is on its way';
  const meanwhile = item ? MEANWHILE : '';
  if (task.state === 'active') return verdict('busy', `${begin}: it is being fetched at this moment.`, meanwhile);
  if (account.state !== 'active' || parked !== null)
    return verdict(
      'attention',
      'It waits because the account must connect again.',
      `${account.state === 'disconnected' ? 'This account is disconnected.' : 'Ride With GPS no longer lets us in.'} Nothing is lost; it is fetched right after that. ${meanwhile}`.trim(),
    );
  if (pausedUntil > now)
    return verdict(
      'busy',
      `${begin}: Ride With GPS asked us to slow down.`,
      `It is asked for in ${span((pausedUntil - now) / 1_000)}. ${meanwhile}`.trim(),
    );
  if (task.attempts > 0)
    return verdict(
      'attention',
      item ? 'It is here, but a change of it could not be fetched yet.' : 'It could not be fetched yet.',
      `${(task.lastError ?? '').split('\n', 1)[0]} It is tried again ${due(task.dueAt, now)}. ${meanwhile}`.trim(),
    );
  // What is missing is asked about once more, and that is another verdict.
  if (task.dueAt > now && item) return null;
  return verdict(
    'busy',
    `${begin}: it is in the queue.`,
    `Learnt of ${moment(task.firstLearntAt)}. ${meanwhile}`.trim(),
  );
}

const due = (at: number, now: number): string => (at > now ? `in ${span((at - now) / 1_000)}` : 'at once');

/** It is in the library: since when, and how quickly it came. */
function here({ item, standing, fetches, account }: WhyFacts): WhyVerdict | null {
  if (!item || !standing) return null;
  const copy = fetches.find(({ outcome }) => outcome === 'created' || outcome === 'updated');
  const when = copy ? `copied ${moment(copy.finishedAt)}${lagOf(copy)}` : `fetched last ${moment(standing.fetchedAt)}`;
  if (account.state !== 'active')
    return verdict(
      'attention',
      `It is here: ${when}.`,
      account.state === 'disconnected'
        ? 'This account is disconnected, so later changes do not arrive.'
        : 'Later changes wait until you connect again.',
    );
  const checked =
    copy && standing.fetchedAt > copy.finishedAt ? `Looked at last on ${moment(standing.fetchedAt)}: the same.` : '';
  return verdict(
    'good',
    `It is here: ${when}.`,
    checked || 'That is what Ride With GPS had then, and nothing else was heard since.',
  );
}

function lagOf({ webhook, finishedAt, origin }: WhyFacts['fetches'][number]): string {
  if (webhook) return `, ${inWords(latency(Math.max(0, finishedAt - webhook.first)))} after the webhook`;
  return HOW[origin] ?? '';
}

const HOW: Record<string, string> = {
  reconciliation: ', found by reconciliation',
  backfill: ', when your library was first copied',
  audit: ', found by an audit',
  person: ', when you asked for it',
};

/** It was asked for, and did not come. */
function refused({ type, fetches }: WhyFacts): WhyVerdict | null {
  const [latest] = fetches;
  if (!latest) return null;
  const when = moment(latest.finishedAt);
  if (latest.outcome === 'never seen, gone')
    return verdict(
      'attention',
      `Ride With GPS says there is no such ${type}, or it is not yours to see.`,
      `That was its answer on ${when}. If it is new there, fetch it again.`,
    );
  if (latest.outcome === 'never seen, not visible')
    return verdict(
      'attention',
      `Ride With GPS does not show this ${type} to you.`,
      `That was its answer on ${when}. It is another rider’s; ask for it to be shared, then fetch it again.`,
    );
  return verdict(
    'attention',
    'It was asked for and is not here.',
    `${latest.detail || 'What came of it stands below.'} That was on ${when}. Fetch it again.`,
  );
}

/** Nobody ever spoke of it. */
function untold({ type, sync, account }: WhyFacts): WhyVerdict {
  const until = sync.last_reconciled_at === null ? account.connectedAt : Date.parse(sync.last_reconciled_at);
  const trouble = sync.trouble
    ? ` Since ${moment(Date.parse(sync.trouble.since))} it could not be asked: ${sync.trouble.reason}`
    : '';
  const sources = sync.mode === 'webhook' ? 'no webhook and no list had it' : 'no list had it';
  return verdict(
    sync.trouble ? 'attention' : 'quiet',
    `Ride With GPS has not told us of it: ${sources} up to ${moment(until)}.`,
    `${trouble} It may be another rider’s, in another account of yours, or not finished there. To ask for this very ${type}, press the button.`.trim(),
  );
}

/** Of epoch milliseconds. */
const moment = (at: number): string => momentOf(new Date(at));

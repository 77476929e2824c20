import type { Fetch } from '../storage/items.ts';
import type { WhyFacts } from '../why.ts';
import { counted, inWords, latency, span } from './units.ts';

/** One thing that happened to an item, in words. */
export interface WhyEvent {
  /** ISO 8601, our clock. */
  at: string;
  /** Milliseconds after the one before it; null for the first. */
  after_ms: number | null;
  kind: 'changed' | 'learnt' | 'asked' | 'answered' | 'set aside' | 'now';
  /** Needs somebody, or went wrong. */
  attention: boolean;
  what: string;
  /** What it means; empty where that goes without saying. */
  meaning: string;
}

type Happened = Omit<WhyEvent, 'at' | 'after_ms'> & { at: number };

/** The line of events, from the first to what is now. */
export function whyEvents(facts: WhyFacts): WhyEvent[] {
  const { fetches, known } = facts;
  const told = new Set<string>();
  const all: Happened[] = [
    ...known.findings.map(changed),
    ...fetches
      .toReversed()
      .flatMap((fetch) =>
        isOwnersWord(fetch) ? ownersWord(fetch) : [...learnt(fetch, told), asked(fetch), answered(fetch)],
      ),
    ...(known.task ? learnt(known.task, told) : []),
    ...(known.letter ? [setAside(known.letter)] : []),
  ].sort((one, other) => one.at - other.at);
  const line = [...all, ...atPresent(facts)];
  return line.map(({ at, ...event }, index) => {
    const before = line[index - 1]?.at;
    return { at: new Date(at).toISOString(), after_ms: before === undefined ? null : at - before, ...event };
  });
}

/** `1.8 s later`; empty for the first and for what came at once. */
export function lagInWords({ after_ms }: Pick<WhyEvent, 'after_ms'>): string {
  if (after_ms === null || after_ms <= 0) return '';
  return after_ms < 120_000 ? `${inWords(latency(after_ms))} later` : `${span(after_ms / 1_000)} later`;
}

function changed({ action, happenedAt, announced }: WhyFacts['known']['findings'][number]): Happened {
  const meaning =
    announced === false
      ? 'No webhook announced it within two minutes, so it counts as drift. Reconciliation found it.'
      : announced
        ? 'A webhook announced it in time.'
        : 'Reconciliation found it; whether a webhook announced it is judged after two minutes.';
  return {
    at: happenedAt,
    kind: 'changed',
    attention: announced === false,
    what: `Changed at Ride With GPS ${quoted(action)}`,
    meaning,
  };
}

type Told = Pick<Fetch, 'origin' | 'action' | 'notifications' | 'firstLearntAt' | 'webhook'>;

/** A fetch that was asked once more answers the same notifications again: they are told once. */
function learnt({ origin, action, notifications, firstLearntAt, webhook }: Told, told: Set<string>): Happened[] {
  const first: Happened[] = [];
  const add = (at: number, what: string, meaning: string) => {
    if (told.has(`${at} ${what}`)) return;
    told.add(`${at} ${what}`);
    first.push({ at, kind: 'learnt', attention: false, what, meaning });
  };
  if (origin !== 'webhook') {
    const [what, meaning] = ORIGINS[origin]?.(action) ?? [`Learnt of it ${quoted(action)}`, ''];
    add(firstLearntAt, what, meaning);
  }
  if (webhook) {
    const more = notifications > 1 ? `Together with ${counted(notifications - 1, 'more notification')}.` : '';
    add(webhook.first, `A webhook told of it ${origin === 'webhook' ? quoted(action) : ''}`.trim(), more);
  }
  return first;
}

/** By the word of `Notification`; the action is the provider's, or our own. */
const ORIGINS: Record<string, (action: string) => [what: string, meaning: string]> = {
  reconciliation: (action) => [
    `Reconciliation found it ${quoted(action)}`,
    'Ride With GPS was asked what had changed.',
  ],
  backfill: () => ['Found when your library was listed', 'The first reconciliation copies everything.'],
  audit: () => ['An audit found that the copy differs', 'The whole library was compared.'],
  person: (action) =>
    action === 'replayed' ? ['You had it tried again', ''] : ['You asked for it to be fetched again', ''],
  'follow-up': (action) =>
    action === 'pinned'
      ? ['You pinned it', 'What is pinned is copied too.']
      : ['It changed for its owner', 'Its owner is connected here as well.'],
};

/** The owner's word on a held deletion is on record as if it were a fetch, and asked nobody. */
const isOwnersWord = ({ origin, action }: Fetch): boolean => origin === 'person' && action in OWNERS_WORD;

function ownersWord({ action, finishedAt: at }: Fetch): Happened[] {
  const [what, meaning] = OWNERS_WORD[action] ?? ['', ''];
  return [{ at, kind: 'answered', attention: false, what, meaning }];
}

const OWNERS_WORD: Record<string, [what: string, meaning: string]> = {
  confirmed: ['You said that you deleted it', 'It became a tombstone: the last version stays readable.'],
  refused: ['You said that you did not delete it', 'It is kept as it is, although Ride With GPS does not have it.'],
};

function asked({ claimedAt: at }: Fetch): Happened {
  return { at, kind: 'asked', attention: false, what: 'Slipstream asked Ride With GPS for it', meaning: '' };
}

function answered({ outcome, detail, finishedAt: at }: Fetch): Happened {
  const known = OUTCOMES[outcome] ?? { what: `It ended as “${outcome}”`, meaning: '' };
  // What was said of this one is better than what we would say of such things in general.
  const meaning = SPECIFIC.has(outcome) && detail !== '' ? detail : known.meaning;
  return { at, kind: 'answered', attention: known.attention ?? false, what: known.what, meaning };
}

const SPECIFIC = new Set(['failed', 'provider-down']);

/** How a fetch ended, by the word that `mirror.ts` or `worker.ts` put on record. */
export const OUTCOMES: Record<string, { what: string; meaning: string; attention?: boolean }> = {
  created: { what: 'Copied for the first time', meaning: '' },
  updated: { what: 'Copied: a new version', meaning: 'The version before it stays in the history.' },
  unchanged: { what: 'Nothing had changed', meaning: 'Ride With GPS sent what is here already.' },
  stale: {
    what: 'The answer came too late',
    meaning: 'A newer one was here already, and older never overwrites newer.',
  },
  hidden: {
    what: 'Ride With GPS did not show it any more',
    meaning: 'It belongs to another rider. The last version stays here as hidden.',
  },
  tombstoned: { what: 'Gone at Ride With GPS: marked as deleted', meaning: 'The last version stays readable.' },
  'still gone': { what: 'Still gone at Ride With GPS', meaning: 'It was marked as deleted before.' },
  missing: {
    what: 'Ride With GPS did not have it',
    meaning: 'Nobody had announced that, so it is asked again a minute later before it counts.',
    attention: true,
  },
  held: {
    what: 'Gone, and held',
    meaning: 'Many deletions at once that nobody announced may be a fault on the way: they wait for your word.',
    attention: true,
  },
  kept: { what: 'Still gone, and kept', meaning: 'You said to keep it.' },
  refused: {
    what: 'Ride With GPS refused you your own item',
    meaning: 'The copy that is here stays. It was set aside for you to look at.',
    attention: true,
  },
  'never seen, gone': {
    what: 'Ride With GPS says that there is no such thing, or it is not yours to see',
    meaning: 'There was no copy of it, so nothing is lost here.',
    attention: true,
  },
  'never seen, not visible': {
    what: 'Ride With GPS does not show it to you',
    meaning: 'It exists, and its owner does not share it with you.',
    attention: true,
  },
  'rate-limited': { what: 'Ride With GPS asked us to slow down', meaning: 'It is asked again as soon as it allows.' },
  unauthorized: {
    what: 'Ride With GPS refused the token',
    meaning: 'The token is tried once more before you are asked to connect again.',
    attention: true,
  },
  'locked-out': {
    what: 'The stored token could not be opened',
    meaning: 'The secret key is another one than it was sealed with. Connect again.',
    attention: true,
  },
  'provider-down': { what: 'Ride With GPS could not be reached', meaning: 'It is tried again.', attention: true },
  broken: {
    what: 'Slipstream failed with it',
    meaning: 'A fault of our own; the log describes it. It is tried again, and set aside after that.',
    attention: true,
  },
  failed: { what: 'It could not be copied', meaning: 'It was set aside.', attention: true },
  'stale-token': { what: 'The token had run out', meaning: 'It is renewed, and then this is asked again.' },
  accepted: { what: 'The token works', meaning: '' },
  'pins replaced': { what: 'The list of what you pinned was read', meaning: '' },
};

function setAside({ at, sentence }: NonNullable<WhyFacts['known']['letter']>): Happened {
  return { at, kind: 'set aside', attention: true, what: 'Set aside: it needs you', meaning: sentence };
}

/** What it waits for at this moment; nothing where nothing is to be done. */
function atPresent({ known: { task, parked, pausedUntil }, now, queue, account }: WhyFacts): Happened[] {
  if (!task || task.state === 'dead') return [];
  const is = (what: string, meaning: string, attention = false): Happened[] => [
    { at: now, kind: 'now', attention, what, meaning },
  ];
  if (task.state === 'active')
    return is(
      'It is being fetched at this moment',
      task.owesOneMore ? 'Something was learnt meanwhile: it is fetched once more after that.' : '',
    );
  if (account.state === 'disconnected')
    return is('It waits', 'This account is disconnected, so nobody can ask for it.', true);
  if (parked !== null) return is('It waits until you connect again', parked, true);
  const due = Math.max(task.dueAt, pausedUntil);
  const wait = due > now ? `in ${span((due - now) / 1_000)}` : 'as soon as it is its turn';
  if (pausedUntil > now) return is('It waits because Ride With GPS asked us to slow down', `It is asked for ${wait}.`);
  if (task.attempts > 0)
    return is(
      `It is tried again ${wait}`,
      `${counted(task.attempts, 'attempt')} so far. ${firstLine(task.lastError)}`.trim(),
      true,
    );
  if (due > now) return is(`It is asked for again ${wait}`, firstLine(task.lastError));
  return is('It is in the queue', queue.pending > 1 ? `${counted(queue.pending, 'item')} of your library wait.` : '');
}

/** What was answered follows on further lines, for whoever looks into it. */
const firstLine = (text: string | null): string => (text ?? '').split('\n', 1)[0] ?? '';

/** Somebody else's word in a sentence of ours. */
const quoted = (word: string): string => (word === '' ? '' : `(“${word.slice(0, 40)}”)`);

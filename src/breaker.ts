import type { Board } from './storage/board.ts';
import type { Limit } from './storage/inbox.ts';
import type { AccountRef, SourceName } from './vocabulary.ts';

/** After so many failures in a row it is not the item. */
const OPENS_AFTER = 8;
/** So many failures of one account count against its source, and no more: one account alone never opens it. */
const COUNTED_OF_ONE = 4;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** After an outage: once so many may run at the same time, it is over. */
const RECOVERED = 16;

/** One request, or several one after the other, ended by exactly one of these. */
export interface Attempt {
  /** The provider answered, whatever it said. */
  answered(): void;
  /** It answered that we ask too often. */
  limited(): void;
  failed(): void;
  /** It came to nothing on our side, which says nothing about the provider. */
  unknown(): void;
}

/** What an attempt is made for: a claimed task, which the inbox counts in all processes, or anything else, which is counted here. */
type Purpose = 'task' | 'request';

/** On the board. Where all is well there is none. */
interface Circuit {
  readonly source: SourceName;
  readonly account?: string;
  /** In a row. */
  readonly failures: number;
  /** When it was opened the last time, epoch milliseconds; 0: not since all was well. */
  readonly since: number;
  /** Epoch milliseconds: one attempt may be made then; 0 while closed. */
  readonly retryAt: number;
  readonly pause: number;
  /** How many attempts may run at once: few after a failure or an outage, then more with every answer. Null: any number. */
  readonly allowed: number | null;
}

/** Attempts of this process in one circuit, begun since it was opened. */
interface Running {
  since: number;
  attempts: number;
  requests: number;
}

export interface BreakerParts {
  board: Board;
  now: () => number;
  random: () => number;
  onError: (error: unknown) => void;
}

/**
 * One for each source and within it for each account, so that one rider's trouble is not everybody's. During an outage a single
 * attempt now and then asks whether the provider is back, and spends no try of its task; afterwards those that waited are let
 * through a few at a time, like a connection that starts slowly.
 *
 * The circuits are on the board: what one process learnt holds in all of them, and for one that starts in the middle of an outage. Two
 * that learn something in the same instant overwrite each other, and one of the two is forgotten. That does no harm, because nothing here is
 * a count that must be right, and no state stays for ever: an open circuit is probed when its time has come, a closed one always lets
 * somebody through, and each answer replaces it.
 * - Of two failures one counts: it opens a failure or two later. An opening that is overwritten by a failure or an answer which was
 *   under way: the same, since as many failures in a row open it again; and an answer that came is no sign of an outage.
 * - Two open at once: both opened, the instants differ by milliseconds. Attempts begun under the one that is forgotten say nothing.
 * - Two probes: the inbox counts active tasks of all processes, so there is one; a reconciliation in another process, which the inbox
 *   does not see, may be one more.
 * - Two answers after an outage let one more through rather than two; where an answer overwrites a failure, it is one more for a while.
 */
export function createBreaker({ board, now, random, onError }: BreakerParts) {
  const running = new Map<string, Running>();

  const known = (name: string) => board.get(name) as Circuit | undefined;

  /** Nothing is put where nothing changes: on an ordinary day the board is not touched. */
  function learn(ref: CircuitRef, change: (one: Circuit) => Circuit): void {
    const name = circuitName(ref);
    const before = known(name);
    const after = change(before ?? closed(ref));
    const isAsBefore = before ? sameAs(before, after) : isOrdinary(after);
    if (!isAsBefore) board.put(name, isOrdinary(after) ? undefined : after).catch(onError);
  }

  /** @returns an attempt that counts in both circuits. */
  function begin(ref: AccountRef, purpose: Purpose = 'request'): Attempt {
    const { source, account } = ref;
    const mine = enter({ source, account }, purpose);
    const common = enter({ source }, purpose);
    let over = false;

    /** Those that were under way when a circuit opened say nothing new about it. */
    const end = (inMine: (one: Circuit) => Circuit, inCommon: (one: Circuit) => Circuit) => () => {
      if (over) return;
      over = true;
      if (mine.leave()) learn({ source, account }, inMine);
      if (common.leave()) learn({ source }, inCommon);
    };

    return {
      answered: end(succeed, succeed),
      limited: end(slowDown, asItWas),
      failed: end(fail, (one) => {
        const failures = known(circuitName({ source, account }))?.failures ?? 0;
        return one.retryAt > 0 || failures <= COUNTED_OF_ONE ? fail(one) : one;
      }),
      unknown: end(asItWas, asItWas),
    };
  }

  function enter(ref: CircuitRef, purpose: Purpose) {
    const name = circuitName(ref);
    const since = known(name)?.since ?? 0;
    const mine = runningIn(name, since) ?? { since, attempts: 0, requests: 0 };
    running.set(name, mine);
    mine.attempts += 1;
    if (purpose === 'request') mine.requests += 1;
    return {
      /** @returns whether it was not opened meanwhile. */
      leave(): boolean {
        mine.attempts -= 1;
        if (purpose === 'request') mine.requests -= 1;
        if (mine.attempts === 0 && running.get(name) === mine) running.delete(name);
        return (known(name)?.since ?? 0) === since;
      },
    };
  }

  function runningIn(name: string, since: number): Running | undefined {
    const those = running.get(name);
    return those?.since === since ? those : undefined;
  }

  function fail(one: Circuit): Circuit {
    const failures = one.failures + 1;
    const allowed = one.allowed === null ? null : Math.max(1, one.allowed / 2);
    if (failures < OPENS_AFTER) return { ...one, failures, allowed };
    return {
      ...one,
      failures,
      allowed,
      since: now(),
      retryAt: now() + one.pause * (0.5 + random()),
      pause: Math.min(one.pause * 2, LONGEST_PAUSE_MS),
    };
  }

  function mayBegin(ref: CircuitRef): boolean {
    const one = known(circuitName(ref));
    const most = one && mostAtOnce(one, now());
    return !one || most === undefined || most > (runningIn(circuitName(ref), one.since)?.attempts ?? 0);
  }

  return {
    begin,
    /** Whether asking makes sense now: all is well, or it is time to see whether it is. */
    mayAsk: ({ source, account }: AccountRef): boolean => mayBegin({ source }) && mayBegin({ source, account }),
    isOpen: ({ source, account }: AccountRef): boolean =>
      [{ source }, { source, account }].some((each) => (known(circuitName(each))?.retryAt ?? 0) > 0),
    /** How many tasks may be active at this moment, where that is limited. */
    limits: (): Limit[] =>
      board.names(CIRCUITS).flatMap((name) => {
        const one = known(name);
        const most = one && mostAtOnce(one, now());
        if (!one || most === undefined) return [];
        const { source, account, since } = one;
        const requests = runningIn(name, since)?.requests ?? 0;
        return [{ source, ...(account !== undefined && { account }), most: Math.max(0, most - requests), since }];
      }),
  };
}

export type Breaker = ReturnType<typeof createBreaker>;

type CircuitRef = Pick<Circuit, 'source' | 'account'>;

const CIRCUITS = 'circuit ';

export const circuitName = ({ source, account }: CircuitRef): string =>
  account === undefined ? `${CIRCUITS}${source}` : `${CIRCUITS}${source} ${account}`;

const closed = (ref: CircuitRef): Circuit => ({
  ...ref,
  failures: 0,
  since: 0,
  retryAt: 0,
  pause: FIRST_PAUSE_MS,
  allowed: null,
});

/** @returns undefined: any number. */
function mostAtOnce({ retryAt, allowed }: Circuit, now: number): number | undefined {
  if (retryAt > 0) return retryAt <= now ? 1 : 0;
  return allowed === null ? undefined : Math.floor(allowed);
}

function succeed(one: Circuit): Circuit {
  if (one.retryAt === 0 && one.allowed === null) return { ...one, failures: 0 };
  const allowed = (one.retryAt > 0 || one.allowed === null ? 1 : one.allowed) + 1;
  return allowed > RECOVERED ? closed(one) : { ...one, failures: 0, retryAt: 0, allowed };
}

const slowDown = (one: Circuit): Circuit => ({ ...one, allowed: 1 });

const asItWas = (one: Circuit): Circuit => one;

/** Nothing to remember: the next one begins like this too. */
const isOrdinary = ({ failures, retryAt, allowed }: Circuit): boolean =>
  failures === 0 && retryAt === 0 && allowed === null;

const sameAs = (one: Circuit, other: Circuit): boolean =>
  one.failures === other.failures &&
  one.since === other.since &&
  one.retryAt === other.retryAt &&
  one.allowed === other.allowed;

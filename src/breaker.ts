import type { Limit } from './storage/inbox.ts';
import type { AccountRef, SourceName } from './vocabulary.ts';

/** So many failures in a row, and it is not the item. */
const OPENS_AFTER = 8;
/** Failures of one account that count against its source: alone it never makes up the number. */
const COUNTED_OF_ONE = 4;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** As many at once as after an outage make the catching up an ordinary day. */
const RECOVERED = 16;

/** One request, or one after the other, to be ended by exactly one of these. */
export interface Attempt {
  /** The provider answered, whatever it said. */
  answered(): void;
  /** It answered that it is asked too much. */
  limited(): void;
  failed(): void;
  /** It came to nothing on our side, which says nothing about the provider. */
  unknown(): void;
}

interface Circuit {
  /** In a row. */
  failures: number;
  /** Epoch milliseconds: one attempt may be made then; 0 while closed. */
  retryAt: number;
  pause: number;
  /** How many attempts may run at once: few after a failure or an outage, then more with every answer. */
  allowed: number;
  /** Attempts begun since it was opened or closed the last time. */
  running: number;
  /** Tells attempts that were begun before from those that were begun since. */
  turn: number;
}

/**
 * One for each source and within it for each account, so that one rider's trouble is not everybody's. During an outage a single
 * attempt now and then asks whether the provider is back, and spends no try of its task; afterwards those that waited are let
 * through a few at a time, like a connection that starts slowly.
 */
export function createBreaker(now: () => number, random: () => number) {
  const circuits = new Map<string, Circuit & Omit<Limit, 'most'>>();

  function circuit(source: SourceName, account?: string) {
    const name = account === undefined ? source : `${source} ${account}`;
    const known = circuits.get(name) ?? { source, ...(account !== undefined && { account }), ...closed() };
    circuits.set(name, known);
    return known;
  }

  const mayBegin = (one: Circuit | undefined): boolean => !one || mostNow(one, now()) > 0;

  /** @returns an attempt that counts in both circuits. */
  function begin({ source, account }: AccountRef): Attempt {
    const [mine, common] = [circuit(source, account), circuit(source)];
    const [myTurn, commonTurn] = [mine.turn, common.turn];
    mine.running += 1;
    common.running += 1;
    let over = false;

    /** Those that were under way when a circuit opened say nothing new about it. */
    const end = (inMine: (one: Circuit) => void, inCommon: (one: Circuit) => void) => () => {
      if (over) return;
      over = true;
      if (mine.turn === myTurn) {
        mine.running -= 1;
        inMine(mine);
      }
      if (common.turn === commonTurn) {
        common.running -= 1;
        inCommon(common);
      }
      if (isOrdinary(mine)) circuits.delete(`${source} ${account}`);
      if (isOrdinary(common)) circuits.delete(source);
    };

    return {
      answered: end(succeed, succeed),
      limited: end(slowDown, nothing),
      failed: end(fail, (one) => {
        if (one.retryAt > 0 || mine.failures <= COUNTED_OF_ONE) fail(one);
      }),
      unknown: end(nothing, nothing),
    };
  }

  function fail(one: Circuit): void {
    one.failures += 1;
    if (one.allowed <= RECOVERED) one.allowed = Math.max(1, one.allowed / 2);
    if (one.failures < OPENS_AFTER) return;
    one.retryAt = now() + one.pause * (0.5 + random());
    one.pause = Math.min(one.pause * 2, LONGEST_PAUSE_MS);
    one.running = 0;
    one.turn += 1;
  }

  return {
    begin,
    /** Whether asking makes sense now: all is well, or it is time to see whether it is. */
    mayAsk: ({ source, account }: AccountRef): boolean =>
      mayBegin(circuits.get(source)) && mayBegin(circuits.get(`${source} ${account}`)),
    isOpen: ({ source, account }: AccountRef): boolean =>
      [source, `${source} ${account}`].some((name) => (circuits.get(name)?.retryAt ?? 0) > 0),
    /** How many more may begin at this moment, where that is limited. */
    limits: (): Limit[] =>
      [...circuits.values()].flatMap((one) => {
        const most = mostNow(one, now());
        if (most === Number.POSITIVE_INFINITY) return [];
        const { source, account } = one;
        return [{ source, ...(account !== undefined && { account }), most }];
      }),
  };
}

export type Breaker = ReturnType<typeof createBreaker>;

const closed = (): Circuit => ({
  failures: 0,
  retryAt: 0,
  pause: FIRST_PAUSE_MS,
  allowed: Number.POSITIVE_INFINITY,
  running: 0,
  turn: 0,
});

function mostNow({ retryAt, allowed, running }: Circuit, now: number): number {
  if (retryAt > 0) return retryAt <= now && running === 0 ? 1 : 0;
  return Math.max(0, Math.floor(allowed) - running);
}

function succeed(one: Circuit): void {
  one.failures = 0;
  if (one.retryAt > 0) {
    one.retryAt = 0;
    one.allowed = 1;
  }
  one.allowed += 1;
  if (one.allowed > RECOVERED) {
    one.allowed = Number.POSITIVE_INFINITY;
    one.pause = FIRST_PAUSE_MS;
  }
}

function slowDown(one: Circuit): void {
  one.allowed = 1;
}

const nothing = (): void => {};

/** Nothing to remember: the next one begins like this too. */
const isOrdinary = ({ failures, retryAt, allowed, running }: Circuit): boolean =>
  failures === 0 && retryAt === 0 && allowed === Number.POSITIVE_INFINITY && running === 0;

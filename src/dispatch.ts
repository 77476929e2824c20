import type { Breaker } from './breaker.ts';
import { type Pool, WorkerLost } from './pool.ts';
import { probeOf } from './sources/source.ts';
import type { AccountWriter } from './storage/accounts.ts';
import type { Inbox, Settlement } from './storage/inbox.ts';
import type { AccountRef, Claim, Notification, Problem } from './vocabulary.ts';
import type { Outcome } from './worker.ts';

/** Retry-ed for the last time about four hours after the first failure. */
const MOST_ATTEMPTS = 20;
/** A body that was in hand each time when the thread died. */
const MOST_LOST_THREADS = 3;
const LONGEST_BACKOFF_MS = 900_000;
const POLL_MS = 1_000;
/** While deliveries keep arriving, what has finished is settled in larger portions: acknowledging needs the thread. */
const BUSY_PAUSE_MS = 40;
/** A 401 is asked about once more after this long, before a person is bothered. */
const PROBE_AFTER_MS = 5_000;
const PROBE_AGAIN_MS = 3_600_000;

export interface DispatcherParts {
  inbox: Inbox;
  pool: Pick<Pool, 'fetch' | 'fetches'>;
  accounts: Pick<AccountWriter, 'setState'>;
  breaker: Breaker;
  perAccount: number;
  now: () => number;
  random: () => number;
  /** Deliveries are being acknowledged at this moment. */
  isBusy: () => boolean;
  /** Told after a fetch was settled. */
  onSettled: (claim: Claim, outcome: Settlement['kind']) => void;
  onError: (error: unknown) => void;
}

/** Claims tasks, has them fetched by workers, and settles what came of it. */
export function createDispatcher(parts: DispatcherParts) {
  const { inbox, pool, breaker, perAccount, now, onSettled, onError } = parts;
  let finished: Settlement[] = [];
  let active = 0;
  let turning: Promise<void> | undefined;
  let woken = false;
  let stopped = false;
  let over = false;
  const poll = setInterval(wake, POLL_MS);

  /** Something may be due: takes effect once for all calls in a short while. */
  function wake(): void {
    if (woken) return;
    woken = true;
    if (parts.isBusy()) setTimeout(begin, BUSY_PAUSE_MS);
    else setImmediate(begin);
  }

  function begin(): void {
    woken = false;
    // What still comes in is pending again after the next start.
    if (over) return;
    if (turning) return void turning.then(wake);
    turning = turn()
      .catch(onError)
      .finally(() => {
        turning = undefined;
      });
  }

  async function turn(): Promise<void> {
    const room = stopped ? 0 : pool.fetches - active;
    if (finished.length === 0 && room === 0) return;
    const settlements = finished;
    finished = [];
    active -= settlements.length;
    try {
      const claims = await claim(settlements, stopped ? 0 : pool.fetches - active);
      active += claims.length;
      for (const each of claims) void run(each);
    } catch (error) {
      // Nothing was written: the same settlements are offered again.
      finished = [...settlements, ...finished];
      active += settlements.length;
      throw error;
    }
    for (const { claim, kind } of settlements) onSettled(claim, kind);
  }

  async function claim(settlements: Settlement[], room: number): Promise<Claim[]> {
    const { except, tryOnce } = breaker.closedFor();
    const request = { perAccount, now: now(), except };
    if (!tryOnce) return inbox.exchange(settlements, { ...request, room });
    const claims = await inbox.exchange(settlements, { ...request, room: Math.min(room, 1) });
    if (claims.some(({ key }) => key.source === tryOnce)) breaker.trying(tryOnce);
    return claims;
  }

  async function run(claim: Claim): Promise<void> {
    const settlement = await attempt(claim).catch((error: unknown): Settlement => {
      onError(error);
      return { claim, kind: 'retry', dueAt: now() + backoff(claim.attempts), reason: String(error) };
    });
    finished.push(settlement);
    wake();
  }

  async function attempt(claim: Claim): Promise<Settlement> {
    if (claim.attempts > MOST_ATTEMPTS) return dead(claim, givenUp(claim));
    try {
      const outcome = await pool.fetch(claim);
      if (outcome.kind === 'provider-down') breaker.failed(claim.key.source);
      else breaker.succeeded(claim.key.source);
      return await settle(claim, outcome);
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      onError(error);
      if (!error.guilty) return { claim, kind: 'again', dueAt: now() + 1_000, reason: 'The worker was lost.' };
      if (claim.attempts >= MOST_LOST_THREADS) return dead(claim, poisonous(claim));
      return retry(claim, 'The worker died with this body.');
    }
  }

  async function settle(claim: Claim, outcome: Outcome): Promise<Settlement> {
    switch (outcome.kind) {
      case 'applied':
        return claim.key.type === 'account' ? tokenWorks(claim) : { claim, kind: 'done', followUps: outcome.followUps };
      case 'confirm':
        return { claim, kind: 'again', dueAt: outcome.at, reason: outcome.reason };
      case 'rate-limited':
        await inbox.pause(claim.key, outcome.until);
        return {
          claim,
          kind: 'again',
          dueAt: outcome.until + parts.random() * 1_000,
          reason: 'Ride With GPS asked us to slow down.',
        };
      case 'unauthorized':
        return claim.key.type === 'account' ? tokenRefused(claim) : probeFirst(claim);
      case 'locked-out':
        return tokenRefused(claim);
      case 'provider-down':
        return breaker.isOpen(claim.key.source)
          ? { claim, kind: 'again', dueAt: now(), reason: outcome.reason }
          : retry(claim, outcome.reason);
      case 'storage-down':
        return { claim, kind: 'again', dueAt: now() + 5_000, reason: outcome.reason };
      case 'broken':
        onError(new Error(`${named(claim)}: ${outcome.reason}`));
        return claim.attempts < MOST_LOST_THREADS ? retry(claim, 'Slipstream failed.') : dead(claim, ownFault(claim));
      case 'failed':
        return dead(claim, outcome.problem);
    }
  }

  async function tokenWorks(claim: Claim): Promise<Settlement> {
    await parts.accounts.setState(claim.key, 'active');
    await inbox.unpark(claim.key, now());
    return { claim, kind: 'done', followUps: [] };
  }

  /** Refused twice: its tasks wait until the rider reconnects, and the token is probed now and then. */
  async function tokenRefused(claim: Claim): Promise<Settlement> {
    await parts.accounts.setState(claim.key, 'reconnect');
    await inbox.park(claim.key, 'Ride With GPS refuses the token.');
    return { claim, kind: 'again', dueAt: now() + PROBE_AGAIN_MS, reason: 'The token is refused.' };
  }

  async function probeFirst(claim: Claim): Promise<Settlement> {
    const after = now() + PROBE_AFTER_MS + 1_000;
    await inbox.pause(claim.key, after);
    await inbox.enqueue([probe(claim.key, now())]);
    return { claim, kind: 'retry', dueAt: after, reason: 'The token was refused.' };
  }

  function retry(claim: Claim, reason: string): Settlement {
    return { claim, kind: 'retry', dueAt: now() + backoff(claim.attempts), reason };
  }

  function backoff(attempts: number): number {
    return Math.min(1_000 * 2 ** (attempts - 1), LONGEST_BACKOFF_MS) * (0.5 + parts.random());
  }

  return {
    wake,
    /** Resolves when nothing is due and nothing runs. */
    async settled(): Promise<void> {
      for (;;) {
        await turning;
        begin();
        await turning;
        if (active === 0 && finished.length === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    /** Takes nothing new and waits for what runs, `ms` at the longest; the rest is pending again after the next start. */
    async stop(ms: number): Promise<void> {
      stopped = true;
      clearInterval(poll);
      const deadline = Date.now() + ms;
      while ((active > 0 || turning) && Date.now() < deadline) {
        wake();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      over = true;
    },
  };
}

export type Dispatcher = ReturnType<typeof createDispatcher>;

/** Asks the provider whether it still takes the token, after a while. */
export function probe(ref: AccountRef, learntAt: number): Notification {
  const notBefore = learntAt + PROBE_AFTER_MS;
  return { key: probeOf(ref), origin: 'follow-up', action: 'refused', learntAt, notBefore, announcesDeletion: false };
}

const dead = (claim: Claim, problem: Problem): Settlement => ({ claim, kind: 'dead', problem, evidence: '' });

const named = ({ key }: Claim): string => `${key.type} ${key.id}`;

const poisonous = (claim: Claim): Problem => ({
  code: 'kills-worker',
  sentence: `Reading ${named(claim)} ended its worker ${claim.attempts} times, most likely for want of memory. Everything else is copied. Replay it after an update of Slipstream.`,
});

const ownFault = (claim: Claim): Problem => ({
  code: 'own-fault',
  sentence: `Slipstream could not read ${named(claim)}: a fault of its own, which the log describes. Everything else is copied. Replay it after an update.`,
});

const givenUp = (claim: Claim): Problem => ({
  code: 'given-up',
  sentence: `${named(claim)} could not be copied in ${claim.attempts - 1} attempts. What was here before stays. Replay it when Ride With GPS answers for it again.`,
});

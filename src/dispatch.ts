import type { Attempt, Breaker } from './breaker.ts';
import { type Pool, WorkerLost } from './pool.ts';
import { PROBE_AFTER_MS, probe } from './probe.ts';
import type { Reconciled } from './reconcile.ts';
import { changesOf, everythingOf, titleOf } from './sources/source.ts';
import type { AccountWriter } from './storage/accounts.ts';
import { isStorageError } from './storage/failure.ts';
import type { Inbox, Settlement } from './storage/inbox.ts';
import type { StaleToken, Tokens } from './tokens.ts';
import { type AccountRef, type Claim, type Problem, SOURCE_TITLES, SOURCES, type SourceName } from './vocabulary.ts';
import type { Outcome } from './worker.ts';

/** Tried for the last time about four hours after the first failure. */
const MOST_ATTEMPTS = 20;
/** Given up when the thread has died so often with the same body in hand. */
const MOST_LOST_THREADS = 3;
const LONGEST_BACKOFF_MS = 900_000;
const POLL_MS = 1_000;
/** While deliveries keep arriving, what has finished is settled in larger portions: acknowledging needs the thread. */
const BUSY_PAUSE_MS = 40;
const PROBE_AGAIN_MS = 3_600_000;

/** What each outcome says about the provider. */
const SAYS: Record<Outcome['kind'], keyof Attempt> = {
  applied: 'answered',
  confirm: 'answered',
  unauthorized: 'answered',
  'stale-token': 'unknown',
  failed: 'answered',
  'rate-limited': 'limited',
  'provider-down': 'failed',
  nobody: 'unknown',
  'locked-out': 'unknown',
  broken: 'unknown',
  'storage-down': 'unknown',
};

export interface DispatcherParts {
  inbox: Inbox;
  pool: Pick<Pool, 'fetch' | 'fetches'>;
  accounts: Pick<AccountWriter, 'setState' | 'rewind'>;
  breaker: Breaker;
  tokens: Pick<Tokens, 'renew' | 'worked'>;
  /** Those that are configured. What is queued for any other waits until that one is. */
  sources: ReadonlyMap<SourceName, unknown>;
  /** For a webhook that does not say what changed. */
  catchUp: (ref: AccountRef) => Promise<Reconciled>;
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
  const off = SOURCES.filter((source) => !parts.sources.has(source)).map((source) => ({ source, most: 0, since: 0 }));
  let finished: Settlement[] = [];
  let active = 0;
  let turning: Promise<void> | undefined;
  let woken = false;
  let stopped = false;
  let over = false;
  const poll = setInterval(wake, POLL_MS);

  /** Something may be due. Many calls in a short while take effect once. */
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
    if (finished.length === 0 && (stopped || active >= pool.fetches)) return;
    const settlements = finished;
    finished = [];
    active -= settlements.length;
    try {
      const room = stopped ? 0 : pool.fetches - active;
      const claims = await inbox.exchange(settlements, {
        room,
        perAccount,
        now: now(),
        limits: [...breaker.limits(), ...off],
      });
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

  async function run(claim: Claim): Promise<void> {
    const settlement = await attempt(claim).catch((error: unknown): Settlement => {
      onError(error);
      return isStorageError(error) ? laterByDisk(claim, error.message) : retry(claim, String(error));
    });
    finished.push(settlement);
    wake();
  }

  async function attempt(claim: Claim): Promise<Settlement> {
    if (claim.attempts > MOST_ATTEMPTS) return dead(claim, givenUp(claim), claim.lastError);
    if (claim.key.type === changesOf(claim.key).type) return caughtUp(claim);
    const attempt = breaker.begin(claim.key, 'task');
    try {
      const outcome = await pool.fetch(claim);
      attempt[SAYS[outcome.kind]]();
      if (outcome.kind === 'applied' || outcome.kind === 'confirm') parts.tokens.worked(claim.key);
      return await settle(claim, outcome);
    } catch (error) {
      attempt.unknown();
      if (!(error instanceof WorkerLost)) throw error;
      onError(error);
      if (!error.guilty) return { claim, kind: 'again', dueAt: now() + 1_000, reason: 'The worker was lost.' };
      if (claim.attempts >= MOST_LOST_THREADS) return dead(claim, poisonous(claim), String(error.cause));
      return retry(claim, 'The worker died with this body.');
    }
  }

  async function settle(claim: Claim, outcome: Outcome): Promise<Settlement> {
    switch (outcome.kind) {
      case 'applied':
        return claim.key.type === 'account' ? tokenWorks(claim) : { claim, kind: 'done', followUps: outcome.followUps };
      case 'nobody':
        return { claim, kind: 'done', followUps: [] };
      case 'confirm':
        return { claim, kind: 'confirm', dueAt: outcome.at, reason: outcome.reason };
      case 'rate-limited':
        await inbox.pause(claim.key, outcome.until);
        return {
          claim,
          kind: 'again',
          dueAt: outcome.until + parts.random() * 1_000,
          reason: `${SOURCE_TITLES[claim.key.source]} asked us to slow down.`,
        };
      case 'unauthorized':
        return refused(claim);
      case 'stale-token':
        return renewed(claim, outcome);
      case 'locked-out':
        return tokenRefused(claim);
      case 'provider-down':
        return breaker.isOpen(claim.key)
          ? { claim, kind: 'again', dueAt: now(), reason: told(outcome.reason, outcome.evidence) }
          : retry(claim, outcome.reason, outcome.evidence);
      case 'storage-down':
        return laterByDisk(claim, outcome.reason);
      case 'broken':
        onError(new Error(`${claim.key.type} ${claim.key.id}: ${outcome.reason}`));
        return claim.attempts < MOST_LOST_THREADS
          ? retry(claim, 'Slipstream failed.')
          : dead(claim, ownFault(claim), told(firstLine(outcome.reason), outcome.evidence));
      case 'failed':
        return dead(claim, outcome.problem, outcome.evidence);
    }
  }

  /** Everything that changed becomes tasks of its own, durably, before this one ends. */
  async function caughtUp(claim: Claim): Promise<Settlement> {
    if (claim.key.id === everythingOf(claim.key).id) await parts.accounts.rewind(claim.key);
    const result = await parts.catchUp(claim.key);
    if (result.ok || result.nobody) return { claim, kind: 'done', followUps: [] };
    return breaker.isOpen(claim.key)
      ? { claim, kind: 'again', dueAt: now(), reason: result.reason }
      : retry(claim, result.reason);
  }

  async function renewed(claim: Claim, stale: StaleToken): Promise<Settlement> {
    const renewal = await parts.tokens.renew(claim.key, stale);
    switch (renewal.kind) {
      case 'renewed':
        return { claim, kind: 'again', dueAt: now(), reason: 'The token was renewed.' };
      case 'refused':
        return refused(claim);
      case 'rate-limited':
        await inbox.pause(claim.key, now() + renewal.wait);
        return { claim, kind: 'again', dueAt: now() + renewal.wait, reason: 'The token could not be renewed yet.' };
      case 'unanswered':
        return retry(claim, `The token could not be renewed. ${renewal.reason}`);
    }
  }

  async function tokenWorks(claim: Claim): Promise<Settlement> {
    await parts.accounts.setState(claim.key, 'active');
    await inbox.unpark(claim.key, now());
    return { claim, kind: 'done', followUps: [] };
  }

  /** Only the probe decides it, because only the probe goes on asking: nothing else would take up again what is parked. */
  const refused = (claim: Claim): Promise<Settlement> =>
    claim.key.type === 'account' ? tokenRefused(claim) : probeFirst(claim);

  /** Refused twice: its tasks wait until the rider reconnects, and the token is probed now and then. */
  async function tokenRefused(claim: Claim): Promise<Settlement> {
    await parts.accounts.setState(claim.key, 'reconnect');
    await inbox.park(claim.key, `${SOURCE_TITLES[claim.key.source]} refuses the token.`);
    return { claim, kind: 'again', dueAt: now() + PROBE_AGAIN_MS, reason: 'The token is refused.' };
  }

  async function probeFirst(claim: Claim): Promise<Settlement> {
    const after = now() + PROBE_AFTER_MS + 1_000;
    await inbox.pause(claim.key, after);
    await inbox.enqueue([probe(claim.key, now())]);
    // If the token turns out to be good, it is this item alone that is refused, and it must not hold up its account each time.
    const dueAt = Math.max(after, now() + backoff(claim.attempts));
    return { claim, kind: 'retry', dueAt, reason: 'The token was refused.' };
  }

  /** The disk is full, locked or broken: no fault of the task. */
  function laterByDisk(claim: Claim, reason: string): Settlement {
    return { claim, kind: 'again', dueAt: now() + 5_000 * (0.5 + parts.random()), reason };
  }

  function retry(claim: Claim, reason: string, evidence?: string): Settlement {
    return { claim, kind: 'retry', dueAt: now() + backoff(claim.attempts), reason: told(reason, evidence) };
  }

  function backoff(attempts: number): number {
    return Math.min(1_000 * 2 ** (attempts - 1), LONGEST_BACKOFF_MS) * (0.5 + parts.random());
  }

  return {
    wake,
    /** Items are being fetched at this moment. */
    isFetching: () => active > 0,
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

const dead = (claim: Claim, problem: Problem, evidence = ''): Settlement => ({
  claim,
  kind: 'dead',
  problem,
  evidence,
});

/** What went wrong, and what the provider had answered. */
const told = (reason: string, evidence = ''): string => `${reason}\n${evidence}`.trim();

/** Where in the program it happened is in the log. */
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

const poisonous = (claim: Claim): Problem => ({
  code: 'kills-worker',
  sentence: `${titleOf(claim.key)} could not be read: it ended its worker ${claim.attempts} times, most likely for want of memory. Everything else is copied. Replay it after an update of Slipstream.`,
});

const ownFault = (claim: Claim): Problem => ({
  code: 'own-fault',
  sentence: `${titleOf(claim.key)} could not be read: a fault of Slipstream’s own, which the log describes. Everything else is copied. Replay it after an update.`,
});

const givenUp = (claim: Claim): Problem => ({
  code: 'given-up',
  sentence: `${titleOf(claim.key)} could not be copied in ${claim.attempts - 1} attempts. What was here before stays. Replay it when ${SOURCE_TITLES[claim.key.source]} answers for it again.`,
});

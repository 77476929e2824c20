import type { SourceName } from './vocabulary.ts';

/** So many failures without a success in between mean that the provider is down, not the item. */
const OPENS_AFTER = 8;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

interface State {
  failures: number;
  pause: number;
  /** Epoch milliseconds: one fetch may try again then; 0 while closed. */
  retryAt: number;
  trying: boolean;
}

/**
 * One per dispatcher: during an outage a single fetch now and then asks whether the provider is back, instead of every waiting
 * task; attempts are not counted meanwhile.
 */
export function createBreaker(now: () => number, random: () => number) {
  const states = new Map<SourceName, State>();
  const stateOf = (source: SourceName): State => {
    const state = states.get(source) ?? { failures: 0, pause: FIRST_PAUSE_MS, retryAt: 0, trying: false };
    states.set(source, state);
    return state;
  };

  return {
    isOpen: (source: SourceName): boolean => stateOf(source).retryAt > 0,
    /** Sources that must not be asked now, and the one that may be asked once. */
    closedFor(): { except: SourceName[]; tryOnce: SourceName | undefined } {
      const open = [...states].filter(([, { retryAt }]) => retryAt > 0);
      const due = open.find(([, { retryAt, trying }]) => !trying && retryAt <= now());
      return { except: open.filter((entry) => entry !== due).map(([source]) => source), tryOnce: due?.[0] };
    },
    trying(source: SourceName): void {
      stateOf(source).trying = true;
    },
    succeeded(source: SourceName): void {
      states.delete(source);
    },
    failed(source: SourceName): void {
      const state = stateOf(source);
      state.failures += 1;
      if (state.failures < OPENS_AFTER) return;
      // Those that were under way when it opened say nothing new.
      if (state.retryAt > 0 && !state.trying) return;
      state.retryAt = now() + state.pause * (0.5 + random());
      state.pause = Math.min(state.pause * 2, LONGEST_PAUSE_MS);
      state.trying = false;
    },
    /** Epoch milliseconds when it is asked again; undefined while all is well. */
    retryAt: (source: SourceName): number | undefined => states.get(source)?.retryAt || undefined,
  };
}

export type Breaker = ReturnType<typeof createBreaker>;

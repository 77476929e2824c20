/** What can go wrong at the provider, on purpose. Everything is off until it is set; the control page is never touched by it. */
export interface FaultSettings {
  /** Every answer is worked out at once and held back this long: a late answer tells of an earlier state. */
  latencyMs: number;
  /** The same for single items: `{'trip/7': 500}`. */
  itemLatencyMs: Record<string, number>;
  /** Items that do not answer before the faults are cleared. */
  hangItems: string[];
  /** Items that answer this status. */
  statusItems: Record<string, number>;
  /** So many requests still pass, then 429. A number of seconds lifts the limit when they are over, a date when it has come. */
  rateLimit: { remaining: number; retryAfter: number | string | null } | null;
  /** The next n answers break off half-way. */
  cutAnswers: number;
  /** The next answers have these statuses. */
  nextStatus: number[];
  /** `Retry-After` of those of them that are 429 or 503. */
  nextRetryAfter: number | string | null;
  /** The next n connections are reset before anything is answered. */
  resets: number;
  /** The next answers state a length that is so many bytes above (or below) the true one. */
  lyingLengths: number[];
  /** The next n answers are a redirect to there. */
  redirects: { remaining: number; to: string } | null;
  /** Items whose body has no end. */
  endlessItems: string[];
  /** Items whose body is small as it comes, and has so many bytes when it is unpacked. */
  bombItems: Record<string, number>;
  /** The next n answers are a web page with status 200. */
  htmlInsteadOfJson: number;
  /** Every answer is a web page with this status, as from a proxy in front of the provider. */
  proxyStatus: number | null;
  /** Items whose body is this text instead; or another path, such as `/api/v1/sync.json`. */
  bodies: Record<string, string>;
  /** Only this rider's requests are touched. */
  onlyRider: number | null;
  /** Connections are closed without an answer. */
  down: boolean;
  /** The provider's clock against the real one. */
  clockOffsetMs: number;
  /** Errors as `{"errors":[…]}` instead of `{"error":"…"}`. */
  errorsArray: boolean;
  /** What `/routes/1.json` answers: the object under its type, or at the root. */
  legacyShape: 'typed' | 'root';
  /** Origin in `item_url` and the like, where it shall not be the sandbox's own. */
  urlOrigin: string | null;
  /** Token answers without `user_id`, as older ones were. */
  tokenWithoutUser: boolean;
}

export interface Hold {
  /** Resolves when a request for the item has come. */
  arrived: Promise<void>;
  /** Lets it, and all later ones, have the answer that was true when it came. */
  release(): void;
}

const nothing = (): FaultSettings => ({
  latencyMs: 0,
  itemLatencyMs: {},
  hangItems: [],
  statusItems: {},
  rateLimit: null,
  cutAnswers: 0,
  resets: 0,
  lyingLengths: [],
  redirects: null,
  endlessItems: [],
  bombItems: {},
  nextStatus: [],
  nextRetryAfter: null,
  htmlInsteadOfJson: 0,
  proxyStatus: null,
  bodies: {},
  onlyRider: null,
  down: false,
  clockOffsetMs: 0,
  errorsArray: false,
  legacyShape: 'typed',
  urlOrigin: null,
  tokenWithoutUser: false,
});

export type Faults = ReturnType<typeof createFaults>;

/** @param now - the real clock, in epoch milliseconds. */
export function createFaults(now: () => number) {
  let settings = nothing();
  let limitedUntil: number | null = null;
  let cleared = Promise.withResolvers<void>();
  const holds = new Map<string, { arrive: () => void; released: Promise<void>; release: () => void }>();

  return {
    get current(): Readonly<FaultSettings> {
      return settings;
    },
    /** Changes what is named and leaves the rest. */
    set(changes: Partial<FaultSettings>): void {
      settings = { ...settings, ...structuredClone(changes) };
      if (changes.rateLimit !== undefined) limitedUntil = null;
    },
    clear(): void {
      settings = nothing();
      limitedUntil = null;
      for (const hold of holds.values()) hold.release();
      holds.clear();
      cleared.resolve();
      cleared = Promise.withResolvers();
    },
    /** Stops the answers for one item (`trip/7`), or one other path, until they are released. */
    hold(item: string): Hold {
      const arrived = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const release = () => {
        holds.delete(item);
        released.resolve();
      };
      holds.set(item, { arrive: arrived.resolve, released: released.promise, release });
      return { arrived: arrived.promise, release };
    },

    /** Resolves when the faults of this moment are over. */
    untilCleared: (): Promise<void> => cleared.promise,
    touches: (riderId: number | undefined): boolean => settings.onlyRider === null || settings.onlyRider === riderId,
    takeStatus(): number | undefined {
      const [status, ...rest] = settings.nextStatus;
      settings = { ...settings, nextStatus: rest };
      return status;
    },
    /** One of so many: whether this answer is meant. */
    take(counter: 'cutAnswers' | 'htmlInsteadOfJson' | 'resets'): boolean {
      if (settings[counter] <= 0) return false;
      settings = { ...settings, [counter]: settings[counter] - 1 };
      return true;
    },
    takeLyingLength(): number {
      const [by = 0, ...rest] = settings.lyingLengths;
      settings = { ...settings, lyingLengths: rest };
      return by;
    },
    takeRedirect(): string | undefined {
      const { redirects } = settings;
      if (!redirects || redirects.remaining <= 0) return undefined;
      settings = { ...settings, redirects: { ...redirects, remaining: redirects.remaining - 1 } };
      return redirects.to;
    },
    /** Counts a request against the limit. Returns the 429's `Retry-After` where it is over, or undefined where it may pass. */
    overLimit(): { retryAfter: number | string | null } | undefined {
      const limit = settings.rateLimit;
      if (!limit) return undefined;
      if (limitedUntil !== null && now() >= limitedUntil) {
        settings = { ...settings, rateLimit: null };
        limitedUntil = null;
        return undefined;
      }
      if (limit.remaining > 0) {
        settings = { ...settings, rateLimit: { ...limit, remaining: limit.remaining - 1 } };
        return undefined;
      }
      limitedUntil ??= endOf(limit.retryAfter, now());
      return { retryAfter: limit.retryAfter };
    },
    /** Waits as long as the item is held. */
    async waitFor(item: string): Promise<void> {
      const hold = holds.get(item);
      hold?.arrive();
      await hold?.released;
    },
  };
}

/** When a limit ends, in epoch milliseconds; never, where the answer does not say. */
function endOf(retryAfter: number | string | null, now: number): number {
  if (retryAfter === null) return Number.POSITIVE_INFINITY;
  const seconds = Number(retryAfter);
  if (Number.isFinite(seconds)) return now + seconds * 1_000;
  const date = Date.parse(String(retryAfter));
  return Number.isNaN(date) ? Number.POSITIVE_INFINITY : date;
}

/** What can go wrong between us and a provider. Each kind has one consequence, in `worker.ts`. */

/** Wait, then go on; nothing is wrong. */
export class RateLimited extends Error {
  /** Milliseconds. */
  readonly wait: number;
  constructor(wait: number) {
    super('The provider asked us to slow down.');
    this.name = 'RateLimited';
    this.wait = wait;
  }
}

/** Not reachable, too slow, cut off, or failing: tried again with growing pauses. */
export class ProviderDown extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProviderDown';
  }
}

/** Something answered, but not the way the provider does: a proxy, a captive portal, a wrong base URL. Tried again; proves nothing. */
export class NotTheProvider extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotTheProvider';
  }
}

/** The provider refuses the token. */
export class Unauthorized extends Error {
  constructor() {
    super('The provider refuses the token.');
    this.name = 'Unauthorized';
  }
}

export class TooLarge extends Error {
  constructor(maxBytes: number) {
    super(`The answer is larger than ${Math.round(maxBytes / 1024 / 1024)} MiB.`);
    this.name = 'TooLarge';
  }
}

/** The provider answers, and trying again would not change the answer. */
export class Unacceptable extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'Unacceptable';
    this.code = code;
  }
}

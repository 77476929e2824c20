import type { IncomingHttpHeaders } from 'node:http';
import type { Answered } from '../evidence.ts';

/** What can go wrong between us and a provider. Each kind has one consequence, in `worker.ts`. */

interface Told extends ErrorOptions {
  /** What was answered, for whoever has to judge it. */
  answer?: Answered | undefined;
}

/** Wait, then go on; nothing is wrong. */
export class RateLimited extends Error {
  /** Milliseconds. */
  readonly wait: number;
  /** Of the answer, where there was one: some providers say more of their limit than others. */
  readonly headers: IncomingHttpHeaders;
  constructor(wait: number, headers: IncomingHttpHeaders = {}) {
    super('The provider asked us to slow down.');
    this.name = 'RateLimited';
    this.wait = wait;
    this.headers = headers;
  }
}

/** Not reachable, too slow, cut off, or failing: tried again with growing pauses. */
export class ProviderDown extends Error {
  readonly answer: Answered | undefined;
  constructor(message: string, options: Told = {}) {
    super(message, options);
    this.name = 'ProviderDown';
    this.answer = options.answer;
  }
}

/** Something answered, but not the way the provider does: a proxy, a captive portal, a wrong base URL. Tried again; proves nothing. */
export class NotTheProvider extends Error {
  readonly answer: Answered | undefined;
  constructor(message: string, options: Told = {}) {
    super(message, options);
    this.name = 'NotTheProvider';
    this.answer = options.answer;
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
  readonly answer: Answered | undefined;
  constructor(maxBytes: number, { answer }: Told = {}) {
    super(`The answer is larger than ${Math.round(maxBytes / 1024 / 1024)} MiB.`);
    this.name = 'TooLarge';
    this.answer = answer;
  }
}

/** The provider answers, and trying again would not change the answer. */
export class Unacceptable extends Error {
  readonly code: string;
  readonly answer: Answered | undefined;
  constructor(code: string, message: string, { answer }: Told = {}) {
    super(message);
    this.name = 'Unacceptable';
    this.code = code;
    this.answer = answer;
  }
}

/** An address that is not the provider's, or leads to one that is not. Nothing was asked there. */
export class Elsewhere extends Error {
  constructor() {
    super('An address that is not the provider’s was refused.');
    this.name = 'Elsewhere';
  }
}

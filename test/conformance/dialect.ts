import type { Environment } from '../../src/config.ts';
import type { SourceName } from '../../src/vocabulary.ts';
import type { Installation } from '../support/slipstream.ts';

/** A webhook as its provider would send it, whole. */
export interface WebhookRequest {
  /** From the origin of Slipstream on, with a query where it has one. */
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** One thing at the made-up provider, as it is looked for here. */
export interface Thing {
  /** As in `GET /api/v1/sources/{source}/records/{type}/{id}`. */
  type: string;
  id: string;
}

/** What a provider does, for the one suite that all sources pass. Everything goes over HTTP, and the provider is the sandbox's. */
export interface Dialect {
  source: SourceName;
  /** Where one source has several. */
  name?: string;
  /** Starts the made-up provider, with a few things in it. */
  start(): Promise<RunningDialect>;
}

export interface RunningDialect {
  /** What switches the source on, beside what every installation has. */
  env: Environment;
  /** Makes the account known to the running program, where the environment alone does not, and points the provider's webhook at it. */
  connect(here: Installation): Promise<void>;

  /** At the provider, without telling anybody. */
  add(): Promise<Thing>;
  change(thing: Thing): Promise<void>;
  remove(thing: Thing): Promise<void>;
  /** A text that is in the thing's body now and was not before the last change. */
  textOf(thing: Thing): string;
  /** What the provider sends for it now. Called twice, it is another delivery of the same news. */
  webhookFor(thing: Thing, action: 'added' | 'changed' | 'removed'): WebhookRequest;
  /** The same, and sent by the provider's own sender, with its retries. Resolves when it got through or gave up. */
  announce(thing: Thing, action: 'added' | 'changed' | 'removed'): Promise<void>;

  /** Of a true request: changed so that it must be refused with 401. One for each way in which this dialect can be forged. */
  forgeries(true_: WebhookRequest): { name: string; request: WebhookRequest }[];
  /** A request that asks whether the address is ours, and the exact answer; none where the dialect has none. */
  handshake?(): { signed: WebhookRequest; unsigned: WebhookRequest; answer: unknown };
  /** True, and not readable. */
  unreadable(): WebhookRequest;

  /** Everything that must not be in a log, an error, a page or an answer. */
  secrets(): string[];
  /** The provider refuses the token from now on; `accept` ends that. */
  refuse(): void;
  accept(): void;
  /** The access token runs out, where it can be renewed. @returns how often it was renewed since. */
  expire?(): () => number;
  /** What cannot be found without a webhook, because the provider offers nothing to ask. */
  cannotReconcile?: boolean;
  // All of these came later, and none needs to be there.
  /** The provider's API answers so many milliseconds later from now on; 0 ends that. Without it, load meets a quick provider only. */
  slow?(ms: number): void;
  /** How long the provider waits for the answer to a webhook. Default 10,000. */
  deadlineMs?: number;
  /** An event that says "deleted" is the evidence itself, since nothing can be asked. */
  statesDeletions?: boolean;
  /** No token is needed to follow a webhook: then `refuse` and `accept` change nothing. */
  asksNothing?: boolean;
  /** What is removed without a webhook stays unnoticed, also by reconciling and auditing. */
  cannotFindRemovals?: boolean;
  close(): Promise<void>;
}

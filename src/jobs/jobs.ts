import type { StartedBy } from '../storage/runs.ts';
import type { AccountRef } from '../vocabulary.ts';

type ForAccount = AccountRef & { startedBy: StartedBy };

/** What is done for an account as a whole, or for all of them: by the clock, or because somebody asked. Each must bear being done twice. */
export interface JobPayloads {
  reconcile: ForAccount;
  audit: ForAccount;
  /** After connecting: everything the first time; after an absence what was missed, and whether that was all. */
  connected: AccountRef & { before: boolean };
  'reconcile-all': { startedBy: StartedBy };
  'audit-all': Record<string, never>;
  'audit-after-backfill': Record<string, never>;
  'judge-findings': Record<string, never>;
  prune: Record<string, never>;
  'copy-photos': Record<string, never>;
}

/** A provider that sent a webhook may have dropped another: asked a while later, once for all that come until then. */
const SOON_MS = 10_000;

export type JobName = keyof JobPayloads;

/** How each job is done. */
export type Work = { [Name in JobName]: (payload: JobPayloads[Name]) => Promise<unknown> };

export interface When {
  /** Asked for again under the same key before it began, it is one job. */
  key: string;
  /** It begins after this many milliseconds, so that more can be asked for until then. */
  afterMs?: number;
}

/** Five fields, UTC. */
export type Crontab = readonly {
  [Name in JobName]: { pattern: string; name: Name; payload: JobPayloads[Name] };
}[JobName][];

/** Who does what is to be done for whole accounts: this process at once, or one of several. */
export interface Jobs {
  /** Resolves when it is certain that it will be done. @throws a storage error when it is not. */
  ask<Name extends JobName>(name: Name, payload: JobPayloads[Name], when?: When): Promise<void>;
  /**
   * For each account, in turn: where one process does everything, one after the other of each source, and not at all of a source that is
   * still at it from the last time; else shared by all that work. Resolves when it is certain that it will be done.
   */
  askEach<Name extends 'reconcile' | 'audit'>(name: Name, payloads: readonly JobPayloads[Name][]): Promise<void>;
  /** From now on this process does what is asked for, and what the clock says. */
  start(work: Work, crontab: Crontab): Promise<void>;
  /** Resolves when nothing that is due waits, and nothing runs. */
  settled(): Promise<void>;
  /** Takes nothing new, and waits for what runs. May be called again. */
  close(): Promise<void>;
}

export const reconcileSoon = (jobs: Pick<Jobs, 'ask'>, { source, account }: AccountRef): Promise<void> =>
  jobs.ask(
    'reconcile',
    { source, account, startedBy: 'webhook' },
    { key: keyOf('reconcile', { source, account }), afterMs: SOON_MS },
  );

export const keyOf = (name: JobName, { source, account }: AccountRef): string => `${name} ${source} ${account}`;

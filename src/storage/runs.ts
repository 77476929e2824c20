import type { AccountRef } from '../vocabulary.ts';

export type RunKind = 'reconciliation' | 'audit' | 'backfill';

/** Why it ran just then. */
export type StartedBy = 'schedule' | 'webhook' | 'start' | 'connecting' | 'person';

/** Of what a run found, so many are noted for whoever reads of it. */
export const ITEMS_NOTED = 50;

/** An item that a run came upon. */
export interface RunItem {
  type: string;
  id: string;
  why: 'changed' | 'deleted' | 'missing-here' | 'missing-there' | 'older-here';
}

/** What an audit found to differ, by how. */
export interface RunDifferences {
  /** Listed at the provider, and not here. */
  missing_here: number;
  /** Here, and not listed at the provider any more. */
  missing_there: number;
  /** Listed with another `updated_at` than the copy has. */
  older_here: number;
  pins_differ: boolean;
}

/** One reconciliation, audit or backfill that is over. Times are epoch milliseconds. */
export interface NewRun {
  kind: RunKind;
  startedBy: StartedBy;
  beganAt: number;
  endedAt: number;
  /** Items to be fetched because of it. */
  found: number;
  /** An audit's. */
  compared?: number;
  differences?: RunDifferences;
  items: readonly RunItem[];
  /** Why nothing came of it, as a sentence. */
  failed?: string;
}

/** As `GET /api/v1/sync/runs` tells it. Times are ISO 8601. */
export interface Run {
  id: number;
  kind: RunKind;
  started_by: StartedBy;
  began_at: string;
  ended_at: string;
  /** So many in a row found nothing, or failed for the same reason, on one day (UTC), and are told as one. */
  times: number;
  found: number;
  compared: number | null;
  differences: RunDifferences | null;
  /** The first of what was found; `name` is null for what is not in the library. */
  items: (RunItem & { name: string | null })[];
  failed: string | null;
}

interface RunPage {
  items: Run[];
  meta: { total: number; page: number; page_size: number };
}

/** A run, and how much of what it found no webhook had announced: null where none is expected, or nobody can tell yet. */
export type ToldRun = Run & { unannounced: number | null };

export interface ToldRuns {
  items: ToldRun[];
  meta: RunPage['meta'];
}

export interface RunReader {
  /** Newest first. */
  list(accountId: number, page: number, pageSize: number): Promise<RunPage>;
}

export interface RunWriter {
  /** Nothing happens where the account is not there any more. Forgets what is older than ninety days. */
  note(ref: AccountRef, run: NewRun): Promise<void>;
}

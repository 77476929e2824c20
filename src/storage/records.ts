import type { ItemState, SourceName } from '../vocabulary.ts';
import type { Bodies, Revisions } from './history.ts';

/** One item of any source, as lists show it. Times are ISO 8601. */
export interface RecordItem {
  /** The mirror's own row id of the account. */
  accountId: number;
  source: SourceName;
  /** The provider's id of the account. */
  account: string;
  type: string;
  id: string;
  /** What orders its states: the provider's own word; null where it has none. */
  version: string | null;
  state: ItemState;
  /** The provider's: the time that its version says; null where it says none. */
  updated_at: string | null;
  /** Our clock: the last fetch that answered. */
  fetched_at: string;
  /** Our clock: when its deletion was believed. */
  deleted_at: string | null;
  title: string;
  summary: string;
}

/** Which records. What is not given does not limit. */
export interface RecordQuery {
  type?: string | undefined;
  /** Without it: active. */
  state?: ItemState | undefined;
  /** Words of title, id, summary and what else its source says it is found by, each at least begun; without case and diacritics. */
  q?: string | undefined;
  /** From 1. */
  page: number;
  pageSize: number;
}

/** How many there are of a type in a state. */
export interface RecordCount {
  type: string;
  state: ItemState;
  count: number;
}

export interface RecordPage {
  /** What happened last is first. */
  items: RecordItem[];
  meta: { total: number; page: number; page_size: number };
  /** Of what is searched for, each type in each state: what one would see who chose another. */
  counts: RecordCount[];
}

/** Reads of the mirror for every source alike. Every read is limited to the accounts that are given, by the mirror's own row ids. */
export interface Records extends Revisions, Bodies {
  list(accountIds: readonly number[], query: RecordQuery): Promise<RecordPage>;
  /** Where several of the accounts have it, the newest. */
  find(accountIds: readonly number[], type: string, id: string): Promise<RecordItem | undefined>;
  count(accountIds: readonly number[]): Promise<RecordCount[]>;
}

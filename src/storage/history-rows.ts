import type { Learnt, Passage, Revision } from './history.ts';

/** One body that an item has or had, as every storage has it. Times are epoch milliseconds. */
export interface BodyRow {
  version: string;
  fetched_at: number;
  replaced_at: number | null;
  bytes: number;
}

export interface FetchRow {
  origin: string;
  action: string;
  first_learnt_at: number;
  webhook_first: number | null;
  finished_at: number;
}

/** @param bodies the earliest first. @param arrivals the fetches that brought one, the first of them first. @returns newest first. */
export function revisionsOf(bodies: readonly BodyRow[], arrivals: readonly FetchRow[]): Revision[] {
  // Of the same transaction, so of the same instant.
  const arrivedAt = new Map(arrivals.map((fetch) => [fetch.finished_at, fetch]));
  return bodies.map((row, at) => revisionOf(row, at, bodies[at - 1], arrivedAt, arrivals[0])).reverse();
}

function revisionOf(
  row: BodyRow,
  at: number,
  before: BodyRow | undefined,
  arrivedAt: ReadonlyMap<number, FetchRow>,
  first: FetchRow | undefined,
): Revision {
  const arrival = at === 0 ? first : arrivedAt.get(before?.replaced_at ?? 0);
  return {
    revision: at + 1,
    updated_at: row.version,
    fetched_at: iso(before?.replaced_at ?? arrival?.finished_at ?? row.fetched_at),
    confirmed_at: iso(row.fetched_at),
    replaced_at: row.replaced_at === null ? null : iso(row.replaced_at),
    bytes: row.bytes,
    learnt: arrival ? learntOf(arrival) : null,
  };
}

export const passageOf = (row: FetchRow & { what: Passage['what'] }): Passage => ({
  at: iso(row.finished_at),
  what: row.what,
  learnt: learntOf(row),
});

function learntOf({ origin, action, webhook_first, first_learnt_at }: FetchRow): Learnt {
  return { origin: webhook_first === null ? origin : 'webhook', action, at: iso(webhook_first ?? first_learnt_at) };
}

const iso = (at: number): string => new Date(at).toISOString();

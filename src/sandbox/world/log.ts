import type { Action, ItemType } from '../model.ts';

/** One action as the sync endpoint and the webhooks tell it. */
export interface Entry {
  /** Who acted. */
  riderId: number;
  type: ItemType;
  id: number;
  /** Who owns the item. */
  ownerId: number;
  action: Action;
  /** Epoch milliseconds. */
  at: number;
}

/** What each rider did, in order. */
export function createSyncLog() {
  const entries = new Map<number, Entry[]>();
  const of = (riderId: number): Entry[] => {
    const known = entries.get(riderId) ?? [];
    entries.set(riderId, known);
    return known;
  };
  return {
    append: (entry: Entry): void => {
      of(entry.riderId).push(entry);
    },
    /** Actions at or after `since` (epoch ms). */
    since: (riderId: number, since: number): Entry[] => of(riderId).filter((entry) => entry.at >= since),
    /** Sorts what was appended out of order, for a library that was made at once. */
    settle(riderId: number): void {
      of(riderId).sort((a, b) => a.at - b.at);
    },
    /** When the rider's first action was, or undefined where there is none. */
    beginning: (riderId: number): number | undefined => of(riderId)[0]?.at,
  };
}

import type { Change, Changes } from '../source.ts';
import { instantIn, readEvent } from './event.ts';

/** Events become visible a little after the instant that they bear. */
const OVERLAP_MS = 120_000;
const NEWEST_FIRST = 'newest ';

/**
 * Whether the list of events has its oldest or its newest first is documented nowhere, so it is seen in the list itself, and the mark
 * says which. Oldest first, the mark is where the last page ended, and what follows is new. Newest first, `after` leads into the past:
 * then it is the latest instant, and pages are read back to it. Before two events of different instants were seen it is empty.
 */
export const startOf = (mark: string | null): string => (mark?.startsWith(NEWEST_FIRST) ? '' : (mark ?? ''));

/** What the pages of one reading come to: the latest of each thing, and the mark. */
export function createHistory(mark: string | null) {
  const back = mark?.startsWith(NEWEST_FIRST) ? mark.slice(NEWEST_FIRST.length) : undefined;
  const known = startOf(mark) !== '';
  const latest = new Map<string, Change>();
  let end = startOf(mark);
  let first: string | undefined;
  let last: string | undefined;
  let newest = back ?? '';
  let oldest: string | undefined;

  function note(event: Record<string, unknown>): void {
    const at = instantIn(event.createdAt);
    if (at) {
      first ??= at;
      last = at;
      if (at > newest) newest = at;
      if (oldest === undefined || at < oldest) oldest = at;
    }
    const read = readEvent(event);
    // What is not mirrored says nothing to us: the challenge of an address is among them.
    if (!read.ok) return;
    const { type, id, action, statement } = read.event;
    const before = latest.get(`${type} ${id}`)?.statement;
    if (before && before.version >= statement.version) return;
    const happenedAt = Date.parse(statement.version);
    latest.set(`${type} ${id}`, {
      type,
      id,
      action,
      happenedAt,
      announcesDeletion: statement.body === null,
      statement,
    });
  }

  function markNow(): string {
    if (known) return end;
    if (back !== undefined || (first && last && first > last)) return `${NEWEST_FIRST}${newest}`;
    return first && last && first < last ? end : '';
  }

  return {
    /** @param pageEnd Where the page ends; undefined: it was empty. */
    add(events: readonly Record<string, unknown>[], pageEnd: string | undefined): void {
      end = pageEnd ?? end;
      for (const event of events) note(event);
    },
    /** Reading back came to where the last time began. */
    isReached: (): boolean =>
      back !== undefined && oldest !== undefined && Date.parse(oldest) < Date.parse(back) - OVERLAP_MS,
    changes: (): Pick<Changes, 'changes' | 'cursor'> => ({ changes: [...latest.values()], cursor: markNow() }),
  };
}

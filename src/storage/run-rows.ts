import type { NewRun, Run, RunItem, RunKind, StartedBy } from './runs.ts';

const DAY_MS = 86_400_000;
export const KEPT_MS = 90 * DAY_MS;

/** A row of `runs`, in either storage. */
export interface RunRow {
  id: number;
  kind: RunKind;
  started_by: StartedBy;
  began_at: number;
  ended_at: number;
  times: number;
  found: number;
  compared: number | null;
  missing_here: number | null;
  missing_there: number | null;
  older_here: number | null;
  /** 1 or true, as the storage has it. */
  pins_differ: number | boolean | null;
  items: string;
  failed: string | null;
}

/** Ninety-six checks a day that missed nothing are one line. An audit is a line each time: it is what people look for. */
export function isSameStory(before: RunRow, run: NewRun): boolean {
  if (Math.floor(before.began_at / DAY_MS) !== Math.floor(run.beganAt / DAY_MS)) return false;
  if (run.failed !== undefined) return before.failed === run.failed;
  return run.kind === 'reconciliation' && run.found === 0 && before.found === 0 && before.failed === null;
}

export const columnsOf = ({ differences, items, compared, failed, ...same }: NewRun) => ({
  ...same,
  compared: compared ?? null,
  failed: failed ?? null,
  missing_here: differences?.missing_here ?? null,
  missing_there: differences?.missing_there ?? null,
  older_here: differences?.older_here ?? null,
  pins_differ: differences?.pins_differ ?? null,
  items: JSON.stringify(items),
});

/** @param nameOf - what the item is called, where it is in the library. */
export function runOf(row: RunRow, nameOf: (item: RunItem) => string | null): Run {
  const { missing_here, missing_there, older_here, pins_differ, began_at, ended_at } = row;
  const stored = itemsIn(row);
  return {
    id: row.id,
    kind: row.kind,
    started_by: row.started_by,
    began_at: new Date(began_at).toISOString(),
    ended_at: new Date(ended_at).toISOString(),
    times: row.times,
    found: row.found,
    compared: row.compared,
    differences:
      missing_here === null || missing_there === null || older_here === null
        ? null
        : { missing_here, missing_there, older_here, pins_differ: Boolean(pins_differ) },
    items: stored.map((item) => ({ ...item, name: nameOf(item) })),
    failed: row.failed,
  };
}

/** What was noted of what it found. */
export const itemsIn = ({ items }: RunRow): RunItem[] => JSON.parse(items);

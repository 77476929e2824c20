import type { RecordCount, RecordItem, RecordPage, RecordQuery } from './records.ts';

/** As every storage has it. Times are epoch milliseconds; an empty version is none. */
export type RecordRow = Omit<RecordItem, 'version' | 'updated_at' | 'fetched_at' | 'deleted_at'> & {
  version: string;
  fetched_at: number;
  deleted_at: number | null;
};

export const recordOf = ({ version, fetched_at, deleted_at, ...same }: RecordRow): RecordItem => ({
  ...same,
  version: version === '' ? null : version,
  updated_at: timeIn(version),
  fetched_at: new Date(fetched_at).toISOString(),
  deleted_at: deleted_at === null ? null : new Date(deleted_at).toISOString(),
});

const timeIn = (version: string): string | null => (/^\d{4}-\d\d-\d\dT/.test(version) ? version : null);

/** @param rows of one account each. */
export function addedUp(rows: readonly RecordCount[]): RecordCount[] {
  const counts = new Map<string, RecordCount>();
  for (const row of rows) {
    const name = `${row.type} ${row.state}`;
    counts.set(name, { ...row, count: row.count + (counts.get(name)?.count ?? 0) });
  }
  return [...counts.values()].sort((a, b) => compare(a.type, b.type) || compare(a.state, b.state));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function recordPage(items: RecordItem[], counts: RecordCount[], query: RecordQuery): RecordPage {
  const { type, state = 'active', page, pageSize } = query;
  const chosen = counts.filter((each) => each.state === state && (type === undefined || each.type === type));
  const total = chosen.reduce((sum, { count }) => sum + count, 0);
  return { items, meta: { total, page, page_size: pageSize }, counts };
}

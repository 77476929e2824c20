import type { ItemState, SourceName } from '../../vocabulary.ts';

/** What of the records of a source is looked at, as its address has it. */
export interface RecordsView {
  type?: string | undefined;
  state?: ItemState | undefined;
  q?: string | undefined;
  page: number;
}

export const sourcePath = (source: SourceName): string => `/sources/${source}`;

export const recordPath = (source: SourceName, { type, id }: { type: string; id: string }): string =>
  `${sourcePath(source)}/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;

/** With several accounts an id alone may be that of two records. */
export const recordHref = (source: SourceName, record: { type: string; id: string; account: string }): string =>
  `${recordPath(source, record)}?account=${encodeURIComponent(record.account)}`;

/** The same list with something chosen otherwise; what is usual is left out. */
export function recordsHref(source: SourceName, { type, state, q, page }: RecordsView): string {
  const query = new URLSearchParams();
  if (q) query.set('q', q);
  if (type) query.set('type', type);
  if (state && state !== 'active') query.set('state', state);
  if (page > 1) query.set('page', String(page));
  return `${sourcePath(source)}${query.size > 0 ? `?${query}` : ''}`;
}

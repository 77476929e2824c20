import type { LibraryQuery, Order, Sort } from './library.ts';

/** Columns of `listed`, the same in every storage. */
const COLUMNS: Record<Sort, string> = {
  date: 'happened_at',
  distance: 'distance',
  climbing: 'climbing',
  time: 'time',
  name: 'name_key',
  updated: 'version',
};

export const sortColumn = ({ sort = 'date' }: Pick<LibraryQuery, 'sort'>): string => COLUMNS[sort];

/** @param of - the table's name and a dot, in a statement with others. */
export function orderOf({ sort = 'date', order = sort === 'name' ? 'asc' : 'desc' }: LibraryQuery, of = ''): string {
  const direction: Record<Order, string> = { asc: 'ASC', desc: 'DESC' };
  // Where nothing can be unknown, nothing is said of it: else the order of the table itself would not be known as one.
  const nulls = sort === 'distance' || sort === 'climbing' || sort === 'time' ? ' NULLS LAST' : '';
  return `${of}${sortColumn({ sort })} ${direction[order]}${nulls}, ${of}item ${direction[order]}`;
}

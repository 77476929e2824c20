import type { LibraryItem, LibraryPage } from '../storage/library.ts';
import { itemTime } from './item-words.ts';
import { rideMonth } from './times.ts';

/** A run of items of one month, as one page of the library has them. */
export interface Month {
  heading: string;
  items: LibraryItem[];
  /** What was ridden; null when the month may go on over the edge of the page, or nothing in it was ridden. */
  ridden: { trips: number; distance: number; climbing: number } | null;
}

export function months({ items, meta }: LibraryPage): Month[] {
  const runs: { heading: string; items: LibraryItem[] }[] = [];
  for (const item of items) {
    const heading = rideMonth(itemTime(item));
    const last = runs.at(-1);
    if (last?.heading === heading) last.items.push(item);
    else runs.push({ heading, items: [item] });
  }
  const lastPage = meta.page * meta.page_size >= meta.total;
  return runs.map((run, at) => {
    const whole = (at > 0 || meta.page === 1) && (at < runs.length - 1 || lastPage);
    return { ...run, ridden: whole ? ridden(run.items) : null };
  });
}

function ridden(items: readonly LibraryItem[]): Month['ridden'] {
  const trips = items.filter((item) => item.type === 'trip' && item.state === 'active');
  if (trips.length === 0) return null;
  const sum = (read: (item: LibraryItem) => number | null) =>
    trips.reduce((total, item) => total + (read(item) ?? 0), 0);
  return { trips: trips.length, distance: sum((item) => item.distance), climbing: sum((item) => item.elevation_gain) };
}

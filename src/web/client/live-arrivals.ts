import { say } from '../say.ts';
import { count, counted } from '../units.ts';
import { followReports, write } from './live.ts';

/** While a backfill runs the library does not move under the reader: it says what has arrived and offers to show it. */
export function followArrivals(page: HTMLElement): void {
  const shown = Number(page.dataset.arrivals);
  const link = page.querySelector<HTMLAnchorElement>('[data-arrivals-link]');
  followReports(undefined, ({ backfill: { done, total } }) => {
    if (total > 0) write(page, '[data-arrivals-words]', say`${count(done)} of ${count(total)} copied so far.`);
    const fresh = done - shown;
    if (!link || fresh <= 0) return;
    link.textContent = say`${counted(fresh, 'new ride')}: show`;
    link.hidden = false;
  });
}

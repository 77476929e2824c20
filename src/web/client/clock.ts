import { exact, relative } from '../times.ts';

/** "3 minutes ago" must not stay so for an hour; and on hover a reader wants the time of their own clock. */
export function keepTimesTrue(): void {
  const tick = () => {
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-relative]')) {
      const at = new Date(time.dateTime);
      time.textContent = relative(at, new Date());
      time.title = exact(at);
    }
    for (const said of document.querySelectorAll<HTMLElement>('[data-since]')) {
      const { since = '', words = '' } = said.dataset;
      const now = words.replace('{0}', relative(new Date(since), new Date()));
      if (said.textContent !== now) said.textContent = now;
    }
  };
  tick();
  setInterval(tick, 20_000);
}

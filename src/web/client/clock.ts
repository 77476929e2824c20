import { exact, relative } from '../times.ts';

/** "3 minutes ago" must not stay so for an hour; and on hover a reader wants the time of their own clock. */
export function keepTimesTrue(): void {
  const tick = () => {
    for (const time of document.querySelectorAll<HTMLTimeElement>('time[data-relative]')) {
      const at = new Date(time.dateTime);
      time.textContent = relative(at, new Date());
      time.title = exact(at);
    }
  };
  tick();
  setInterval(tick, 20_000);
}

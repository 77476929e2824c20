import { say } from './say.ts';
import { counted } from './units.ts';

/** A cron expression in words, as far as it is one of the usual ones. No markup and no DOM: the browser client uses it too. */
export function inWords(cron: string): string {
  if (cron === 'off') return say`only when you ask`;
  const minutes = everyMinutes(cron);
  if (minutes !== null)
    return minutes === 1
      ? say`every minute`
      : minutes === 60
        ? say`every hour`
        : say`every ${counted(minutes, 'minute')}`;
  const daily = /^(\d{1,2}) (\d{1,2}) \* \* \*$/.exec(cron);
  if (daily) {
    const time = `${daily[2]?.padStart(2, '0')}:${daily[1]?.padStart(2, '0')}`;
    return say`every day at ${time} UTC`;
  }
  return say`on the schedule ${cron} (UTC)`;
}

/** Minutes between two runs; null for `off` and for what is not evenly spaced. */
export function everyMinutes(cron: string): number | null {
  if (cron === '* * * * *') return 1;
  const step = /^\*\/(\d{1,2}) \* \* \* \*$/.exec(cron);
  if (step) return Number(step[1]);
  return /^\d{1,2} \* \* \* \*$/.test(cron) ? 60 : null;
}

import { type Html, html } from './html.ts';
import { exact, relative } from './times.ts';

/** "3 minutes ago", with the exact time on hover. The browser keeps it true while the page is open (`client/clock.ts`). */
export function ago(at: string | number | Date, now: Date): Html {
  const date = new Date(at);
  return html`<time datetime="${date.toISOString()}" title="${exact(date, 'UTC')}" data-relative>${relative(date, now)}</time>`;
}

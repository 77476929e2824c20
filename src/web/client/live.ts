import type { AccountSync, QueueCounts, SyncReport } from '../../storage/sync.ts';
import { glance } from '../sync-verdict.ts';

/** Calls `changed` with the account's part of each report that the server sends. The browser reconnects by itself. */
export function followReports(
  user: string | undefined,
  changed: (sync: AccountSync, queue: QueueCounts) => void,
): void {
  const events = new EventSource('/sync/events');
  events.addEventListener('message', (event: MessageEvent<string>) => {
    const report: SyncReport = JSON.parse(event.data);
    const sync = report.accounts.find((account) => account.user_id === user) ?? report.accounts[0];
    if (!sync) return;
    showGlance(sync, report.queue);
    changed(sync, report.queue);
  });
}

/** The frame's dot and words. */
function showGlance(sync: AccountSync, queue: QueueCounts): void {
  const { tone, words, since } = glance(sync, queue, new Date());
  const place = document.querySelector<HTMLElement>('[data-glance]');
  if (!place) return;
  place.dataset.tone = tone;
  write(place, '[data-glance-words]', words);
  const said = place.querySelector<HTMLElement>('[data-glance-words]');
  if (said && since) Object.assign(said.dataset, { since: since.at, words: since.words });
  else said?.removeAttribute('data-since');
  const bar = place.querySelector('progress');
  if (!bar) return;
  bar.max = sync.backfill.total || 1;
  bar.value = sync.backfill.done;
  bar.hidden = tone !== 'busy';
}

/** Changes the text of what `selector` finds in `within`, and only if it differs: a screen reader is not disturbed for nothing. */
export function write(within: ParentNode, selector: string, text: string): void {
  const place = within.querySelector(selector);
  if (place && place.textContent !== text) place.textContent = text;
}

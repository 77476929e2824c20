import type { AccountSync, QueueCounts } from '../../storage/sync.ts';
import { factTitle, storyOf, syncFacts } from '../sync-facts.ts';
import { copied, copySpeed, isCopying, isListing, timeLeft, verdict } from '../sync-verdict.ts';
import { exact } from '../times.ts';
import { followReports, write } from './live.ts';
import { renewPartsSoon } from './live-parts.ts';

/** Keeps the sync page true while it is open, in place: nothing moves that did not change. */
export function followSync(page: HTMLElement): void {
  let latest: [AccountSync, QueueCounts] | undefined;
  // What the page was made with: something may have come between that and the first report.
  let told = page.dataset.story;
  followReports(page.dataset.user, (sync, queue) => {
    latest = [sync, queue];
    show(page, sync, queue);
    const story = storyOf(sync, queue);
    if (told !== story) renewPartsSoon(page);
    told = story;
  });
  // Relative times grow old without any report.
  setInterval(() => latest && show(page, ...latest), 20_000);
}

function show(page: HTMLElement, sync: AccountSync, queue: QueueCounts): void {
  const now = new Date();
  const { reconcile = 'off', audit = 'off', held = '0', dead = '0' } = page.dataset;
  const found = verdict({ sync, queue, reconcileCron: reconcile, now });
  const heading = page.querySelector<HTMLElement>('[data-live-verdict]');
  if (heading) heading.dataset.tone = found.tone;
  write(page, '[data-live-sentence]', found.sentence);
  page
    .querySelector('[data-live-sentence]')
    ?.setAttribute('title', found.at === undefined ? '' : exact(new Date(found.at)));
  write(page, '[data-live-meaning]', found.meaning);
  showBackfill(page, sync, queue);
  for (const fact of syncFacts({ sync, queue, reconcileCron: reconcile, auditCron: audit, now })) {
    const place = page.querySelector(`[data-live-fact="${fact.name}"]`);
    if (!place) continue;
    write(place, '[data-live-text]', fact.text);
    write(place, '[data-live-note]', fact.note);
    place.querySelector('[data-live-text]')?.setAttribute('title', factTitle(fact));
  }
  // What needs a person has a form of its own, which only the server makes: offer to show it.
  page
    .querySelector('[data-live-changed]')
    ?.toggleAttribute('hidden', queue.dead === Number(dead) && sync.held === Number(held));
}

function showBackfill(page: HTMLElement, sync: AccountSync, queue: QueueCounts): void {
  const { done, total } = sync.backfill;
  page.querySelector('[data-live-backfill]')?.toggleAttribute('hidden', !isListing(sync) && !isCopying(sync, queue));
  const bar = page.querySelector<HTMLProgressElement>('[data-live-bar]');
  if (bar && total > 0) {
    bar.max = total;
    bar.value = done;
  }
  write(page, '[data-live-done]', copied(sync));
  write(page, '[data-live-rate]', copySpeed(sync));
  write(page, '[data-live-left]', timeLeft(sync));
}

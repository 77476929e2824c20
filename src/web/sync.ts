import type { ToldRuns } from '../storage/runs.ts';
import type { DeletionsReport } from '../storage/sync.ts';
import { type AnnouncedDay, announced } from './announced.ts';
import { type DeadLetters, deadLetters } from './dead-letters.ts';
import { disconnectForm } from './disconnect.ts';
import type { RiderFrame } from './frame.ts';
import { heldDeletions, keptDeletions } from './held-deletions.ts';
import { type Html, html } from './html.ts';
import { type IconName, icon } from './icons.ts';
import { layout } from './layout.ts';
import { wayBack } from './reconnect.ts';
import { runs } from './runs.ts';
import { say, sayHtml } from './say.ts';
import { type Fact, factTitle, storyOf, syncFacts } from './sync-facts.ts';
import { copied, copySpeed, isCopying, isListing, type Tone, timeLeft, verdict } from './sync-verdict.ts';
import { exact } from './times.ts';

export interface SyncPageData {
  frame: RiderFrame;
  deadLetters: DeadLetters;
  deletions: DeletionsReport;
  /** The newest. */
  runs: ToldRuns;
  /** The last thirty days; days without a change may be left out. */
  announcedByDay: readonly AnnouncedDay[];
  /** `RECONCILE_CRON` and `AUDIT_CRON`: cron expressions, or `off`. */
  schedule: { reconcile: string; audit: string };
}

/** The browser client keeps what carries `data-live…` true by `GET /sync/events`; see `client/live-sync.ts`. */
export function syncPage(data: SyncPageData): string {
  const { frame, deadLetters: letters, deletions, schedule } = data;
  const { sync, queue } = frame.rider;
  const found = verdict({ sync, queue, reconcileCron: schedule.reconcile, now: frame.now });
  const facts = syncFacts({
    sync,
    queue,
    reconcileCron: schedule.reconcile,
    auditCron: schedule.audit,
    now: frame.now,
  });
  const content = html`<div class="sync" data-live-sync data-user="${sync.user_id}" data-reconcile="${schedule.reconcile}" data-audit="${schedule.audit}" data-held="${sync.held}" data-dead="${queue.dead}" data-story="${storyOf(sync, queue)}">
<h1 class="verdict" data-tone="${found.tone}" data-live-verdict aria-live="polite">${TONE_ICONS.map(([tone, name]) => html`<span class="when-${tone}">${icon(name)}</span>`)}<span data-live-sentence${found.at !== undefined && html` title="${exact(new Date(found.at), 'UTC')}"`}>${found.sentence}</span></h1>
<p class="lead quiet" data-live-meaning>${found.meaning}</p>
${wayBack(frame.rider)}
${backfill(frame)}
<p class="arrivals" data-live-changed hidden><a href="">${say`Something needs you: show it`}</a></p>
${heldDeletions(frame, deletions)}
${deadLetters(frame, letters)}
<section><h2 class="hidden-words">${say`Proof`}</h2><dl class="facts">${facts.map(fact)}</dl></section>
${announced(frame, data.announcedByDay)}
${runs(frame, data.runs)}
${keptDeletions(frame, deletions)}
${sync.state === 'disconnected' ? oneMissing() : [byHand(), leaving()]}
</div>`;
  return layout({ frame, title: say`Sync`, active: 'sync', content });
}

/** All are in the page and the tone chooses one, so that the client only has to change the tone. */
const TONE_ICONS: readonly (readonly [Tone, IconName])[] = [
  ['good', 'done'],
  ['busy', 'sync'],
  ['attention', 'attention'],
];

function backfill({ rider: { sync, queue } }: RiderFrame): Html {
  const { done, total } = sync.backfill;
  const running = isListing(sync) || isCopying(sync, queue);
  return html`<div class="backfill" data-live-backfill${!running && html` hidden`}>
<progress data-live-bar max="${total || 1}"${total > 0 && html` value="${done}"`} aria-label="${say`Copied so far`}"></progress>
<p><strong data-live-done>${copied(sync)}</strong> <span class="pace quiet"><span data-live-rate>${copySpeed(sync)}</span> <span data-live-left>${timeLeft(sync)}</span></span></p>
</div>`;
}

function fact(data: Fact): Html {
  const title = factTitle(data, 'UTC');
  return html`<div data-live-fact="${data.name}"><dt>${data.label}</dt><dd><span class="value" data-live-text${title !== '' && html` title="${title}"`}>${data.text}</span><span class="quiet" data-live-note>${data.note}</span></dd></div>`;
}

function byHand(): Html {
  return html`<section class="by-hand"><h2>${say`By hand`}</h2>
<form method="post" action="/sync/reconcile"><button>${say`Reconcile now`}</button><span class="quiet">${say`Asks what changed since last time. Takes a second.`}</span></form>
<form method="post" action="/sync/audit"><button>${say`Audit now`}</button><span class="quiet">${say`Compares every route and trip with Ride With GPS.`}</span></form>
${oneMissing()}
</section>`;
}

const oneMissing = (): Html =>
  html`<p class="quiet">${sayHtml`One ride is missing? <a href="/why">Find out why</a>`}</p>`;

function leaving(): Html {
  return html`<section class="leaving"><details><summary>${say`Disconnect this account`}</summary>${disconnectForm()}</details></section>`;
}

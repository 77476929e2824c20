import type { Share } from '../storage/inbox.ts';
import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { plural, say } from './say.ts';
import { shortDay } from './times.ts';
import { count, counted, decimal } from './units.ts';

export type AnnouncedDay = Share & { day: string };

const DAY_MS = 86_400_000;
const DAYS = 30;
const STEP = 10;
const BAR = 7;
const HEIGHT = 44;

/** How well the provider announces changes: in words, and day by day. Null in polling mode, where nothing is to be announced. */
export function announced({ now, rider }: RiderFrame, days: readonly AnnouncedDay[]): Html | null {
  const { webhooks, state } = rider.sync;
  if (webhooks === null || state === 'disconnected') return null;
  const { day, week, month } = webhooks.announced;
  return html`<section data-live-part="announced"><h2>${say`Announced by webhook`}</h2>
<p class="quiet">${say`Which share of the changes at Ride With GPS it told us of within two minutes. The others are found by checking.`}</p>
<dl class="announced-shares">${share(counted(24, 'hour'), day)}${share(counted(7, 'day'), week)}${share(counted(30, 'day'), month)}</dl>
${month.changes > 0 && chart(lastDays(days, now))}
</section>`;
}

function share(label: string, { changes, announced: heard }: Share): Html {
  return html`<div><dt>${label}</dt><dd><span class="value">${changes === 0 ? '–' : percent(heard, changes)}</span><span class="quiet">${changes === 0 ? say`No changes` : plural(changes, say`${count(heard)} of ${count(changes)}`, 'change', 'changes')}</span></dd></div>`;
}

/** Rounded down: only all of them are a hundred. */
const percent = (part: number, whole: number): string => `${decimal(Math.floor((part / whole) * 100), 0)}\u202f%`;

/** Thirty days up to today, those without a change too. */
function lastDays(days: readonly AnnouncedDay[], now: Date): AnnouncedDay[] {
  const known = new Map(days.map((each) => [each.day, each]));
  return Array.from({ length: DAYS }, (_, at) => {
    const day = new Date(now.getTime() - (DAYS - 1 - at) * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { day, changes: 0, announced: 0 };
  });
}

function chart(days: readonly AnnouncedDay[]): Html {
  const most = Math.max(...days.map(({ changes }) => changes), 1);
  const busy = days.filter(({ changes }) => changes > 0);
  return html`<figure class="by-day">
<svg viewBox="0 0 ${DAYS * STEP} ${HEIGHT}" aria-hidden="true">${days.map((day, at) => bar(day, at * STEP, (HEIGHT - 4) / most))}</svg>
<div class="span quiet"><span>${shortDay(days[0]?.day ?? '')}</span><span>${say`Today`}</span></div>
<figcaption class="quiet"><span class="key heard"></span>${say`announced`} <span class="key missed"></span>${say`found by checking`}</figcaption>
<details><summary>${say`Day by day`}</summary><table><caption class="hidden-words">${say`Changes announced by webhook, by day in UTC`}</caption>
<thead><tr><th scope="col">${say`Day`}</th><th scope="col" class="number">${say`Changes`}</th><th scope="col" class="number">${say`Announced`}</th></tr></thead>
<tbody>${busy.toReversed().map(({ day, changes, announced: heard }) => html`<tr><th scope="row">${shortDay(day)}</th><td class="number">${count(changes)}</td><td class="number">${count(heard)}</td></tr>`)}</tbody></table></details>
</figure>`;
}

/** What was announced stands on the ground, and what was not is an empty box on top of it. */
function bar({ changes, announced: heard }: AnnouncedDay, x: number, unit: number): Html {
  const ground = HEIGHT - 2;
  const missed = (changes - heard) * unit;
  return html`<path class="ground" d="M${x} ${HEIGHT - 0.5}h${BAR}"/>${heard > 0 && html`<rect class="heard" x="${x}" y="${ground - heard * unit}" width="${BAR}" height="${heard * unit}"/>`}${missed > 0 && html`<rect class="missed" x="${x + 0.5}" y="${ground - changes * unit + 0.5}" width="${BAR - 1}" height="${Math.max(1, missed - 1)}"/>`}`;
}

import type { RiderFrame } from './frame.ts';
import { type Html, html } from './html.ts';
import { type IconName, icon } from './icons.ts';
import { itemName, itemPath } from './item-words.ts';
import { layout } from './layout.ts';
import { say } from './say.ts';
import type { Tone } from './sync-verdict.ts';
import { ago } from './time.ts';
import { shortDay } from './times.ts';
import { counted } from './units.ts';
import { lagInWords, type WhyEvent } from './why-events.ts';
import type { Why } from './why-verdict.ts';

export interface WhyPageData {
  frame: RiderFrame;
  why: Why;
}

/** So many are seen at once: four fetches or so. */
const AT_ONCE = 14;

/** Why an item is here or not: the answer in one sentence, and the line of events behind it. */
export function whyPage({ frame, why }: WhyPageData): string {
  const { id, verdict, events } = why;
  const type = why.type === 'route' ? 'route' : 'trip';
  const [named, alone] = type === 'route' ? [say`route ${id}`, say`Route ${id}`] : [say`trip ${id}`, say`Trip ${id}`];
  const content = html`<article class="why">
<p class="why-subject quiet">${why.name === null ? alone : html`<a href="${itemPath(why)}">${itemName({ type, name: why.name.trim() })}</a>, ${named}`}</p>
<div data-why="${stampOf(why)}">
<h1 class="verdict" data-tone="${verdict.tone}">${TONE_ICONS[verdict.tone]}<span>${verdict.sentence}</span></h1>
<p class="lead quiet">${verdict.meaning}</p>
${line(frame, events)}
</div>
${frame.rider.account.state !== 'disconnected' && again(why)}
<p class="other-item"><a href="/why">${say`Another ride`}</a> <a href="/sync">${say`How the whole copy is doing`}</a></p>
</article>`;
  return layout({ frame, title: say`Why: ${why.name ?? alone}`, active: 'library', content });
}

/** The same on the page of a record, which has a heading of its own. */
export const whyLine = (frame: RiderFrame, why: Why): Html => html`<div data-why="${stampOf(why)}">
<p class="record-verdict" data-tone="${why.verdict.tone}">${TONE_ICONS[why.verdict.tone]}<strong>${why.verdict.sentence}</strong></p>
<p class="quiet">${why.verdict.meaning}</p>
${line(frame, why.events)}
</div>`;

/** Another one: something happened. */
const stampOf = ({ events, verdict }: Why): string => {
  const told = events.filter(({ kind }) => kind !== 'now');
  return `${told.length} ${told.at(-1)?.at ?? ''} ${verdict.sentence}`;
};

const NAMES: Partial<Record<Tone, IconName>> = { good: 'done', busy: 'sync', attention: 'attention' };
const TONE_ICONS: Record<Tone, Html | null> = {
  good: toneIcon('good'),
  busy: toneIcon('busy'),
  attention: toneIcon('attention'),
  quiet: null,
};

function toneIcon(tone: Tone): Html | null {
  const name = NAMES[tone];
  return name ? html`<span class="when-${tone}">${icon(name)}</span>` : null;
}

function line({ now }: RiderFrame, events: readonly WhyEvent[]): Html {
  if (events.length === 0)
    return html`<section><h2>${say`What happened`}</h2><p>${say`Nothing: no notification, no list and no fetch was about it.`}</p></section>`;
  const entries = events.map((event, at) => entryOf(event, events[at - 1], now));
  const [earlier, latest] = [entries.slice(0, -AT_ONCE), entries.slice(-AT_ONCE)];
  return html`<section><h2>${say`What happened`}</h2>
${
  earlier.length > 0 &&
  html`<details class="earlier"><summary>${counted(earlier.length, 'earlier event')}</summary><ol class="events">${earlier}</ol></details>`
}
<ol class="events" start="${earlier.length + 1}">${latest}</ol>
</section>`;
}

function entryOf(event: WhyEvent, before: WhyEvent | undefined, now: Date): Html {
  const { kind, attention, what, meaning } = event;
  const lag = lagInWords(event);
  return html`<li class="event" data-kind="${kind}"${attention && html` data-attention`}>
<p class="when">${kind === 'now' ? say`Now` : whenOf(event, before, now)}</p>
<div><p class="happened">${attention && icon('attention')}<strong>${what}</strong>${kind !== 'now' && lag !== '' && html` <span class="lag">${lag}</span>`}</p>${meaning !== '' && html`<p class="quiet">${meaning}</p>`}</div>
</li>`;
}

/** The day where another one begins, the time of day, and how long ago that is. */
function whenOf({ at }: WhyEvent, before: WhyEvent | undefined, now: Date): Html {
  const day = at.slice(0, 10);
  return html`${day !== before?.at.slice(0, 10) && html`<span class="day">${shortDay(day)}</span>`}<span class="time">${at.slice(11, 19)} UTC</span> <span class="quiet">${ago(at, now)}</span>`;
}

function again(why: Why): Html {
  return html`<form class="again" method="post" action="${itemPath(why)}/refetch"><button${why.state === 'absent' && html` class="primary"`}>${why.events.length === 0 ? say`Ask for it now` : say`Fetch it again`}</button><span class="quiet">${why.type === 'route' ? say`Asks Ride With GPS for this one route, as a webhook would.` : say`Asks Ride With GPS for this one trip, as a webhook would.`}</span></form>`;
}

export interface AskWhyData {
  frame: RiderFrame;
  /** What was typed and could not be understood. */
  typed?: string | undefined;
}

/** The form: a number, or what was copied from the address bar at Ride With GPS. */
export function askWhyPage({ frame, typed }: AskWhyData): string {
  const content = html`<div class="why-form">
<h1>${say`Why isn’t my ride here?`}</h1>
<p class="lead quiet">${say`Paste its address at Ride With GPS, or type its number.`}</p>
<form method="post" action="/why">
<label for="ride">${say`Address or number`}</label>
<div class="field"><input id="ride" name="ride" value="${typed ?? ''}" required maxlength="500" autocomplete="off" spellcheck="false" placeholder="https://ridewithgps.com/trips/123"${typed !== undefined && html` aria-invalid="true" aria-describedby="not-understood"`}><button class="primary">${say`Find out`}</button></div>
${typed !== undefined && html`<p class="failed" id="not-understood">${say`This is no address of a route or trip, and no number. It looks like https://ridewithgps.com/trips/123.`}</p>`}
<fieldset class="kind"><legend>${say`A number alone is of a`}</legend>
<label class="choice"><input type="radio" name="kind" value="trips" checked><span>${say`trip`}</span></label>
<label class="choice"><input type="radio" name="kind" value="routes"><span>${say`route`}</span></label>
</fieldset>
</form>
</div>`;
  return layout({ frame, title: say`Why isn’t my ride here?`, width: 'text', active: 'library', content });
}

import type { ChannelSummary, RideSummary } from '../export/summary.ts';
import { CHANNELS, type Channel } from './channels.ts';
import { STEEPNESS_FROM } from './grades.ts';
import { type Html, html } from './html.ts';
import { type Message, message, said, say, sayHtml } from './say.ts';
import { decimal, inWords, type Units } from './units.ts';

/**
 * The places of the charts, with what each says in words: nothing moves when they are drawn, and who cannot see them, or has
 * no script, reads the same. The first is always open; on a phone the others wait for their buttons.
 */
export function charts(summary: RideSummary | undefined, units: Units): Html {
  const { axes, channels, paving } = summary ?? NOTHING;
  const shown = CHANNELS.flatMap((channel) => {
    const measured = channels.find(({ key }) => key === channel.key);
    return measured ? [{ channel, measured }] : [];
  });
  const [first, ...others] = shown;
  if (!first) {
    return html`<div class="profile" data-charts><div class="plot" data-plot><p class="no-positions">${say`No elevation recorded`}</p></div></div>`;
  }
  const paved = paving !== null && first.channel.key === 'e';
  return html`<section class="profile" aria-label="${say`Charts`}" data-charts data-fill="grade">
<div class="stretch" data-stretch hidden></div>
<p class="hidden-words" role="status" data-said></p>
<figure class="chart" data-chart="${first.channel.key}">
<figcaption class="strip">${words(first.channel, first.measured, units)}<span class="strip-end"><span class="reading" data-reading></span>${first.channel.key === 'e' && html`${gradeLegend()}${paved && surfaceLegend(paving)}`}</span></figcaption>
<div class="plot" data-plot></div>
<p class="key-help" id="keys">${sayHtml`Arrow keys move the cursor, with Shift they select. <kbd>[</kbd> and <kbd>]</kbd> set the ends, <kbd>Esc</kbd> clears.`}</p>
</figure>
${tools(others, axes, paved)}
${paved && pavingWords(paving)}
${others.map(
  ({ channel, measured }) => html`<figure class="chart more" id="chart-${channel.key}" data-chart="${channel.key}">
<figcaption>${words(channel, measured, units)}<span class="chart-now" data-now></span></figcaption>
<div class="plot" data-chart-plot></div>
</figure>`,
)}
</section>`;
}

const NOTHING = { axes: { distance: false, time: false }, channels: [], paving: null };

type Paving = NonNullable<RideSummary['paving']>;

interface Shown {
  channel: Channel;
  measured: ChannelSummary;
}

function words(channel: Channel, measured: ChannelSummary, units: Units): Html {
  return html`<span class="chart-name">${said(channel.name)}</span> <span class="chart-words">${course(channel, measured, units)}</span>`;
}

/** Of heights the average says nothing. */
function course(channel: Channel, { low, high, average }: ChannelSummary, units: Units): string {
  const written = (value: number) => inWords(channel.measure(value, units));
  const [least, most] = [written(low.value), written(high.value)];
  const where = high.at === null ? null : inWords(units.distance(high.at));
  if (low.value === high.value) return say`${least} throughout`;
  if (channel.key === 'e') return where ? say`${least} to ${most}, highest at ${where}` : say`${least} to ${most}`;
  return where
    ? say`average ${written(average)}, ${least} to ${most}, highest at ${where}`
    : say`average ${written(average)}, ${least} to ${most}`;
}

/** What the colours of the profile mean; the cursor's reading takes its place. */
function gradeLegend(): Html {
  const grades = [
    say`flat, down`,
    ...STEEPNESS_FROM.map((from) => inWords({ value: decimal(from * 100, 0), unit: '%' })),
  ];
  return html`<span class="legend" data-legend="grade"><span class="legend-name">${say`Climbs from`}</span>${grades.map((each, grade) => html`<span class="shade grade-${grade}">${each}</span>`)}</span>`;
}

function surfaceLegend(paving: Paving): Html {
  return html`<span class="legend" data-legend="surface">${kinds(paving).map(([kind]) => html`<span class="shade surface-${kind}">${said(SURFACES[kind].word)}</span>`)}</span>`;
}

function tools(others: readonly Shown[], axes: RideSummary['axes'], paved: boolean): Html | null {
  const both = axes.distance && axes.time;
  if (others.length === 0 && !both && !paved) return null;
  return html`<div class="tools">
${
  both &&
  choice('axis', say`Along`, [
    ['distance', say`Distance`],
    ['elapsed', say`Time`],
    ['moving', say`Moving time`],
  ])
}
${
  paved &&
  choice('fill', say`Colours`, [
    ['grade', say`Grade`],
    ['surface', say`Surface`],
  ])
}
${
  others.length > 0 &&
  html`<div class="toggles" role="group" aria-label="${say`Charts to show`}">${others.map(
    ({ channel: { key, name } }) =>
      html`<button type="button" class="toggle" data-toggle="${key}" aria-pressed="true" aria-controls="chart-${key}">${said(name)}</button>`,
  )}</div>`
}
</div>`;
}

function choice(name: string, legend: string, options: readonly (readonly [value: string, words: string])[]): Html {
  return html`<fieldset class="switch"><legend class="hidden-words">${legend}</legend>${options.map(
    ([value, words], at) =>
      html`<label><input type="radio" name="${name}" value="${value}" autocomplete="off"${at === 0 && html` checked`}><span>${words}</span></label>`,
  )}</fieldset>`;
}

function pavingWords(paving: Paving): Html {
  const total = paving.paved + paving.unpaved + paving.unknown;
  const shares = kinds(paving).map(([kind, metres]) => SURFACES[kind].share(percent(metres / total)));
  return html`<p class="paving"><strong>${shares.join(', ')}.</strong> <span class="quiet">${say`Ride With GPS says how much is unpaved, and numbers the surfaces without a list of what they are: which is which follows from the two.`}</span></p>`;
}

const SURFACES: Record<keyof Paving, { word: Message; share: (percent: string) => string }> = {
  paved: { word: message('paved'), share: (percent) => say`${percent} paved` },
  unpaved: { word: message('unpaved'), share: (percent) => say`${percent} unpaved` },
  unknown: { word: message('unknown'), share: (percent) => say`${percent} unknown` },
};

/** Those that there are. */
function kinds(paving: Paving): [kind: keyof Paving, metres: number][] {
  const kind = (name: keyof Paving): [keyof Paving, number] => [name, paving[name]];
  return [kind('paved'), kind('unpaved'), kind('unknown')].filter(([, metres]) => metres > 0);
}

function percent(share: number): string {
  const value = decimal(share * 100, 0);
  return value === '0' ? say`under ${inWords({ value: '1', unit: '%' })}` : inWords({ value, unit: '%' });
}

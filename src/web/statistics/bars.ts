import { type Html, html } from '../html.ts';
import type { Scale } from './scale.ts';

/** One bar of a row of them. */
interface Bar {
  /** Beneath it. */
  label: string;
  value: number;
  /** The same of the year before: an outline behind it. */
  before?: number;
  /** What it is, for whoever cannot see it or points at it. */
  name: string;
  href?: string | undefined;
}

export interface BarsData {
  /** The name of the group. */
  label: string;
  bars: readonly Bar[];
  scale: Scale;
  /** `each`: each bar is a stop of the tab key. `one`: the row is a single stop, and arrows go on from there. */
  stops: 'each' | 'one';
}

/** Drawn as one figure for each bar, so that it is as wide as there is room and its words keep their size. */
export function bars({ label, bars: all, scale, stops }: BarsData): Html {
  const last = all.findLastIndex(({ href }) => href !== undefined);
  return html`<div class="bars n${all.length}" role="group" aria-label="${label}"${stops === 'one' && html` data-roving`}>
<span class="scale" aria-hidden="true">${scale.words}</span>
${all.map((bar, at) => {
  const inside = html`${drawing(bar, scale.value)}<span class="bar-label" aria-hidden="true">${bar.label}</span>`;
  return bar.href === undefined
    ? html`<span class="bar" role="img" aria-label="${bar.name}" title="${bar.name}">${inside}</span>`
    : html`<a class="bar" href="${bar.href}" aria-label="${bar.name}" title="${bar.name}"${stops === 'one' && at !== last && html` tabindex="-1"`}>${inside}</a>`;
})}
</div>`;
}

function drawing({ value, before = 0 }: Bar, full: number): Html {
  const height = (of: number) => Math.round((of / full) * 1000) / 10;
  const rect = (kind: string, of: number, x: number, width: number) =>
    of > 0 && html`<rect class="${kind}" x="${x}" y="${100 - height(of)}" width="${width}" height="${height(of)}"/>`;
  return html`<svg viewBox="0 0 20 100" preserveAspectRatio="none" aria-hidden="true">${rect('before', before, 2, 16)}${rect('now', value, before > 0 ? 5 : 4, before > 0 ? 10 : 12)}</svg>`;
}

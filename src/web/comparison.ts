import type { Cue } from '../export/ride.ts';
import type { Comparison } from '../history/compare.ts';
import type { Revision } from '../storage/history.ts';
import type { LibraryItem } from '../storage/library.ts';
import { comparedLine } from './compared-line.ts';
import type { RiderFrame } from './frame.ts';
import { backToItem, cameAndStood, edited, versionFiles } from './history.ts';
import { type Html, html } from './html.ts';
import { attribute, inPageOrder, once } from './item-attributes.ts';
import { figure, itemName, itemPath } from './item-words.ts';
import { layout } from './layout.ts';
import { say, sayHtml } from './say.ts';
import { count, counted, type Units } from './units.ts';

export interface ComparisonPageData {
  frame: RiderFrame;
  item: LibraryItem;
  version: Revision;
  /** What it is compared with; undefined: it is the first and compared with nothing. */
  against: Revision | undefined;
  /** How many versions there are. */
  total: number;
  comparison: Comparison;
}

/** One version beside another: what changed first, what is the same folded away. */
export function comparisonPage(data: ComparisonPageData): string {
  const { frame, item, version, against, total, comparison } = data;
  const content = html`<article class="history comparison">
${backToItem(item)}
<h1>${heading(version, against)}</h1>
<p class="quiet">${version.updated_at !== '' && `${edited(version)} `}${cameAndStood(version, frame.now)}</p>
${ways(item, version, against, total)}
${comparedLine(data)}
${attributes(data)}
${cues(comparison, frame.units)}
<section><h2>${say`Files of version ${count(version.revision)}`}</h2>${versionFiles(item, version.revision)}</section>
</article>`;
  const title = say`Version ${count(version.revision)}: ${itemName(item)}`;
  return layout({ frame, title, active: 'library', content });
}

function heading({ revision }: Revision, against: Revision | undefined): Html {
  return against
    ? sayHtml`Version ${count(revision)} <span class="quiet">beside version ${count(against.revision)}</span>`
    : sayHtml`Version ${count(revision)} <span class="quiet">the first</span>`;
}

function ways(item: LibraryItem, { revision }: Revision, against: Revision | undefined, total: number): Html {
  const address = `${itemPath(item)}/history`;
  const chip = (href: string, words: string, current = false) =>
    html`<a class="chip" href="${href}"${current && html` aria-current="true"`}>${words}</a>`;
  const isPrevious = against?.revision === revision - 1;
  return html`<nav class="chips" aria-label="${say`Versions`}">
${chip(address, say`All versions`)}
${revision > 1 && chip(`${address}/${revision - 1}`, `← ${say`Version ${count(revision - 1)}`}`)}
${revision < total && chip(`${address}/${revision + 1}`, `${say`Version ${count(revision + 1)}`} →`)}
${revision > 1 && revision < total && chip(`${address}/${revision}`, say`Against the one before`, isPrevious)}
${revision < total && chip(`${address}/${revision}?against=${total}`, say`Against the present`, against?.revision === total)}
</nav>`;
}

function attributes({ frame: { units }, version, against, comparison }: ComparisonPageData): Html {
  const { changed, same, more } = comparison.attributes;
  const rows = differences(changed, units);
  const equal = once(
    inPageOrder(Object.keys(same))
      .map((key) => attribute(key, same[key], units))
      .filter(({ text }) => text !== ''),
  );
  const unchanged = html`<dl class="attributes">${equal.map(({ label, text }) => html`<div><dt>${label}</dt><dd>${text}</dd></div>`)}</dl>`;
  if (!against) return html`<section><h2>${say`Attributes`}</h2>${unchanged}</section>`;
  return html`<section><h2>${say`What changed`}</h2>
${
  rows.length === 0
    ? html`<p>${say`No attribute differs.`}</p>`
    : html`<table class="side-by-side"><thead><tr><th scope="col">${say`Attribute`}</th><th scope="col">${say`Version ${count(against.revision)}`}</th><th scope="col">${say`Version ${count(version.revision)}`}</th></tr></thead>
<tbody>${rows.map(({ label, was, is }) => html`<tr><th scope="row">${label}</th><td class="was">${was}</td><td>${is}</td></tr>`)}</tbody></table>`
}
${more > 0 && html`<p class="quiet">${say`And ${counted(more, 'more attribute')}; the JSON file has everything.`}</p>`}
${equal.length > 0 && html`<details class="same"><summary>${counted(equal.length, 'attribute is the same', 'attributes are the same')}</summary>${unchanged}</details>`}
</section>`;
}

interface Difference {
  label: string;
  was: Html;
  is: Html;
}

const FIRST = ['name', 'description'];

function differences(changed: Comparison['attributes']['changed'], units: Units): Difference[] {
  const byKey = new Map(changed.map((change) => [change.key, change]));
  const keys = [
    ...FIRST.filter((key) => byKey.has(key)),
    ...inPageOrder([...byKey.keys()].filter((key) => !FIRST.includes(key))),
  ];
  const all = keys.map((key): [string, Difference] => {
    const { before, after } = byKey.get(key) ?? {};
    const { label, text: is } = attribute(key, after, units);
    const { text: was } = attribute(key, before, units);
    // Rounded alike, they would look as if nothing had changed.
    const [left, right] = was === is && was !== '' ? [JSON.stringify(before), JSON.stringify(after)] : [was, is];
    return [`${label}\n${left}\n${right}`, { label, was: value(left), is: value(right) }];
  });
  // The provider has some things under two names.
  return [...new Map(all).values()];
}

const value = (text: string | undefined): Html =>
  text === undefined || text === '' ? html`<span class="unknown">${say`nothing`}</span>` : html`${text}`;

function cues({ cues: { before, after, added, removed } }: Comparison, units: Units): Html | null {
  if (before === 0 && after === 0) return null;
  const what =
    added.total + removed.total === 0
      ? counted(after, 'cue, the same in both.', 'cues, the same in both.')
      : say`${counted(added.total, 'cue')} added and ${count(removed.total)} removed; ${count(before)} before, ${count(after)} now.`;
  return html`<section><h2>${say`Cues`}</h2><p>${what}</p>
${list(say`Added`, added, units)}${list(say`Removed`, removed, units)}
</section>`;
}

function list(words: string, { total, cues }: { total: number; cues: Cue[] }, units: Units): Html | null {
  if (total === 0) return null;
  const row = ({ d, type, text }: Cue) =>
    html`<li><span class="figure">${figure(d === null ? null : units.distance(d))}</span> <span><strong>${type}</strong> ${text}</span></li>`;
  return html`<h3>${words}</h3><ul class="cue-changes">${cues.map(row)}</ul>
${total > cues.length && html`<p class="quiet">${say`And ${counted(total - cues.length, 'more cue')}.`}</p>`}`;
}

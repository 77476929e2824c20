import { type Html, html } from '../html.ts';
import { humanised } from '../item-words.ts';
import { say } from '../say.ts';
import { count } from '../units.ts';

/** More would be a page about one list: the raw object has the rest. */
const MOST_ENTRIES = 100;
const DEEPEST = 8;
const LONGEST = 2_000;

/** Any JSON as a list to read: what is in something stands beneath it. */
export function nested(value: unknown, depth = 0): Html {
  if (typeof value !== 'object' || value === null) return html`${leaf(value)}`;
  const entries = Object.entries(value);
  if (entries.length === 0 || depth >= DEEPEST) return html`<span class="quiet">${emptyOrDeep(entries.length)}</span>`;
  const shown = entries.slice(0, MOST_ENTRIES);
  const more = entries.length - shown.length;
  const rest = more > 0 && html`<p class="quiet">${say`And ${count(more)} more, in the raw object.`}</p>`;
  if (Array.isArray(value)) {
    return html`<ol class="nested-list">${shown.map(([, part]) => html`<li>${nested(part, depth + 1)}</li>`)}</ol>${rest}`;
  }
  return html`<dl class="nested">${shown.map(
    ([key, part]) =>
      html`<div${isBranch(part) && html` data-branch`}><dt title="${key}">${humanised(key) || key}</dt><dd>${nested(part, depth + 1)}</dd></div>`,
  )}</dl>${rest}`;
}

const emptyOrDeep = (entries: number): string => (entries === 0 ? say`empty` : say`more, in the raw object`);

const isBranch = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function leaf(value: unknown): Html | string {
  if (value === null || value === undefined || value === '') return html`<span class="quiet">–</span>`;
  if (typeof value === 'boolean') return value ? say`Yes` : say`No`;
  const text = String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

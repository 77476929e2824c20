import { type Html, html } from './html.ts';
import { humanised } from './item-words.ts';
import { say } from './say.ts';

/** What its maker marked along a route: water, coffee, a view. */
export function pointsOfInterest(body: Record<string, unknown>): Html | null {
  if (!Array.isArray(body.points_of_interest)) return null;
  const points = body.points_of_interest.flatMap(readPoint);
  if (points.length === 0) return null;
  return html`<section class="points-of-interest">
<h2>${say`Points of interest`}</h2>
<ul>${points.map(line)}</ul>
</section>`;
}

function line({ kind, name, description, url }: Point): Html {
  const title = name || kind || say`Point of interest`;
  return html`<li><p>${url ? html`<a href="${url}" rel="noreferrer">${title}</a>` : html`<strong>${title}</strong>`}${name !== '' && kind !== '' && html` <span class="quiet">${kind}</span>`}</p>${description !== '' && html`<p class="quiet note">${description}</p>`}</li>`;
}

interface Point {
  kind: string;
  name: string;
  description: string;
  url: string | undefined;
}

/** The body is the provider's and may have anything in it: what is no point is left out. */
function readPoint(value: unknown): Point[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type_name, type, name, description, url } = value as Record<string, unknown>;
  const kind = text(type_name) || humanised(text(type));
  return [{ kind, name: text(name), description: text(description), url: linkIn(url) }];
}

/** A page to look at. The provider's own address of the point, for programs, is none. */
function linkIn(value: unknown): string | undefined {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname.startsWith('/api/')) return undefined;
  return url.href;
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

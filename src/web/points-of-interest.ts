import { type Html, html } from './html.ts';
import { humanised } from './item-words.ts';
import { say } from './say.ts';

/** What its maker marked along a route: water, coffee, a view. Each leads to its place on the map. */
export function pointsOfInterest(body: Record<string, unknown>): Html | null {
  if (!Array.isArray(body.points_of_interest)) return null;
  const points = body.points_of_interest.flatMap(readPoint);
  if (points.length === 0) return null;
  return html`<section class="points-of-interest">
<h2>${say`Points of interest`}</h2>
<ul>${points.map(line)}</ul>
</section>`;
}

function line({ kind, name, description, url, at }: Point): Html {
  const title = name || kind || say`Point of interest`;
  return html`<li><p>${at ? html`<a href="#ground" data-lng="${at.lng}" data-lat="${at.lat}">${title}</a>` : html`<strong>${title}</strong>`}${name !== '' && kind !== '' && html` <span class="quiet">${kind}</span>`}</p>${description !== '' && html`<p class="quiet note">${description}</p>`}${url && html`<p class="note"><a href="${url.href}" rel="noreferrer">${url.host}</a></p>`}</li>`;
}

interface Point {
  kind: string;
  name: string;
  description: string;
  url: URL | undefined;
  /** Its place on the map, degrees. */
  at: { lng: number; lat: number } | undefined;
}

/** The body is the provider's and may have anything in it: what is no point is left out. */
function readPoint(value: unknown): Point[] {
  if (typeof value !== 'object' || value === null) return [];
  const { type_name, type, name, description, url, lng, lat } = value as Record<string, unknown>;
  const kind = text(type_name) || humanised(text(type));
  const at = typeof lng === 'number' && typeof lat === 'number' ? { lng, lat } : undefined;
  return [{ kind, name: text(name), description: text(description), url: linkIn(url), at }];
}

/** A page to look at. The provider's own address of the point, for programs, is none. */
function linkIn(value: unknown): URL | undefined {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname.startsWith('/api/')) return undefined;
  return url;
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

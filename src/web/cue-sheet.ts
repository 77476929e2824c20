import { type Html, html, type Part } from './html.ts';
import { figure } from './item-words.ts';
import { say } from './say.ts';
import type { Units } from './units.ts';

/** The turns of a route, as a rider tapes them to the stem: where, how far to the next, which way, what it says. */
export function cueSheet(body: Record<string, unknown>, units: Units): Html | null {
  if (!Array.isArray(body.course_points)) return null;
  const cues = body.course_points.flatMap(readCue);
  if (cues.length === 0) return null;
  return html`<section class="cues">
<h2>${say`Cue sheet`}</h2>
<table><thead><tr><th scope="col" class="figure">${say`At`}</th><th scope="col" class="figure then">${say`Then`}</th><th scope="col">${say`Turn`}</th><th scope="col">${say`Note`}</th></tr></thead>
<tbody>${cues.map((cue, index) => line(cue, cues[index + 1], units))}</tbody></table>
</section>`;
}

function line(cue: Cue, next: Cue | undefined, units: Units): Html {
  const metres = (value: number | null) => figure(value === null ? null : units.distance(value));
  const leg = next && next.at !== null && cue.at !== null ? next.at - cue.at : null;
  return html`<tr><td class="figure">${metres(cue.at)}</td><td class="figure then quiet">${leg !== null && metres(leg)}</td><td class="turn">${turn(cue)}</td><td>${cue.note}</td></tr>`;
}

/** Leads to its place on the map. */
function turn({ at, turn: words }: Cue): Part {
  return at === null || words === '' ? words : html`<a href="#ground" data-metres="${at}">${words}</a>`;
}

interface Cue {
  /** Metres from the start. */
  at: number | null;
  turn: string;
  note: string;
}

/** The body is the provider's and may have anything in it: what is no cue is left out. */
function readCue(value: unknown): Cue[] {
  if (typeof value !== 'object' || value === null) return [];
  const { d, t, n } = value as Record<string, unknown>;
  return [{ at: typeof d === 'number' ? d : null, turn: text(t), note: text(n) }];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

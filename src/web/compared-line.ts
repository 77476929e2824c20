import type { Comparison } from '../history/compare.ts';
import type { ComparisonPageData } from './comparison.ts';
import { type Html, html } from './html.ts';
import { itemPath } from './item-words.ts';
import { lineDrawing } from './line-drawing.ts';
import { count, counted, decimal, inWords, type Units } from './units.ts';

/** The line on a map with the other one beneath it, and how much of it is another one. */
export function comparedLine({ frame, item, version, against, comparison }: ComparisonPageData): Html {
  const words = lineInWords(comparison, frame.units, against !== undefined);
  const drawing = lineDrawing(comparison.drawing, words.join(' '));
  if (!drawing) return html`<section><h2>Line</h2><p>${words.join(' ')}</p></section>`;
  const both = against !== undefined && comparison.line !== null && !comparison.line.same;
  const query = against ? `?against=${against.revision}` : '';
  return html`<section class="compared-line"><h2>Line</h2>
<figure>
<div class="map ground-alone" data-lines="${itemPath(item)}/history/${version.revision}/track.json${query}">${drawing}</div>
<figcaption>${words.map((sentence) => html`<p>${sentence}</p>`)}
${both && html`<ul class="line-key"><li><svg viewBox="0 0 32 8" width="32" height="8" aria-hidden="true"><path class="track" d="M1 4h30"/></svg>Version ${count(version.revision)}</li><li><svg viewBox="0 0 32 8" width="32" height="8" aria-hidden="true"><path class="other-line" d="M1 4h30"/></svg>Version ${count(against.revision)}</li></ul>`}
</figcaption>
</figure>
</section>`;
}

function lineInWords({ line, points }: Comparison, units: Units, compared: boolean): string[] {
  if (!compared) return [points.after === 0 ? 'No positions recorded.' : `${counted(points.after, 'point')}.`];
  if (line === null) return [points.before + points.after === 0 ? 'Neither has a line.' : 'No positions in either.'];
  if (line.same) return [line.sameTrack ? SAME : `${SAME} What was recorded along it differs.`, pointWords(points)];
  const [added, removed] = [share(line.added, line.after, units), share(line.removed, line.before, units)];
  if (added === null && removed === null) return [BESIDE, pointWords(points)];
  return [
    added === null ? 'Nothing of it is new.' : `${added} of it is new.`,
    removed === null ? 'All of the other one is still in it.' : `${removed} of the other one is not in it.`,
    pointWords(points),
  ];
}

const SAME = 'The line is the same.';
const BESIDE = 'The line takes the same way; single points moved by a few metres.';

/** `8.4 km, 13 %`; null where it is less than a receiver wanders. */
function share(part: number, whole: number, units: Units): string | null {
  if (part < 30 || whole === 0) return null;
  const percent = (100 * part) / whole;
  return `${inWords(units.distance(part))} (${inWords({ value: percent < 1 ? 'under 1' : decimal(percent, 0), unit: '%' })})`;
}

const pointWords = ({ before, after }: { before: number; after: number }): string =>
  before === after
    ? `${counted(after, 'point')}, as many as before.`
    : `${count(before)} points became ${count(after)}.`;

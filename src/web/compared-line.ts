import type { Comparison } from '../history/compare.ts';
import type { ComparisonPageData } from './comparison.ts';
import { type Html, html } from './html.ts';
import { itemPath } from './item-words.ts';
import { lineDrawing } from './line-drawing.ts';
import { say } from './say.ts';
import { count, counted, decimal, inWords, type Units } from './units.ts';

/** The line on a map with the other one beneath it, and how much of it is another one. */
export function comparedLine({ frame, item, version, against, comparison }: ComparisonPageData): Html {
  const words = lineInWords(comparison, frame.units, against !== undefined);
  const drawing = lineDrawing(comparison.drawing, words.join(' '));
  if (!drawing) return html`<section><h2>${say`Line`}</h2><p>${words.join(' ')}</p></section>`;
  const both = against !== undefined && comparison.line !== null && !comparison.line.same;
  const query = against ? `?against=${against.revision}` : '';
  return html`<section class="compared-line"><h2>${say`Line`}</h2>
<figure>
<div class="map ground-alone" data-lines="${itemPath(item)}/history/${version.revision}/track.json${query}">${drawing}</div>
<figcaption>${words.map((sentence) => html`<p>${sentence}</p>`)}
${both && html`<ul class="line-key"><li><svg viewBox="0 0 32 8" width="32" height="8" aria-hidden="true"><path class="track" d="M1 4h30"/></svg>${say`Version ${count(version.revision)}`}</li><li><svg viewBox="0 0 32 8" width="32" height="8" aria-hidden="true"><path class="other-line" d="M1 4h30"/></svg>${say`Version ${count(against.revision)}`}</li></ul>`}
</figcaption>
</figure>
</section>`;
}

function lineInWords({ line, points }: Comparison, units: Units, compared: boolean): string[] {
  if (!compared) return [points.after === 0 ? say`No positions recorded.` : counted(points.after, 'point.', 'points.')];
  if (line === null)
    return [points.before + points.after === 0 ? say`Neither has a line.` : say`No positions in either.`];
  if (line.same) return [sameInWords(line.sameTrack), pointWords(points)];
  const [added, removed] = [share(line.added, line.after, units), share(line.removed, line.before, units)];
  if (added === null && removed === null)
    return [say`The line takes the same way; single points moved by a few metres.`, pointWords(points)];
  return [
    added === null ? say`Nothing of it is new.` : say`${added} of it is new.`,
    removed === null ? say`All of the other one is still in it.` : say`${removed} of the other one is not in it.`,
    pointWords(points),
  ];
}

const sameInWords = (sameTrack: boolean): string =>
  sameTrack ? say`The line is the same.` : say`The line is the same. What was recorded along it differs.`;

/** `8.4 km, 13 %`; null where it is less than a receiver wanders. */
function share(part: number, whole: number, units: Units): string | null {
  if (part < 30 || whole === 0) return null;
  const percent = (100 * part) / whole;
  return `${inWords(units.distance(part))} (${inWords({ value: percent < 1 ? say`under 1` : decimal(percent, 0), unit: '%' })})`;
}

const pointWords = ({ before, after }: { before: number; after: number }): string =>
  before === after
    ? counted(after, 'point, as many as before.', 'points, as many as before.')
    : say`${count(before)} points became ${count(after)}.`;

import { say } from '../say.ts';
import { type Axis, pointAt, xOf } from './axis.ts';
import type { Cursor } from './cursor.ts';
import type { Selection } from './selection.ts';

export interface KeysParts {
  /** What takes the focus. */
  plot: HTMLElement;
  axis: () => Axis | null;
  /** A point in words. */
  words: (index: number) => string;
  cursor: Cursor;
  selection: Selection;
}

/** Steps along the axis, as shares of the whole. */
const STEPS: Record<string, number> = {
  ArrowLeft: -0.005,
  ArrowDown: -0.005,
  ArrowRight: 0.005,
  ArrowUp: 0.005,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -1,
  End: 1,
};

/** Makes the first chart a slider along the track: what a pointer can do there, keys can. */
export function listenToKeys(parts: KeysParts): void {
  const { plot, words, cursor, selection } = parts;
  let anchor: number | null = null;
  plot.tabIndex = 0;
  plot.setAttribute('role', 'slider');
  plot.setAttribute('aria-label', say`Place on the track`);
  plot.setAttribute('aria-describedby', 'keys');
  plot.setAttribute('aria-valuemin', '0');
  plot.setAttribute('aria-valuemax', '100');
  const tell = (index: number | null) => {
    const axis = parts.axis();
    plot.setAttribute('aria-valuenow', String(axis && index !== null ? Math.round(100 * shareOf(axis, index)) : 0));
    plot.setAttribute('aria-valuetext', index === null ? say`Nowhere yet` : words(index));
  };
  tell(cursor.now());
  cursor.follow(tell);
  selection.follow((stretch) => {
    if (!stretch) anchor = null;
  });

  plot.addEventListener('keydown', (event) => {
    const axis = parts.axis();
    if (!axis || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (step === undefined && event.key !== '[' && event.key !== ']') return;
    event.preventDefault();
    const here = cursor.now();
    // Keys go on from where a pointer was, and what it held they let go.
    cursor.set(here);
    cursor.hold(null);
    if (step !== undefined) {
      const next = here === null ? (axis.point[0] ?? 0) : moved(axis, here, step);
      if (event.shiftKey) {
        anchor ??= here ?? next;
        selection.between(anchor, next);
      } else anchor = null;
      cursor.set(next);
    } else if (here !== null) {
      if (event.key === '[') selection.begin(here);
      else selection.end(here);
    }
  });
}

/** At least to the next point, where points are far apart. */
function moved(axis: Axis, index: number, share: number): number {
  const first = axis.x[0] ?? 0;
  const here = xOf(axis, index) ?? axis.end;
  const next = pointAt(axis, Math.min(axis.end, Math.max(first, here + share * (axis.end - first))));
  if (next !== index) return next;
  const row = axis.point.indexOf(index);
  return axis.point[row + Math.sign(share)] ?? index;
}

function shareOf(axis: Axis, index: number): number {
  const first = axis.x[0] ?? 0;
  return ((xOf(axis, index) ?? axis.end) - first) / (axis.end - first);
}

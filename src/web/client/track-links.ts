import type { Track } from '../../export/track.ts';
import { axisOf, pointAt } from './axis.ts';
import type { Cursor } from './cursor.ts';
import type { Selection } from './selection.ts';
import type { Sights } from './sights.ts';

export interface LinksParts {
  track: Track;
  cursor: Cursor;
  selection: Selection;
  sights: Sights;
}

/**
 * Links to `#ground` lead to the map by themselves. Here they also say what to show there: `data-metres` a place on the track,
 * `data-from` and `data-to` two of its points, `data-lng` and `data-lat` a place beside it.
 */
export function followLinks(parts: LinksParts): void {
  const { track, cursor, selection, sights } = parts;
  const distance = axisOf(track, 'distance');
  document.addEventListener('click', (event) => {
    const { target } = event;
    const link = target instanceof Element ? target.closest<HTMLElement>('a[href="#ground"]') : null;
    if (!link) return;
    const { metres, from, to, lng, lat } = link.dataset;
    if (metres !== undefined && distance) {
      const point = pointAt(distance, Number(metres));
      cursor.set(point);
      sights.show({ point });
    } else if (from !== undefined && to !== undefined) {
      selection.between(Number(from), Number(to));
      sights.show({ from: Number(from), to: Number(to) });
    } else if (lng !== undefined && lat !== undefined) {
      // What stands there takes the focus and says what it is; following the link would take it away again.
      event.preventDefault();
      document.querySelector('#ground')?.scrollIntoView();
      sights.show({ place: [Number(lng), Number(lat)] });
    }
  });
}

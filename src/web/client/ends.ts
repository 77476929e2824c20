import type { Track } from '../../export/track.ts';
import { say } from '../say.ts';
import type { Cursor } from './cursor.ts';
import { reading } from './reading.ts';
import type { Selection } from './selection.ts';
import { smallButton } from './small-button.ts';
import { UNITS } from './units.ts';

export interface EndsParts {
  track: Track;
  cursor: Cursor;
  selection: Selection;
  /** Takes the focus over when the buttons go. */
  plot: HTMLElement;
}

/**
 * Two buttons that make the place that is held an end of the selected stretch, so that nobody has to drag (WCAG 2.2, 2.5.7).
 * Whatever can be pressed takes them in while the place is held on it.
 */
export function createEnds({ track, cursor, selection, plot }: EndsParts): HTMLElement {
  const ends = document.createElement('div');
  ends.className = 'ends';
  ends.setAttribute('role', 'group');
  const press = (select: (at: number) => void) => () => {
    const held = cursor.held();
    cursor.hold(null);
    if (held) select(held.index);
  };
  const from = smallButton(say`From here`, press(selection.begin));
  const to = smallButton(say`To here`, press(selection.end));
  ends.append(from, to);

  // On the way to the buttons, and on them, nothing else is pointed at.
  ends.addEventListener('pointerenter', () => cursor.set(null));
  document.addEventListener('click', ({ target }) => {
    if (target instanceof Element && !target.closest('.ground, .profile')) cursor.hold(null);
  });
  cursor.followHeld((held) => {
    if (!held) {
      if (ends.contains(document.activeElement)) plot.focus({ preventScroll: true });
      ends.remove();
      return;
    }
    ends.setAttribute('aria-label', say`Selection at ${reading(track, null, held.index, UNITS)}`);
    from.hidden = held.index === track.x.length - 1;
    to.hidden = held.index === 0;
  });
  return ends;
}

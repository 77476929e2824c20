import type { Cursor } from './cursor.ts';
import type { Selection } from './selection.ts';

/** Wherever the focus is, Escape takes away one thing after the other: the place that is held, the stretch, the cursor. */
export function listenToEscape({ cursor, selection }: { cursor: Cursor; selection: Selection }): void {
  document.addEventListener('keydown', ({ key, defaultPrevented }) => {
    if (key !== 'Escape' || defaultPrevented) return;
    if (cursor.held()) cursor.hold(null);
    else if (selection.now()) selection.clear();
    else cursor.set(null);
  });
}

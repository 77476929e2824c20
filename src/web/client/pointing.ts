import type { Chart } from './chart.ts';
import type { Cursor } from './cursor.ts';
import type { Selection } from './selection.ts';

/** So far must a pressed mouse move, in pixels, to select rather than to point. */
const DRAG = 4;
/** So long must a finger rest, in milliseconds, to select rather than to point. */
const LONG_PRESS = 400;

export interface PointingParts {
  /** What is pressed when the chart is. */
  on: HTMLElement;
  cursor: Cursor;
  selection: Selection;
}

/**
 * A mouse that hovers or a finger that glides moves the cursor; a mouse that drags, or a finger that rested first, selects a
 * stretch. Where either presses and does no more, the place is held. Up and down a finger scrolls the page, as everywhere.
 */
export function listenToPointer(
  { over, placeAt }: Chart,
  pointAt: (place: number) => number | null,
  { on, cursor, selection }: PointingParts,
): void {
  const indexOf = ({ clientX }: PointerEvent) => {
    const { left, width } = over.getBoundingClientRect();
    return pointAt(placeAt(Math.min(width, Math.max(0, clientX - left))));
  };
  let pressed: { at: number; index: number | null; selects: boolean } | null = null;
  let dragged = false;
  let resting: number | undefined;
  const end = () => {
    clearTimeout(resting);
    pressed = null;
    delete over.dataset.selecting;
  };

  over.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    over.setPointerCapture(event.pointerId);
    const index = indexOf(event);
    pressed = { at: event.clientX, index, selects: false };
    dragged = false;
    cursor.set(index);
    if (event.pointerType === 'mouse') return;
    resting = window.setTimeout(() => {
      if (pressed) pressed.selects = true;
      over.dataset.selecting = '';
    }, LONG_PRESS);
  });
  over.addEventListener('pointermove', (event) => {
    const index = indexOf(event);
    cursor.set(index);
    if (!pressed || pressed.index === null || index === null) return;
    const moved = Math.abs(event.clientX - pressed.at) >= DRAG;
    if (moved && event.pointerType === 'mouse') pressed.selects = true;
    if (moved && !pressed.selects) clearTimeout(resting);
    if (!pressed.selects || !moved) return;
    dragged = true;
    cursor.hold(null);
    selection.between(pressed.index, index);
  });
  over.addEventListener('pointerup', end);
  over.addEventListener('pointercancel', end);
  // Not when the pointer is lifted: the click that follows would press the button that came up under the finger.
  over.addEventListener('click', () => {
    // Coordinates of a click are rounded: what was read is held.
    const index = cursor.now();
    if (!dragged && index !== null) cursor.hold({ index, on });
  });
  over.addEventListener('pointerleave', (event) => {
    // The last place of a finger stays readable.
    if (event.pointerType === 'mouse' && !pressed) cursor.set(null);
  });
  // The browser's own menu would end a long press.
  over.addEventListener('contextmenu', (event) => {
    if (pressed) event.preventDefault();
  });
}

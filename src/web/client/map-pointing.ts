import { type Map as MapLibre, type MapMouseEvent, Popup, type PositionAnchor } from 'maplibre-gl';
import type { Cursor } from './cursor.ts';
import { type Bounds, nearest, nearTo, type Position } from './track-line.ts';

export interface MapPointingParts {
  place: HTMLElement;
  points: readonly (Position | null)[];
  box: Bounds;
  cursor: Cursor;
  /** The buttons for a place that is held; null where there is nothing to select. */
  ends: HTMLElement | null;
}

/** So near must a pointer come to the line, in pixels, to move the cursor. */
const REACH = 40;
/** The buttons, halved, and their height with the way to the line. */
const ROOM = { beside: 100, below: 72 };

/** A pointer near the line moves the cursor; one that presses there holds the place. */
export function followPointer(map: MapLibre, parts: MapPointingParts): void {
  const { place, cursor, ends } = parts;
  map.on('mousemove', (event) => cursor.set(pointNear(map, parts, event)));
  map.on('mouseout', () => cursor.set(null));
  if (!ends) return;
  map.on('click', (event) => {
    const index = pointNear(map, parts, event);
    cursor.hold(index === null ? null : { index, on: place });
  });
  showEnds(map, parts, ends);
}

function pointNear(
  map: MapLibre,
  { points, box }: MapPointingParts,
  { lngLat, point: { x, y } }: MapMouseEvent,
): number | null {
  const reach = Math.abs(map.unproject([x, y - REACH]).lat - lngLat.lat);
  // The map may tell of another copy of the world than the one the track lies in.
  return nearest(points, [nearTo(box, lngLat.lng), lngLat.lat], reach);
}

function showEnds(map: MapLibre, { place, points, cursor }: MapPointingParts, ends: HTMLElement): void {
  let popup: Popup | null = null;
  cursor.followHeld((held) => {
    popup?.remove();
    popup = null;
    const position = held?.on === place ? points[held.index] : null;
    if (!position) return;
    popup = new Popup({
      anchor: anchorAt(map, position),
      className: 'map-ends',
      closeButton: false,
      closeOnClick: false,
      focusAfterOpen: false,
      maxWidth: 'none',
      offset: 14,
    });
    popup.setLngLat(position).setDOMContent(ends).addTo(map);
  });
}

/** Below the place, because what a cue says is above; elsewhere where the map ends. */
function anchorAt(map: MapLibre, position: Position): PositionAnchor {
  const { x, y } = map.project(position);
  const { clientWidth, clientHeight } = map.getContainer();
  const upright = y > clientHeight - ROOM.below ? 'bottom' : 'top';
  if (x < ROOM.beside) return `${upright}-left`;
  return x > clientWidth - ROOM.beside ? `${upright}-right` : upright;
}

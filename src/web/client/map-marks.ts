import { type Map as MapLibre, Marker, Popup } from 'maplibre-gl';
import type { PointOfInterest } from '../../export/ride.ts';
import { say } from '../say.ts';
import type { Bounds, Position } from './track-line.ts';

/** What stands on the map as an element of the page: it has a name, and keys reach it. */

/** A round S and a square F, or what the words begin with: told apart by shape too. Where they would hide each other they stand side by side. */
export function markEnds(map: MapLibre, line: readonly Position[], box: Bounds): void {
  const [start, finish] = [line[0], line.at(-1)];
  if (!start || !finish) return;
  const single = line.length === 1;
  const size = Math.max(box.east - box.west, box.north - box.south);
  const near = Math.hypot(finish[0] - start[0], finish[1] - start[1]) <= 0.02 * size;
  const apart = near && !single ? 11 : 0;
  if (!single) mark(map, finish, { className: 'map-end finish', name: say`Finish`, offset: apart });
  mark(map, start, { className: 'map-end', name: say`Start`, offset: -apart });
}

function mark(
  map: MapLibre,
  at: Position,
  { className, name, offset }: { className: string; name: string; offset: number },
): void {
  const element = document.createElement('span');
  element.className = className;
  element.textContent = name.charAt(0);
  new Marker({ element, offset: [offset, 0] }).setLngLat(at).addTo(map);
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', name);
}

/** A button for each point of interest, which says what is there. @returns what opens the one at a place. */
export function markPois(
  map: MapLibre,
  pois: readonly PointOfInterest[],
  nearTo: (lng: number) => number,
): (place: Position) => void {
  const popup = new Popup({ closeButton: false, offset: 14, maxWidth: '260px', focusAfterOpen: false });
  const opens = pois.map((poi) => {
    const at: Position = [nearTo(poi.x), poi.y];
    const words = wordsOf(poi);
    const element = document.createElement('button');
    element.type = 'button';
    element.className = 'map-poi';
    const open = () => {
      if (words !== '') popup.setLngLat(at).setText(words).addTo(map);
    };
    element.addEventListener('click', (event) => {
      event.stopPropagation();
      open();
    });
    element.addEventListener('mouseenter', open);
    element.addEventListener('focus', open);
    element.addEventListener('mouseleave', () => {
      if (document.activeElement !== element) popup.remove();
    });
    element.addEventListener('blur', () => popup.remove());
    element.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') popup.remove();
    });
    new Marker({ element }).setLngLat(at).addTo(map);
    element.setAttribute('aria-label', words || say`Point of interest`);
    return { at, element };
  });
  return ([lng, lat]) => {
    const found = opens.find(({ at }) => Math.abs(at[0] - lng) < 1e-6 && Math.abs(at[1] - lat) < 1e-6);
    found?.element.focus({ preventScroll: true });
  };
}

function wordsOf({ name, type, description }: PointOfInterest): string {
  return [name || type, description].filter((words) => words !== '').join(': ');
}

import type { Feature, FeatureCollection, Geometry } from 'geojson';
import {
  type FitBoundsOptions,
  LngLatBounds,
  Map as MapLibre,
  Marker,
  NavigationControl,
  Popup,
  ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { Track } from '../../export/track.ts';
import type { Cursor } from './cursor.ts';
import { covers, grid } from './grid.ts';
import { GROUND, GROUND_OPTIONS, onGround } from './ground.ts';
import { trackOverlay } from './map-style.ts';
import { onThemeChange } from './tokens.ts';
import { type Bounds, nearest, type Position, simplify } from './track-line.ts';
import { UNITS } from './units.ts';

export interface MapParts {
  place: HTMLElement;
  track: Track;
  points: readonly (Position | null)[];
  box: Bounds;
  cursor: Cursor;
}

/** About two metres: less than the width of the line at any zoom that is offered. */
const TOLERANCE = 0.00002;
/** So near must a pointer come to the line, in pixels, to move the cursor. */
const REACH = 40;

/** Draws the track on a ground of our own. Resolves when the first picture is complete. */
export async function drawMap(parts: MapParts): Promise<void> {
  const { place, box } = parts;
  setWorkerUrl(workerUrl);
  const { kilometres, lines } = grid(box);
  const bare = GROUND.kind === 'plain' || (GROUND.kind === 'streets' && !covers(GROUND.bounds, box));
  const drawing: FeatureCollection = {
    type: 'FeatureCollection',
    features: [...(bare ? lines : []), ...features(parts)],
  };
  const whole = new LngLatBounds([box.west, box.south], [box.east, box.north]);
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  place.append(canvas);
  const map = new MapLibre({
    container: canvas,
    style: await onGround(trackOverlay(drawing)),
    ...GROUND_OPTIONS,
    bounds: whole,
    fitBoundsOptions: fit(place),
    maxZoom: 19,
    cooperativeGestures: true,
    attributionControl: { compact: false, ...(bare && { customAttribution: `Grid of ${kilometres} km` }) },
    // A track has no up and down on a screen but north: nothing is gained by turning it by accident.
    dragRotate: false,
    pitchWithRotate: false,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ unit: UNITS.name }), 'bottom-right');
  keepWhole(map, place, whole);
  followPointer(map, parts);
  showCursor(map, parts);
  explainPoints(map);
  onThemeChange(async () => map.setStyle(await onGround(trackOverlay(drawing))));
  await map.once('idle');
  place.dataset.shown = 'drawn';
}

/** Until the reader moves the map, the whole track stays in sight when a window or a phone is turned. */
function keepWhole(map: MapLibre, place: HTMLElement, whole: LngLatBounds): void {
  let moved = false;
  map.on('movestart', ({ originalEvent }) => {
    moved ||= originalEvent !== undefined;
  });
  map.on('resize', () => {
    if (!moved) map.fitBounds(whole, fit(place));
  });
}

function fit(place: HTMLElement): FitBoundsOptions {
  return { padding: padding(place), maxZoom: 16, duration: 0 };
}

/** Room for the sheet that lies on the map on wide screens, and for the controls. */
function padding(place: HTMLElement): { top: number; right: number; bottom: number; left: number } {
  const sheet = document.querySelector('.item-head');
  const overlaps = sheet && sheet.getBoundingClientRect().top < place.getBoundingClientRect().bottom - 10;
  return {
    top: 40,
    right: 56,
    bottom: 48,
    left: overlaps ? sheet.getBoundingClientRect().right - place.getBoundingClientRect().left + 32 : 40,
  };
}

function features({ track, points }: MapParts): Feature[] {
  const line = simplify(points, TOLERANCE);
  const [start, finish] = [line[0], line.at(-1)];
  return [
    ...(line.length > 1 ? [feature('track', { type: 'LineString', coordinates: line })] : []),
    ...track.cues.map(({ x, y, type, text }) => feature('cue', point([x, y]), [type, text])),
    ...track.pois.map(({ x, y, type, name, description }) =>
      feature('poi', point([x, y]), [name ?? type, description]),
    ),
    ...(finish ? [feature('finish', point(finish))] : []),
    ...(start ? [feature('start', point(start))] : []),
  ];
}

function feature(kind: string, geometry: Geometry, words: (string | null)[] = []): Feature {
  return { type: 'Feature', properties: { kind, words: words.filter(Boolean).join(': ') }, geometry };
}

function point(coordinates: Position): Geometry {
  return { type: 'Point', coordinates };
}

function followPointer(map: MapLibre, { points, box, cursor }: MapParts): void {
  const middle = (box.west + box.east) / 2;
  map.on('mousemove', ({ lngLat, point: { x, y } }) => {
    const reach = Math.abs(map.unproject([x, y - REACH]).lat - lngLat.lat);
    // The map may tell of another copy of the world than the one the track lies in.
    const lng = lngLat.lng + 360 * Math.round((middle - lngLat.lng) / 360);
    cursor.set(nearest(points, [lng, lngLat.lat], reach));
  });
  map.on('mouseout', () => cursor.set(null));
}

function showCursor(map: MapLibre, { place, points, cursor }: MapParts): void {
  const element = document.createElement('span');
  element.className = 'map-cursor';
  const marker = new Marker({ element });
  cursor.follow((index) => {
    const position = index === null ? null : points[index];
    if (position) marker.setLngLat(position).addTo(map);
    else marker.remove();
    place.dataset.at = position ? String(index) : '';
  });
}

/** What a cue or a point of interest says, for a pointer and for a finger. */
function explainPoints(map: MapLibre): void {
  const popup = new Popup({ closeButton: false, offset: 10, maxWidth: '260px' });
  for (const layer of ['cue', 'poi']) {
    const show = ({
      lngLat,
      features: found,
    }: {
      lngLat: { lng: number; lat: number };
      features?: { properties: Record<string, unknown> }[];
    }) => {
      const words = found?.[0]?.properties.words;
      if (typeof words === 'string' && words !== '') popup.setLngLat(lngLat).setText(words).addTo(map);
    };
    map.on('mouseenter', layer, show);
    map.on('click', layer, show);
    map.on('mouseleave', layer, () => popup.remove());
  }
}

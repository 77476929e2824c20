import type { Feature, FeatureCollection, Geometry } from 'geojson';
import {
  type FitBoundsOptions,
  FullscreenControl,
  type GeoJSONSource,
  LngLatBounds,
  type Map as MapLibre,
  Marker,
  Popup,
} from 'maplibre-gl';
import type { Track } from '../../export/track.ts';
import type { Cursor } from './cursor.ts';
import { gridWhereBare } from './grid-where-bare.ts';
import type { Overlay } from './ground.ts';
import { markEnds, markPois } from './map-marks.ts';
import { followPointer } from './map-pointing.ts';
import { drawSigns, signOf } from './map-signs.ts';
import { trackOverlay } from './map-style.ts';
import { openMap } from './open-map.ts';
import type { Selection } from './selection.ts';
import type { Sights } from './sights.ts';
import { token } from './tokens.ts';
import { type Bounds, bounds, nearTo, type Position, simplify } from './track-line.ts';

// In one file for the browser: what is large is MapLibre.
export { drawLines } from './lines-map.ts';

export interface MapParts {
  place: HTMLElement;
  track: Track;
  points: readonly (Position | null)[];
  box: Bounds;
  cursor: Cursor;
  selection: Selection;
  sights: Sights;
  /** The buttons for a place that is held; null where there is nothing to select. */
  ends: HTMLElement | null;
}

/** About two metres: less than the width of the line at any zoom that is offered. */
const TOLERANCE = 0.00002;

/** Draws the track on a ground of our own. Resolves when the first picture is complete. */
export async function drawMap(parts: MapParts): Promise<void> {
  const { place, box } = parts;
  const { lines, attribution } = gridWhereBare(box);
  const line = simplify(parts.points, TOLERANCE);
  const overlay = () => {
    const drawing: FeatureCollection = { type: 'FeatureCollection', features: [...lines, ...features(parts, line)] };
    return withStretch(trackOverlay(drawing), stretchLine(parts));
  };
  const whole = new LngLatBounds([box.west, box.south], [box.east, box.north]);
  const map = await openMap(place, overlay, {
    bounds: whole,
    fitBoundsOptions: fit(place),
    maxZoom: 19,
    cooperativeGestures: true,
    attributionControl: attribution,
  });
  // The controls and the sheet beside the map stay on the page; a phone has the whole screen for the map.
  map.addControl(new FullscreenControl({ container: place }), 'top-right');
  keepWhole(map, place, whole);
  followPointer(map, parts);
  showCursor(map, parts);
  explainCues(map);
  drawSigns(map);
  markEnds(map, line, box);
  const openPoi = markPois(map, parts.track.pois, (lng) => nearTo(box, lng));
  showStretch(map, parts);
  followSights(map, parts, openPoi);
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

/** Room for the sheets that lie on the map on wide screens, and for the controls. */
function padding(place: HTMLElement): { top: number; right: number; bottom: number; left: number } {
  const ground = place.getBoundingClientRect();
  const lying = (selector: string) => {
    const sheet = document.querySelector(selector)?.getBoundingClientRect();
    const lies = sheet && sheet.height > 0 && sheet.top < ground.bottom - 10 && sheet.bottom > ground.top;
    return lies ? sheet : undefined;
  };
  const [head, figures] = [lying('.item-head'), lying('.stretch')];
  return {
    top: 40,
    right: 56,
    bottom: figures ? Math.min(ground.bottom - figures.top + 24, ground.height / 2) : 48,
    left: head ? head.right - ground.left + 32 : 40,
  };
}

function features({ track, box }: MapParts, line: Position[]): Feature[] {
  return [
    ...(line.length > 1 ? [feature('track', { type: 'LineString', coordinates: line })] : []),
    ...track.cues.map(({ x, y, type, text }) =>
      feature('cue', { type: 'Point', coordinates: [nearTo(box, x), y] }, [type, text], signOf(type)),
    ),
  ];
}

function feature(kind: string, geometry: Geometry, words: string[] = [], sign = ''): Feature {
  return { type: 'Feature', properties: { kind, words: words.filter(Boolean).join(': '), sign }, geometry };
}

/** The selected stretch is the track in an outline of ink, and cues become signs where there is room for them. */
function withStretch({ sources, layers }: Overlay, data: Feature): Overlay {
  const at = layers.findIndex(({ id }) => id === 'track');
  return {
    sources: { ...sources, stretch: { type: 'geojson', data, tolerance: 0.3 } },
    layers: [
      ...layers.slice(0, at),
      {
        id: 'stretch',
        type: 'line',
        source: 'stretch',
        layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': token('ink'), 'line-width': ['interpolate', ['linear'], ['zoom'], 9, 8, 15, 11] },
      },
      ...layers.slice(at),
      {
        id: 'cue-sign',
        type: 'symbol',
        source: 'drawing',
        filter: ['==', ['get', 'kind'], 'cue'],
        minzoom: 13,
        layout: { 'icon-image': ['get', 'sign'], 'icon-padding': 0 },
      },
    ],
  };
}

function stretchLine({ points, selection }: MapParts): Feature {
  const stretch = selection.now();
  const coordinates = stretch ? simplify(points.slice(stretch.from, stretch.to + 1), TOLERANCE) : [];
  return feature('stretch', { type: 'LineString', coordinates: coordinates.length > 1 ? coordinates : [] });
}

function showStretch(map: MapLibre, parts: MapParts): void {
  let waits = false;
  parts.selection.follow(() => {
    // A drag tells of more places than there are pictures.
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      const { from, to } = parts.selection.now() ?? {};
      parts.place.dataset.selected = from === undefined ? '' : `${from} ${to}`;
      map.getSource<GeoJSONSource>('stretch')?.setData(stretchLine(parts));
    });
  });
}

/** Goes where somebody asked to look. The map remembers nothing of it: the reader moves on from there. */
function followSights(
  map: MapLibre,
  { place, points, box, sights }: MapParts,
  openPoi: (position: Position) => void,
): void {
  const goTo = (centre: Position) => {
    const { left, right } = padding(place);
    map.easeTo({ center: centre, zoom: Math.max(map.getZoom(), 14), offset: [(left - right) / 2, 0] });
  };
  sights.follow((sight) => {
    if ('place' in sight) {
      const centre: Position = [nearTo(box, sight.place[0]), sight.place[1]];
      goTo(centre);
      return openPoi(centre);
    }
    if ('point' in sight) {
      const centre = points[sight.point];
      return centre ? goTo(centre) : undefined;
    }
    const part = bounds(points.slice(sight.from, sight.to + 1));
    if (part) map.fitBounds([part.west, part.south, part.east, part.north], { ...fit(place), duration: 600 });
  });
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

/** What a cue says, for a pointer and for a finger. Keys have the cue sheet. */
function explainCues(map: MapLibre): void {
  const popup = new Popup({ closeButton: false, offset: 10, maxWidth: '260px' });
  for (const layer of ['cue', 'cue-sign']) {
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

import type { FeatureCollection } from 'geojson';
import { LngLatBounds, Map as MapLibre, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { grid } from './grid.ts';
import { mapStyle } from './map-style.ts';
import { onThemeChange } from './tokens.ts';
import type { Bounds } from './track-line.ts';
import { UNITS } from './units.ts';

/** A map of nothing but lines. Resolves when the first picture is complete. */
export async function drawLines(place: HTMLElement, { features }: FeatureCollection, box: Bounds): Promise<void> {
  setWorkerUrl(workerUrl);
  const { kilometres, lines } = grid(box);
  const drawing: FeatureCollection = { type: 'FeatureCollection', features: [...lines, ...features] };
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  place.append(canvas);
  const map = new MapLibre({
    container: canvas,
    style: mapStyle(drawing),
    bounds: new LngLatBounds([box.west, box.south], [box.east, box.north]),
    fitBoundsOptions: { padding: 40, maxZoom: 16, duration: 0 },
    maxZoom: 19,
    cooperativeGestures: true,
    attributionControl: { compact: false, customAttribution: `Grid of ${kilometres} km. Coasts: Natural Earth` },
    dragRotate: false,
    pitchWithRotate: false,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ unit: UNITS.name }), 'bottom-right');
  onThemeChange(() => map.setStyle(mapStyle(drawing)));
  await map.once('idle');
  place.dataset.shown = 'drawn';
}

import type { FeatureCollection } from 'geojson';
import { LngLatBounds, Map as MapLibre, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { gridWhereBare } from './grid-where-bare.ts';
import { GROUND_OPTIONS, onGround } from './ground.ts';
import { trackOverlay } from './map-style.ts';
import { onThemeChange } from './tokens.ts';
import type { Bounds } from './track-line.ts';
import { UNITS } from './units.ts';

/** A map of nothing but lines. Resolves when the first picture is complete. */
export async function drawLines(place: HTMLElement, { features }: FeatureCollection, box: Bounds): Promise<void> {
  setWorkerUrl(workerUrl);
  const { lines, attribution } = gridWhereBare(box);
  const drawing: FeatureCollection = { type: 'FeatureCollection', features: [...lines, ...features] };
  const style = () => onGround(trackOverlay(drawing));
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  place.append(canvas);
  const map = new MapLibre({
    container: canvas,
    style: await style(),
    ...GROUND_OPTIONS,
    bounds: new LngLatBounds([box.west, box.south], [box.east, box.north]),
    fitBoundsOptions: { padding: 40, maxZoom: 16, duration: 0 },
    maxZoom: 19,
    cooperativeGestures: true,
    attributionControl: attribution,
    dragRotate: false,
    pitchWithRotate: false,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ unit: UNITS.name }), 'bottom-right');
  onThemeChange(async () => map.setStyle(await style()));
  await map.once('idle');
  place.dataset.shown = 'drawn';
}

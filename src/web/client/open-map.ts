import { Map as MapLibre, type MapOptions, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { say } from '../say.ts';
import { GROUND_OPTIONS, type Overlay, onGround } from './ground.ts';
import { onThemeChange } from './tokens.ts';
import { UNITS } from './units.ts';

/** What every map here has in common: our ground, our controls, and the colours of the theme that is on. */
export async function openMap(
  place: HTMLElement,
  overlay: () => Overlay,
  options: Omit<MapOptions, 'container' | 'style'>,
): Promise<MapLibre> {
  setWorkerUrl(workerUrl);
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  place.append(canvas);
  const map = new MapLibre({
    container: canvas,
    style: await onGround(overlay()),
    ...GROUND_OPTIONS,
    locale: controlWords(),
    // A track has no up and down on a screen but north: nothing is gained by turning it by accident.
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: { compact: false },
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ unit: UNITS.name }), 'bottom-right');
  onThemeChange(async () => map.setStyle(await onGround(overlay())));
  return map;
}

/** What MapLibre's controls say, as far as there are any here. By the keys of its `default_locale.ts`. */
const controlWords = (): Record<string, string> => ({
  'AttributionControl.ToggleAttribution': say`Toggle attribution`,
  'CooperativeGesturesHandler.MacHelpText': say`Use ⌘ + scroll to zoom the map`,
  'CooperativeGesturesHandler.MobileHelpText': say`Use two fingers to move the map`,
  'CooperativeGesturesHandler.WindowsHelpText': say`Use Ctrl + scroll to zoom the map`,
  'FullscreenControl.Enter': say`Enter fullscreen`,
  'FullscreenControl.Exit': say`Exit fullscreen`,
  'Map.Title': say`Map`,
  'Marker.Title': say`Map marker`,
  'NavigationControl.ZoomIn': say`Zoom in`,
  'NavigationControl.ZoomOut': say`Zoom out`,
});

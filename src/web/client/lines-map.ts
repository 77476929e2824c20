import type { FeatureCollection } from 'geojson';
import { LngLatBounds } from 'maplibre-gl';
import { gridWhereBare } from './grid-where-bare.ts';
import { trackOverlay } from './map-style.ts';
import { openMap } from './open-map.ts';
import type { Bounds } from './track-line.ts';

/** A map of nothing but lines. Resolves when the first picture is complete. */
export async function drawLines(place: HTMLElement, { features }: FeatureCollection, box: Bounds): Promise<void> {
  const { lines, attribution } = gridWhereBare(box);
  const map = await openMap(
    place,
    () => trackOverlay({ type: 'FeatureCollection', features: [...lines, ...features] }),
    {
      bounds: new LngLatBounds([box.west, box.south], [box.east, box.north]),
      fitBoundsOptions: { padding: 40, maxZoom: 16, duration: 0 },
      maxZoom: 19,
      cooperativeGestures: true,
      attributionControl: attribution,
    },
  );
  await map.once('idle');
  place.dataset.shown = 'drawn';
}

import type { FeatureCollection } from 'geojson';
import type {
  CircleLayerSpecification,
  FilterSpecification,
  LineLayerSpecification,
  PropertyValueSpecification,
} from 'maplibre-gl';
import type { Overlay } from './ground.ts';
import { token } from './tokens.ts';

/** A track and what belongs to it, in the colours of the page. */
export function trackOverlay(drawing: FeatureCollection): Overlay {
  return {
    sources: { drawing: { type: 'geojson', data: drawing, tolerance: 0.3 } },
    layers: [
      lines('grid', 'grid', { 'line-color': token('map-grid'), 'line-width': 1 }),
      // The other version of a track: it lies beneath, and differs without colour too.
      lines('other', 'other', {
        'line-color': token('quiet'),
        'line-width': growing(2.5, 4),
        'line-dasharray': [1.5, 2],
      }),
      lines('casing', 'track', { 'line-color': token('map-casing'), 'line-width': growing(5, 8) }),
      lines('track', 'track', { 'line-color': token('track'), 'line-width': growing(2.5, 4) }),
      {
        ...dots('cue', {
          'circle-radius': 3.5,
          'circle-color': token('map-casing'),
          'circle-stroke-color': token('ink'),
        }),
        // Further out they would hide the line that they are about.
        minzoom: 11,
      },
    ],
  };
}

function lines(id: string, kind: string, paint: LineLayerSpecification['paint'] & object): LineLayerSpecification {
  return {
    id,
    type: 'line',
    source: 'drawing',
    filter: is(kind),
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint,
  };
}

function dots(kind: string, paint: CircleLayerSpecification['paint'] & object): CircleLayerSpecification {
  return {
    id: kind,
    type: 'circle',
    source: 'drawing',
    filter: is(kind),
    paint: { 'circle-stroke-width': 2.5, ...paint },
  };
}

function is(kind: string): FilterSpecification {
  return ['==', ['get', 'kind'], kind];
}

function growing(far: number, near: number): PropertyValueSpecification<number> {
  return ['interpolate', ['linear'], ['zoom'], 9, far, 15, near];
}

import world from 'virtual:world';
import type { FeatureCollection } from 'geojson';
import type {
  CircleLayerSpecification,
  FilterSpecification,
  LineLayerSpecification,
  PropertyValueSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import { token } from './tokens.ts';

/**
 * The map in the colours of the page. The world is drawn from our own file; nothing is asked of anybody else. Its coasts
 * are some kilometres from the truth, so they fade before a ride could seem to run through the sea, and the grid stays.
 */
export function mapStyle(drawing: FeatureCollection): StyleSpecification {
  return {
    version: 8,
    sources: {
      world: { type: 'geojson', data: world, tolerance: 0.2 },
      drawing: { type: 'geojson', data: drawing, tolerance: 0.3 },
    },
    layers: [
      {
        id: 'water',
        type: 'background',
        paint: { 'background-color': fading(token('map-water'), token('map-ground')) },
      },
      { id: 'land', type: 'fill', source: 'world', filter: is('land'), paint: { 'fill-color': token('map-ground') } },
      {
        id: 'border',
        type: 'line',
        source: 'world',
        filter: is('border'),
        paint: { 'line-color': token('control'), 'line-width': 0.75, 'line-opacity': fading(0.6, 0) },
      },
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

/** From what the whole world looks like to what a ride looks like. */
function fading<T extends string | number>(far: T, near: T): PropertyValueSpecification<T> {
  return ['interpolate', ['linear'], ['zoom'], 5, far, 7, near];
}

function growing(far: number, near: number): PropertyValueSpecification<number> {
  return ['interpolate', ['linear'], ['zoom'], 9, far, 15, near];
}

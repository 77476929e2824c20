import world from 'virtual:world';
import type { FilterSpecification, PropertyValueSpecification } from 'maplibre-gl';
import { say } from '../say.ts';
import type { Overlay } from './ground.ts';
import { token } from './tokens.ts';

/**
 * Land and borders from our own file. Its coasts are some kilometres from the truth, so they fade before a ride could seem to run through
 * the sea.
 */
export function plainGround(trouble?: string): Overlay {
  return {
    sources: {
      world: {
        type: 'geojson',
        data: world,
        tolerance: 0.2,
        attribution: [trouble, say`Coasts: Natural Earth`].filter(Boolean).join(' '),
      },
    },
    layers: [
      {
        id: 'ground-sea',
        type: 'background',
        paint: { 'background-color': fading(token('map-water'), token('map-ground')) },
      },
      {
        id: 'ground-land',
        type: 'fill',
        source: 'world',
        filter: is('land'),
        paint: { 'fill-color': token('map-ground') },
      },
      {
        id: 'ground-border',
        type: 'line',
        source: 'world',
        filter: is('border'),
        paint: { 'line-color': token('control'), 'line-width': 0.75, 'line-opacity': fading(0.6, 0) },
      },
    ],
  };
}

const is = (kind: string): FilterSpecification => ['==', ['get', 'kind'], kind];

/** From what the whole world looks like to what a ride looks like. */
function fading<T extends string | number>(far: T, near: T): PropertyValueSpecification<T> {
  return ['interpolate', ['linear'], ['zoom'], 5, far, 7, near];
}

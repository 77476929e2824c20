import type { ExpressionSpecification, LineLayerSpecification, PropertyValueSpecification } from 'maplibre-gl';
import type { Overlay } from './ground.ts';
import { token } from './tokens.ts';

/** The layers that a pointer can find tracks in. */
export const TRACK_LAYERS = ['tracks-lines', 'tracks-once'];

export interface TracksLook {
  /** With `{z}`, `{x}` and `{y}`. */
  tiles: string;
  heat: boolean;
}

/** All tracks, in the colours of the page. */
export const tracksOverlay = ({ tiles, heat }: TracksLook): Overlay => ({
  sources: { tracks: { type: 'vector', tiles: [location.origin + tiles], maxzoom: 14, promoteId: 'item' } },
  layers: [...(heat ? heatLayers() : lineLayers()), ...chosen()],
});

function lineLayers(): LineLayerSpecification[] {
  return [
    {
      ...lines('casing', { 'line-color': token('map-casing'), 'line-width': growing(2.5, 6) }),
      // Further out there would be more of it than of the lines.
      minzoom: 9,
    },
    lines('lines', { 'line-color': token('track'), 'line-width': growing(1.25, 3) }),
  ];
}

/**
 * What is drawn over each other adds up: how often somebody passed is seen without being counted. Each road is pale at least; one
 * passed `n` times has 1 − (1 − opacity)^n of the full colour, and then of the deep one. What the legend says is from there.
 */
function heatLayers(): LineLayerSpecification[] {
  const width = growing(1.5, 5);
  return [
    lines('once', { 'line-color': token('heat-once'), 'line-width': width }),
    lines('often', { 'line-color': token('track'), 'line-width': width, 'line-opacity': 0.25 }),
    lines('most', { 'line-color': token('heat-most'), 'line-width': width, 'line-opacity': 0.045 }),
  ];
}

/** The one that is pointed at in a list, over all others. */
function chosen(): LineLayerSpecification[] {
  const only: ExpressionSpecification = ['case', ['boolean', ['feature-state', 'chosen'], false], 1, 0];
  return [
    lines('chosen-casing', { 'line-color': token('map-casing'), 'line-width': growing(6, 9), 'line-opacity': only }),
    lines('chosen', { 'line-color': token('ink'), 'line-width': growing(3, 4.5), 'line-opacity': only }),
  ];
}

function lines(name: string, paint: LineLayerSpecification['paint'] & object): LineLayerSpecification {
  return {
    id: `tracks-${name}`,
    type: 'line',
    source: 'tracks',
    'source-layer': 'tracks',
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint,
  };
}

function growing(far: number, near: number): PropertyValueSpecification<number> {
  return ['interpolate', ['linear'], ['zoom'], 6, far, 15, near];
}

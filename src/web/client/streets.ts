import type { LayerSpecification } from 'maplibre-gl';
import type { StreetsGround } from '../ground.ts';
import type { Overlay } from './ground.ts';
import { type Expression, SCHEMAS, type Subject } from './streets-schema.ts';
import { token } from './tokens.ts';

const SOURCE = 'streets';

/**
 * The map of a road book, from our own tiles: paper, woods and water quiet, each road as wide as it matters, ways for wheels in a colour of
 * their own, and names as they stand on the signs. Nothing comes near the colour of the track.
 */
export function streetsGround(ground: StreetsGround): Overlay {
  const { tiles, minZoom, maxZoom, bounds, attribution } = ground;
  return {
    sources: {
      [SOURCE]: {
        type: 'vector',
        tiles: [location.origin + tiles],
        minzoom: minZoom,
        maxzoom: maxZoom,
        bounds,
        attribution: credit(attribution),
      },
    },
    layers: [...surfaces(), ...roads(), ...borders(), ...names()].flatMap((layer) => layer(ground)),
  };
}

/** Makes the layer out of where its subject is in these tiles; nothing where they have none. */
type Draft = (ground: StreetsGround) => LayerSpecification[];
type Properties = Record<string, unknown>;

const ROADS: readonly RoadStyle[] = [
  { subject: 'service', from: 13, width: [13, 0.4, 15, 1.4, 18, 7], fill: 'map-road' },
  { subject: 'minor', from: 11, width: [11, 0.4, 14, 2.4, 18, 13], fill: 'map-road' },
  { subject: 'secondary', from: 8, width: [8, 0.4, 12, 1.8, 14, 3.8, 18, 16], fill: 'map-road' },
  { subject: 'main', from: 6, width: [6, 0.4, 10, 1.6, 14, 5, 18, 19], fill: 'map-main' },
  { subject: 'highway', from: 4, width: [4, 0.4, 10, 2.2, 14, 6.5, 18, 24], fill: 'map-highway' },
];

interface RoadStyle {
  subject: Subject;
  /** Zoom. */
  from: number;
  /** Zoom and pixels in turn. */
  width: readonly number[];
  /** A token. */
  fill: string;
}

function surfaces(): Draft[] {
  return [
    area('earth', 'map-ground'),
    area('town', 'map-town', 9),
    area('green', 'map-green', 8),
    area('wood', 'map-wood', 7),
    area('ice', 'map-casing', 7),
    line('stream', 13, { 'line-color': token('map-shore'), 'line-width': by([13, 0.6, 18, 3]) }),
    line('river', 8, { 'line-color': token('map-shore'), 'line-width': by([8, 0.5, 12, 1.6, 18, 8]) }),
    // Over the line in the middle of a river that is wide enough to be an area.
    area('lake', 'map-water'),
    shore(),
    area('building', 'map-building', 14),
  ];
}

/** First every edge, then every surface: crossings open into each other. */
function roads(): Draft[] {
  const edge = ({ subject, from, width }: RoadStyle): Draft =>
    line(subject, Math.max(from, 10), { 'line-color': token('map-road-edge'), 'line-width': by(width, 1.6) }, '-edge');
  const surface = ({ subject, from, width, fill }: RoadStyle): Draft =>
    line(subject, from, { 'line-color': byDistance(fill), 'line-width': by(width) });
  return [
    way('path', 13, 'map-path', [14, 0.9, 18, 2], [2, 1.6]),
    way('track', 12, 'map-path', [12, 0.7, 14, 1.1, 18, 3], [5, 1.6]),
    ...ROADS.map(edge),
    ...ROADS.map(surface),
    way('cycleway', 12, 'map-cycleway', [12, 0.8, 14, 1.5, 18, 4]),
    line('rail', 9, { 'line-color': token('map-rail'), 'line-width': by([9, 0.6, 14, 1.2, 18, 3]) }),
    line(
      'rail',
      13,
      { 'line-color': token('map-rail'), 'line-width': by([13, 3, 18, 8]), 'line-dasharray': [0.25, 3] },
      '-ties',
    ),
  ];
}

function borders(): Draft[] {
  const border = { 'line-color': token('map-rail'), 'line-dasharray': [4, 2] };
  return [
    line('region', 5, { ...border, 'line-width': 0.8, 'line-opacity': 0.7 }),
    line('country', 0, { ...border, 'line-width': by([3, 0.8, 10, 1.8]) }),
  ];
}

function names(): Draft[] {
  return [
    name('riverName', 12, { size: 12, along: true, colour: 'map-water-name' }),
    name('roadName', 13, { size: 12, along: true }),
    name('roadNumber', 10, { size: 11, along: true, text: 'ref', strong: true, apart: 400 }),
    name('lakeName', 9, { size: 12, colour: 'map-water-name' }),
    name('peak', 11, { size: 12, text: 'peak' }),
    name('suburb', 12.5, { size: 12 }),
    name('village', 10, { size: by([10, 12, 14, 15]) }),
    name('townName', 7, { size: by([7, 12, 14, 18]), strong: true, colour: 'ink' }),
    name('city', 4, { size: by([4, 12, 8, 15, 14, 22]), strong: true, colour: 'ink' }),
  ];
}

function area(subject: Subject, colour: string, from = 0): Draft {
  return layer(subject, '', from, (base) => ({ ...base, type: 'fill', paint: { 'fill-color': token(colour) } }));
}

/** The edge of a lake is what tells it from a wood at night. */
function shore(): Draft {
  const paint = { 'line-color': token('map-shore'), 'line-width': 0.8 };
  return layer('lake', '-shore', 6, (base) => ({ ...base, type: 'line', paint }));
}

function way(subject: Subject, from: number, colour: string, width: readonly number[], dashes?: number[]): Draft {
  const paint = { 'line-color': token(colour), 'line-width': by(width) };
  return line(subject, from, dashes ? { ...paint, 'line-dasharray': dashes } : paint);
}

function line(subject: Subject, from: number, paint: Properties, suffix = ''): Draft {
  const layout: Properties = {
    'line-join': 'round',
    'line-cap': 'line-dasharray' in paint || suffix !== '' ? 'butt' : 'round',
  };
  return layer(subject, suffix, from, (base, { schema }) => ({
    ...base,
    type: 'line',
    layout,
    paint: { 'line-opacity': ['case', SCHEMAS[schema].tunnel, 0.35, 1], ...paint },
  }));
}

interface NameStyle {
  /** Pixels. */
  size: number | Expression;
  /** Without it the name, as it stands on the signs there, whatever the reader's language. */
  text?: 'name' | 'ref' | 'peak';
  /** Along its line, not beside a point. */
  along?: boolean;
  strong?: boolean;
  /** Pixels between two of the same. */
  apart?: number;
  colour?: string;
}

/** The map draws its letters with the page's typeface. It takes the weight out of the first family's name, which no machine has. */
const REGULAR = ['Overpass Variable'];
const STRONG = ['semibold', 'Overpass Variable'];

function name(subject: Subject, from: number, style: NameStyle): Draft {
  const { size, text = 'name', along = false, strong = false, apart = 250, colour = 'map-name' } = style;
  return layer(subject, '', from, (base, { schema }) => {
    const { order, elevation } = SCHEMAS[schema];
    const words = text === 'peak' ? peakText(elevation) : property(text);
    const layout: Properties = {
      'text-field': words,
      'text-font': strong ? STRONG : REGULAR,
      'text-size': size,
      'text-max-width': 8,
      'text-padding': 4,
      'symbol-sort-key': order,
      ...(along && { 'symbol-placement': 'line', 'symbol-spacing': apart, 'text-max-angle': 30 }),
    };
    const paint = { 'text-color': token(colour), 'text-halo-color': token('map-halo'), 'text-halo-width': 1.6 };
    return { ...base, type: 'symbol', layout, paint };
  });
}

const property = (key: string): Expression => ['get', key];

/** A triangle, the name, and under it how high it is. */
function peakText(elevation: Expression): Expression {
  const height: Expression = ['case', ['!=', elevation, null], ['concat', '\n', ['to-string', elevation], ' m'], ''];
  return ['concat', '▲ ', ['coalesce', ['get', 'name'], ''], height];
}

interface Base {
  id: string;
  source: string;
  'source-layer': string;
  filter: Expression;
  minzoom: number;
}

function layer(
  subject: Subject,
  suffix: string,
  minzoom: number,
  make: (base: Base, ground: StreetsGround) => Base & Properties,
): Draft {
  return (ground) => {
    const where = SCHEMAS[ground.schema].subjects[subject];
    if (!where) return [];
    const id = `ground-${subject}${suffix}`;
    const made = make({ id, source: SOURCE, 'source-layer': where.layer, filter: where.filter, minzoom }, ground);
    return [made as unknown as LayerSpecification];
  };
}

/** Zoom and value in turn; between them as the ground itself grows. */
function by(stops: readonly number[], more = 0): Expression {
  return [
    'interpolate',
    ['exponential', 1.5],
    ['zoom'],
    ...stops.map((stop, at) => (at % 2 === 0 ? stop : stop + more)),
  ];
}

/** Far away a road is a line and has no edge: a fill as pale as the paper would be lost on it. */
function byDistance(fill: string): Expression {
  return ['interpolate', ['linear'], ['zoom'], 9.5, token('map-far-road'), 11.5, token(fill)];
}

function credit(attribution: string): string {
  const text = attribution.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const link =
    '<a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener noreferrer">OpenStreetMap</a>';
  return text.replace('OpenStreetMap', link);
}

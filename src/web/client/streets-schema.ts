import type { TileSchema } from '../ground.ts';

/** One of MapLibre's, without its exact type: checking those that are put together takes the compiler minutes. The map checks them itself. */
export type Expression = readonly [string, ...unknown[]];

/** Where in the tiles a subject of the map is. */
interface Where {
  layer: string;
  filter: Expression;
}

/** What the map shows. Roads from wide to narrow; `path` is for feet first, `cycleway` for wheels. */
export type Subject =
  | 'earth'
  | 'wood'
  | 'green'
  | 'town'
  | 'ice'
  | 'lake'
  | 'river'
  | 'stream'
  | 'building'
  | 'highway'
  | 'main'
  | 'secondary'
  | 'minor'
  | 'service'
  | 'track'
  | 'cycleway'
  | 'path'
  | 'rail'
  | 'country'
  | 'region'
  | 'city'
  | 'townName'
  | 'village'
  | 'suburb'
  | 'roadName'
  | 'roadNumber'
  | 'lakeName'
  | 'riverName'
  | 'peak';

interface Schema {
  /** Without what this kind of tile does not have. */
  subjects: Partial<Record<Subject, Where>>;
  tunnel: Expression;
  /** What comes first where there is no room for two names: the least. */
  order: Expression;
  /** Metres above the sea, of a peak. */
  elevation: Expression;
}

const any = (key: string, ...values: (string | number)[]): Expression => ['in', ['get', key], ['literal', values]];
const all = (...filters: Expression[]): Expression => ['all', ...filters];
const not = (filter: Expression): Expression => ['!', filter];
const shape = (type: 'Polygon' | 'LineString' | 'Point'): Expression => ['==', ['geometry-type'], type];
const areas: Expression = ['any', shape('Polygon'), ['==', ['geometry-type'], 'MultiPolygon']];
const within = (layer: string, ...filters: Expression[]): Where => ({ layer, filter: all(...filters) });

/** https://docs.protomaps.com/basemaps/layers */
const PROTOMAPS: Schema = {
  subjects: {
    earth: within('earth', areas),
    wood: within('landuse', any('kind', 'wood', 'forest')),
    green: within(
      'landuse',
      any(
        'kind',
        ...[
          'park',
          'nature_reserve',
          'grass',
          'grassland',
          'meadow',
          'scrub',
          'golf_course',
          'cemetery',
          'recreation_ground',
        ],
        ...['village_green', 'allotments', 'garden', 'orchard', 'vineyard', 'pitch', 'playground'],
      ),
    ),
    town: within(
      'landuse',
      any('kind', 'residential', 'commercial', 'industrial', 'retail', 'school', 'university', 'hospital'),
    ),
    ice: within('landuse', any('kind', 'glacier')),
    lake: within('water', areas),
    river: within('water', not(areas), any('kind', 'river', 'canal')),
    stream: within('water', not(areas), any('kind', 'stream', 'ditch', 'drain')),
    building: within('buildings', areas),
    highway: within('roads', any('kind', 'highway')),
    main: within(
      'roads',
      any('kind', 'major_road'),
      any('kind_detail', 'trunk', 'trunk_link', 'primary', 'primary_link'),
    ),
    secondary: within(
      'roads',
      any('kind', 'major_road'),
      not(any('kind_detail', 'trunk', 'trunk_link', 'primary', 'primary_link')),
    ),
    minor: within('roads', any('kind', 'minor_road'), not(any('kind_detail', 'service'))),
    service: within('roads', any('kind', 'minor_road'), any('kind_detail', 'service')),
    track: within('roads', any('kind', 'path', 'other'), any('kind_detail', 'track')),
    cycleway: within('roads', any('kind', 'path', 'other'), any('kind_detail', 'cycleway')),
    path: within('roads', any('kind', 'path', 'other'), not(any('kind_detail', 'track', 'cycleway', 'pier'))),
    rail: within('roads', any('kind', 'rail')),
    country: within('boundaries', any('kind', 'country')),
    region: within('boundaries', any('kind', 'region')),
    city: within('places', any('kind_detail', 'city')),
    townName: within('places', any('kind_detail', 'town')),
    village: within('places', any('kind_detail', 'village')),
    suburb: within('places', [
      'any',
      any('kind', 'neighbourhood', 'macrohood'),
      any('kind_detail', 'hamlet', 'suburb'),
    ]),
    roadName: within('roads', any('kind', 'major_road', 'minor_road', 'path', 'other')),
    roadNumber: within('roads', any('kind', 'highway', 'major_road'), ['has', 'ref']),
    lakeName: within('water', shape('Point')),
    riverName: within('water', shape('LineString')),
    peak: within('pois', any('kind', 'peak')),
  },
  tunnel: ['to-boolean', ['get', 'is_tunnel']],
  order: ['-', 0, ['to-number', ['get', 'population_rank'], 0]],
  elevation: ['get', 'elevation'],
};

/** https://openmaptiles.org/schema */
const OPENMAPTILES: Schema = {
  subjects: {
    wood: within('landcover', any('class', 'wood', 'forest')),
    green: within('landcover', any('class', 'grass', 'farmland')),
    town: within(
      'landuse',
      any('class', 'residential', 'commercial', 'industrial', 'retail', 'school', 'university', 'hospital'),
    ),
    ice: within('landcover', any('class', 'ice')),
    lake: within('water'),
    river: within('waterway', any('class', 'river', 'canal')),
    stream: within('waterway', not(any('class', 'river', 'canal'))),
    building: within('building'),
    highway: within('transportation', any('class', 'motorway')),
    main: within('transportation', any('class', 'trunk', 'primary')),
    secondary: within('transportation', any('class', 'secondary', 'tertiary')),
    minor: within('transportation', any('class', 'minor', 'busway')),
    service: within('transportation', any('class', 'service')),
    track: within('transportation', any('class', 'track')),
    cycleway: within('transportation', any('class', 'path'), any('subclass', 'cycleway')),
    path: within('transportation', any('class', 'path'), not(any('subclass', 'cycleway'))),
    rail: within('transportation', any('class', 'rail')),
    country: within('boundary', any('admin_level', 2), not(any('maritime', 1))),
    region: within('boundary', any('admin_level', 3, 4), not(any('maritime', 1))),
    city: within('place', any('class', 'city')),
    townName: within('place', any('class', 'town')),
    village: within('place', any('class', 'village')),
    suburb: within('place', any('class', 'hamlet', 'suburb', 'quarter', 'neighbourhood')),
    roadName: within('transportation_name', not(any('class', 'motorway'))),
    roadNumber: within('transportation_name', any('class', 'motorway', 'trunk', 'primary', 'secondary'), [
      'has',
      'ref',
    ]),
    lakeName: within('water_name', shape('Point')),
    riverName: within('waterway'),
    peak: within('mountain_peak'),
  },
  tunnel: any('brunnel', 'tunnel'),
  order: ['to-number', ['get', 'rank'], 99],
  elevation: ['get', 'ele'],
};

export const SCHEMAS: Record<TileSchema, Schema> = { protomaps: PROTOMAPS, openmaptiles: OPENMAPTILES };

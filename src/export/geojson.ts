import type { Feature, FeatureCollection, Position } from 'geojson';
import type { Point, Ride } from './ride.ts';

/** RFC 7946: the track as a line (cut in two at the antimeridian), cues and points of interest as points. */
export function toGeoJson(ride: Ride): FeatureCollection {
  const { type, id, name, description, departedAt } = ride;
  const lines = cutAtAntimeridian(ride.points.flatMap(positionOf));
  const track: Feature = {
    type: 'Feature',
    geometry:
      lines.length === 0
        ? { type: 'GeometryCollection', geometries: [] }
        : { type: 'MultiLineString', coordinates: lines },
    properties: { kind: 'track', type, id, name, description, departed_at: departedAt },
  };
  const cues = ride.cues.map(({ x, y, ...properties }) => pointFeature(x, y, { kind: 'cue', ...properties }));
  const pois = ride.pois.map(({ x, y, ...properties }) =>
    pointFeature(x, y, { kind: 'point_of_interest', ...properties }),
  );
  return { type: 'FeatureCollection', features: [track, ...cues, ...pois] };
}

function pointFeature(x: number, y: number, properties: Feature['properties']): Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: [x, y] }, properties };
}

function positionOf({ x, y, e }: Point): Position[] {
  if (x === undefined || y === undefined) return [];
  return [e === undefined ? [x, y] : [x, y, e]];
}

/** Section 3.1.9 of the RFC. A line needs two positions; a single one is left out. */
function cutAtAntimeridian(positions: Position[]): Position[][] {
  const lines: Position[][] = [];
  let line: Position[] = [];
  for (const position of positions) {
    const before = line.at(-1);
    if (before && Math.abs((before[0] ?? 0) - (position[0] ?? 0)) > 180) {
      const [here, there] = crossing(before, position);
      lines.push([...line, here]);
      line = [there];
    }
    line.push(position);
  }
  return [...lines, line].filter(({ length }) => length > 1);
}

function crossing([x1 = 0, y1 = 0]: Position, [x2 = 0, y2 = 0]: Position): [Position, Position] {
  const side = x1 > 0 ? 180 : -180;
  const toSide = Math.abs(side - x1);
  const share = toSide / (toSide + Math.abs(x2 + side) || 1);
  const y = y1 + (y2 - y1) * share;
  return [
    [side, y],
    [-side, y],
  ];
}

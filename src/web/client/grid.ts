import type { Feature, LineString } from 'geojson';
import type { Bounds } from './track-line.ts';

const KILOMETRES_PER_DEGREE = 111.32;
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];
/** So many lines lie across the longer side of a track. */
const LINES = 5;
/** So many times the track's own size is covered, that moving the map a little does not reach the edge. */
const MARGIN = 2;

/** Whether a track lies within west, south, east and north. */
export function covers([west, south, east, north]: readonly number[], box: Bounds): boolean {
  return box.west >= (west ?? 0) && box.east <= (east ?? 0) && box.south >= (south ?? 0) && box.north <= (north ?? 0);
}

/** A grid of round kilometres around a track: without streets it says how large the ground is. */
export function grid(box: Bounds): { kilometres: number; lines: Feature<LineString>[] } {
  const [lng, lat] = [(box.west + box.east) / 2, (box.south + box.north) / 2];
  const squeeze = Math.max(0.05, Math.cos((lat * Math.PI) / 180));
  const [wide, high] = [
    (box.east - box.west) * squeeze * KILOMETRES_PER_DEGREE,
    (box.north - box.south) * KILOMETRES_PER_DEGREE,
  ];
  const size = Math.max(wide, high, 0.5);
  const kilometres = STEPS.find((step) => step * LINES >= size) ?? 1000;
  const [stepLat, stepLng] = [kilometres / KILOMETRES_PER_DEGREE, kilometres / KILOMETRES_PER_DEGREE / squeeze];
  const reach = Math.ceil((size * (0.5 + MARGIN)) / kilometres);
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, at) => at - reach);
  const [west, east] = [lng - reach * stepLng, lng + reach * stepLng];
  const [south, north] = [Math.max(-85, lat - reach * stepLat), Math.min(85, lat + reach * stepLat)];
  const across = offsets.map((at) => lat + at * stepLat).filter((y) => y >= south && y <= north);
  return {
    kilometres,
    lines: [
      ...across.map((y) => gridLine([west, y], [east, y])),
      ...offsets.map((at) => gridLine([lng + at * stepLng, south], [lng + at * stepLng, north])),
    ],
  };
}

function gridLine(from: [number, number], to: [number, number]): Feature<LineString> {
  return { type: 'Feature', properties: { kind: 'grid' }, geometry: { type: 'LineString', coordinates: [from, to] } };
}

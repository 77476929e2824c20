import type { Feature, FeatureCollection } from 'geojson';
import type { Lines } from '../../history/compare.ts';
import { bounds } from './track-line.ts';

/** Puts a map in the place of the drawing; where there can be none, the drawing says the same. */
export async function showLines(place: HTMLElement): Promise<void> {
  try {
    const answer = await fetch(place.dataset.lines ?? '', { headers: { accept: 'application/json' } });
    if (!answer.ok) throw new Error(`No lines: the server answered ${answer.status}`);
    const { line, other }: Lines = JSON.parse(await answer.text());
    const box = bounds([...line, ...other]);
    if (!box) return;
    const { drawLines } = await import('./map.ts');
    await drawLines(place, { type: 'FeatureCollection', features: features(line, other) }, box);
  } catch (error) {
    console.error(error);
    place.dataset.shown = 'failed';
  }
}

function features(line: Lines['line'], other: Lines['other']): FeatureCollection['features'] {
  const [start, finish] = [line[0], line.at(-1)];
  return [
    ...(other.length > 1 ? [feature('other', { type: 'LineString', coordinates: other })] : []),
    ...(line.length > 1 ? [feature('track', { type: 'LineString', coordinates: line })] : []),
    ...(finish ? [feature('finish', { type: 'Point', coordinates: finish })] : []),
    ...(start ? [feature('start', { type: 'Point', coordinates: start })] : []),
  ];
}

const feature = (kind: string, geometry: Feature['geometry']): Feature => ({
  type: 'Feature',
  properties: { kind },
  geometry,
});

import { afterEach, expect, test } from 'vitest';
import { createCursor } from '../../src/web/client/cursor.ts';
import { grid } from '../../src/web/client/grid.ts';
import { gradeAt, profileRows, rowOf, steepnessBetween } from '../../src/web/client/profile-rows.ts';
import { reading } from '../../src/web/client/reading.ts';
import { bounds, nearest, positions, simplify } from '../../src/web/client/track-line.ts';
import { ENGLISH, speak } from '../../src/web/say.ts';
import { METRIC } from '../../src/web/units.ts';
import { roundTrip } from './tracks.ts';

afterEach(() => speak(() => ENGLISH));

test('a track over the antimeridian stays in one piece', () => {
  const points = positions({ x: [179.9, null, -179.9, -179.7, 179.8], y: [-17, null, -17, -17.1, -17] });
  expect(points.map((point) => point && Math.round(point[0] * 10) / 10)).toEqual([179.9, null, 180.1, 180.3, 179.8]);
  const box = bounds(points);
  expect((box?.east ?? 0) - (box?.west ?? 0)).toBeCloseTo(0.5);
});

test('a track without positions has no bounds and no line', () => {
  const points = positions({ x: [null, null], y: [null, null] });
  expect(bounds(points)).toBeNull();
  expect(simplify(points, 0.1)).toEqual([]);
});

test('a simplified line keeps its ends and its corners and loses what lies on the way', () => {
  const straight = positions({ x: [0, 1, 2, 2, 2], y: [0, 0, 0, 1, 2] });
  expect(simplify(straight, 0.001)).toEqual([
    [0, 0],
    [2, 0],
    [2, 2],
  ]);
  expect(simplify(positions({ x: [7], y: [8] }), 0.001)).toEqual([[7, 8]]);
});

test('100,000 points are simplified in a moment, each within the tolerance', () => {
  const points = positions(roundTrip({ points: 100_000, seed: 5 }));
  const started = performance.now();
  const line = simplify(points, 0.00002);
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(line.length).toBeGreaterThan(100);
  expect(line.length).toBeLessThan(5_000);
  for (const point of points.filter((_, at) => at % 997 === 0)) {
    if (point) expect(nearest(line, point, 1)).not.toBeNull();
  }
});

test('the nearest point is found within reach and not beyond', () => {
  const points = positions({ x: [10, 11, null, 12], y: [50, 50, null, 50] });
  expect(nearest(points, [11.9, 50.01], 0.5)).toBe(3);
  expect(nearest(points, [11.9, 55], 0.5)).toBeNull();
});

test('a profile leaves out points without distance and those that jump back', () => {
  const rows = profileRows({ d: [0, null, 100, 50, 200], e: [10, 11, 20, 21, null] });
  expect(rows).toEqual({ distance: [0, 100, 200], elevation: [10, 20, null], point: [0, 2, 4] });
  expect(profileRows({ d: [0, 10], e: [null, null] })).toBeNull();
  expect(profileRows({ d: [null, null], e: [1, 2] })).toBeNull();
  expect(rows && rowOf(rows, 3)).toBe(2);
});

test('climbs are told apart by steepness, and descents are flat', () => {
  const rows = profileRows({ d: [0, 1000, 2000, 3000], e: [100, 110, 200, 50] });
  expect(rows && [0, 1000, 2000].map((from) => steepnessBetween(rows, from, from + 1000))).toEqual([0, 3, 0]);
  expect(rows && gradeAt(rows, 1, 500)).toBeCloseTo(0.05);
});

test('a reading has what was measured there and nothing else', () => {
  const track = { x: [], y: [], d: [0, 42_100], e: [300, 312], h: [null, 142], cues: [], pois: [] };
  expect(reading(track, null, 1, METRIC).split('\u2002\u2002')).toEqual(['42.1\u202fkm', '312\u202fm', '142\u202fbpm']);
  expect(reading(track, null, 0, METRIC)).not.toContain('bpm');
});

test('a reading is in the language of the page: its words and its numbers', () => {
  const track = { x: [], y: [], d: [42_100, 42_200, 42_300], e: [], u: [0, 1, null], cues: [], pois: [] };
  const readings = () => [0, 1, 2].map((at) => reading(track, null, at, METRIC).split('\u2002\u2002').at(-1));
  expect(readings()).toEqual(['paved', 'unpaved', 'surface unknown']);
  speak(() => ({ tag: 'de', dates: 'de-DE', texts: { paved: 'befestigt', 'surface unknown': 'Belag unbekannt' } }));
  expect(readings()).toEqual(['befestigt', 'unpaved', 'Belag unbekannt']);
  expect(reading(track, null, 0, METRIC)).toContain('42,1\u202fkm');
});

test('the grid has round kilometres that suit the size of the ride', () => {
  const kilometres = (degrees: number) => grid({ west: 0, east: degrees, south: 0, north: degrees }).kilometres;
  expect([0.001, 0.05, 0.4, 9].map(kilometres)).toEqual([0.1, 2, 10, 500]);
});

test('a cursor tells its followers once, even when they set it again', () => {
  const cursor = createCursor();
  const seen: (number | null)[] = [];
  cursor.follow((index) => {
    seen.push(index);
    cursor.set(index);
  });
  cursor.set(3);
  cursor.set(3);
  cursor.set(null);
  expect(seen).toEqual([3, null]);
});

test('the cursor goes back to the place that is held when nothing else is pointed at', () => {
  const cursor = createCursor();
  const seen: (number | null)[] = [];
  cursor.follow((index) => seen.push(index));
  const on = {};
  cursor.set(5);
  cursor.hold({ index: 5, on });
  cursor.set(7);
  cursor.set(null);
  cursor.hold(null);
  expect(seen).toEqual([5, 7, 5, null]);
  expect(cursor.held()).toBeNull();
});

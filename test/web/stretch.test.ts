import { expect, test } from 'vitest';
import { axisOf, pointAt, pointBefore, valueAt, xOf } from '../../src/web/client/axis.ts';
import { fillColours } from '../../src/web/client/profile-fill.ts';
import { profileRows } from '../../src/web/client/profile-rows.ts';
import { createSelection } from '../../src/web/client/selection.ts';
import { thin } from '../../src/web/client/thin.ts';
import { ticksOf } from '../../src/web/client/ticks.ts';
import { movingSeconds, stretchFigures } from '../../src/web/stretch.ts';
import { recorded, roundTrip } from './tracks.ts';

const RIDE = {
  x: [],
  y: [],
  d: [0, 100, 200, 200, 300, 400],
  e: [100, 110, 109, null, 130, 90],
  t: [1000, 1010, 1020, 1320, 1330, 1340],
  h: [120, null, 140, 90, 150, 160],
  c: [80, 90, 0, 0, 85, 0],
  p: [0, 0, 0, 0, 0, 0],
  cues: [],
  pois: [],
};

test('a stretch amounts to what was ridden from its first point to its last', () => {
  expect(stretchFigures(RIDE, 0, 5)).toEqual({
    distance: 400,
    // The metre down is noise, so the climb goes on from 110.
    up: 30,
    down: 40,
    grade: -10 / 400,
    time: 340,
    // The 300 seconds at the same place are none of riding.
    moving: 40,
    speed: 36,
    heart: 132,
    cadence: 85,
    power: 0,
  });
  expect(stretchFigures(RIDE, 1, 2)).toMatchObject({
    distance: 100,
    time: 10,
    moving: 10,
    up: 0,
    heart: 140,
    cadence: 90,
  });
});

test('a stretch of which nothing is known has no figures, and none of them is made up', () => {
  const empty = { d: [null, null], e: [null, null] };
  expect(Object.values(stretchFigures(empty, 0, 1)).every((figure) => figure === null)).toBe(true);
});

test('clocks and odometers that jump back count for nothing', () => {
  const back = { d: [0, 100, 50, 150], e: [], t: [0, 10, 5, 20] };
  expect(stretchFigures(back, 0, 3)).toMatchObject({ distance: 150, time: 20, moving: 20 });
  const axis = axisOf({ ...back, x: [], y: [], cues: [], pois: [] }, 'elapsed');
  expect(axis?.x).toEqual([0, 10, 20]);
  expect(axis?.point).toEqual([0, 1, 3]);
});

test('laps add up to the whole', () => {
  const track = recorded(roundTrip({ points: 4_000, seed: 1 }));
  const sum = (key: 'distance' | 'time' | 'moving') =>
    [stretchFigures(track, 0, 1_234), stretchFigures(track, 1_234, 3_999)].reduce(
      (all, lap) => all + (lap[key] ?? 0),
      0,
    );
  const all = stretchFigures(track, 0, 3_999);
  for (const key of ['distance', 'time', 'moving'] as const) expect(sum(key)).toBeCloseTo(all[key] ?? 0, 3);
  expect((all.time ?? 0) - (all.moving ?? 0)).toBeCloseTo(600, -1);
});

test('an axis finds points and points find their place, along the distance, the time and the time without stops', () => {
  const moving = axisOf(RIDE, 'moving');
  expect(moving?.x).toEqual([0, 10, 20, 20, 30, 40]);
  expect(moving && pointAt(moving, 29)).toBe(4);
  expect(moving && xOf(moving, 5)).toBe(40);
  expect(moving && [0, 9, 10, 29, 40].map((place) => pointBefore(moving, place))).toEqual([0, 0, 1, 3, 5]);
  const distance = axisOf(RIDE, 'distance');
  expect(distance && valueAt(distance, RIDE.e, 50)).toBe(105);
  expect(axisOf({ ...RIDE, d: [0, 0, 0, 0, 0, 0] }, 'distance')).toBeNull();
  expect(axisOf({ ...RIDE, t: [1, 1, 1, 1, 1, 1] }, 'elapsed')).toBeNull();
  expect(movingSeconds({ d: [0], e: [] })).toEqual([]);
});

test('a thinned line has its peaks, its ends and its holes, and few points', () => {
  const x = Array.from({ length: 100_000 }, (_, at) => at);
  const y = x.map((at) =>
    at === 31_415 ? 999 : at === 60_000 ? -999 : at > 70_000 && at < 80_000 ? null : Math.sin(at / 500),
  );
  const [xs, ys] = thin(x, y, 1_000);
  expect(xs.length).toBeLessThan(4_100);
  expect(xs).toEqual([...xs].sort((a, b) => a - b));
  expect(ys[xs.indexOf(31_415)]).toBe(999);
  expect(ys[xs.indexOf(60_000)]).toBe(-999);
  expect([xs[0], xs.at(-1)]).toEqual([0, 99_999]);
  expect(ys.filter((value) => value === null)).toHaveLength(1);
  for (let at = 0; at < xs.length; at++) expect(ys[at]).toBe(y[xs[at] ?? 0]);
});

test('a sensor that speaks every few seconds is one line, and a longer silence is a hole', () => {
  const x = Array.from({ length: 1_000 }, (_, at) => at);
  const [, seldom] = thin(
    x,
    x.map((at) => (at % 5 === 0 ? 1 : null)),
    500,
  );
  expect(seldom).not.toContain(null);
  const [, silent] = thin(
    x,
    x.map((at) => (at > 400 && at < 500 ? null : 1)),
    500,
  );
  expect(silent.filter((value) => value === null)).toHaveLength(1);
  expect(thin([], [], 100)).toEqual([[], []]);
});

test('the steps of an axis are round in the units of the rider', () => {
  const words = (values: number[], unit: number, zero = 0) =>
    values.map((value) => Math.round(((value - zero) / unit) * 100) / 100);
  expect(ticksOf('e', 'metric', { low: 322, high: 1_374, most: 4 })).toEqual([500, 1_000]);
  expect(words(ticksOf('e', 'imperial', { low: 322, high: 1_374, most: 4 }), 0.3048)).toEqual([2_000, 3_000, 4_000]);
  expect(words(ticksOf('distance', 'imperial', { low: 0, high: 64_000, most: 5 }), 1609.344)).toEqual([0, 10, 20, 30]);
  expect(words(ticksOf('T', 'imperial', { low: 0, high: 20, most: 4 }), 5 / 9, -32 / 1.8)).toEqual([40, 50, 60]);
  expect(ticksOf('elapsed', 'metric', { low: 0, high: 11_400, most: 7 })).toEqual([
    0, 1_800, 3_600, 5_400, 7_200, 9_000, 10_800,
  ]);
  expect(ticksOf('distance', 'metric', { low: 0, high: 150, most: 10 })).toEqual([0, 100]);
});

test('a profile along the time is flat where the rider rested, whatever the hill', () => {
  const steep = { ...RIDE, d: [0, 1_000, 1_000, 2_000], e: [0, 100, 100, 200], t: [0, 100, 900, 1_000] };
  const [axis, rows] = [axisOf(steep, 'elapsed'), profileRows(steep)];
  if (!axis) throw new Error('There is no time.');
  const colours = fillColours('grade', { track: steep, rows, axis }, 10);
  expect(colours).toEqual(['grade-4', ...Array.from({ length: 8 }, () => 'grade-0'), 'grade-4']);
  const surfaces = fillColours('surface', { track: { ...steep, u: [1, 0, null, null] }, rows, axis }, 10);
  expect(surfaces[0]).toBe('surface-unpaved');
  expect(surfaces[2]).toBe('surface-paved');
  expect(surfaces[9]).toBe('surface-unknown');
});

test('a selection has its ends in order, and tells of changes only', () => {
  const selection = createSelection(10);
  const seen: unknown[] = [];
  selection.follow((stretch) => seen.push(stretch));
  selection.between(9, 4);
  selection.between(4, 9);
  selection.between(4, 4);
  selection.clear();
  expect(seen).toEqual([{ from: 4, to: 9 }, null]);
});

test('one end of a selection is moved, the other stays, or is that of the track', () => {
  const selection = createSelection(10);
  const after = (change: 'begin' | 'end', at: number) => {
    selection[change](at);
    return selection.now();
  };
  expect(after('begin', 3)).toEqual({ from: 3, to: 10 });
  expect(after('end', 8)).toEqual({ from: 3, to: 8 });
  expect(after('begin', 5)).toEqual({ from: 5, to: 8 });
  expect(after('begin', 9)).toEqual({ from: 9, to: 10 });
  expect(after('end', 2)).toEqual({ from: 0, to: 2 });
});

import { expect, test } from 'vitest';
import { readRide } from '../../src/export/ride.ts';
import { summaryOf } from '../../src/export/summary.ts';
import { paving, unpavedSurfaces } from '../../src/export/surface.ts';
import { toTrack } from '../../src/export/track.ts';

const ride = (object: object) => readRide(Buffer.from(JSON.stringify({ route: { id: 1, ...object } })), 'route', '1');
/** A line of kilometres with these surfaces. */
const way = (surfaces: (number | undefined)[]) => [
  ...surfaces.map((S, at) => ({ d: at * 1_000, ...(S !== undefined && { S }) })),
  { d: surfaces.length * 1_000 },
];

test('which surfaces are unpaved follows from the share that the provider names', () => {
  const points = way([3, 3, 3, 3, 3, 15, 15, 24, 3, 3]);
  expect(unpavedSurfaces(points, 30)).toEqual(
    new Map([
      [3, false],
      [15, true],
      [24, true],
    ]),
  );
  expect(unpavedSurfaces(points, 20)).toEqual(
    new Map([
      [3, false],
      [15, true],
      [24, false],
    ]),
  );
  expect(unpavedSurfaces(points, 0)).toEqual(
    new Map([
      [3, false],
      [15, false],
      [24, false],
    ]),
  );
  expect(unpavedSurfaces(points, 100).get(3)).toBe(true);
  expect(paving(points, unpavedSurfaces(points, 30))).toEqual({ paved: 7_000, unpaved: 3_000, unknown: 0 });
});

test('where that is no proof, nothing is said of a surface', () => {
  // Either half may be the unpaved one.
  expect(unpavedSurfaces(way([1, 2]), 50).size).toBe(0);
  expect(unpavedSurfaces(way([1, 1, 2]), 50).size).toBe(0);
  expect(unpavedSurfaces(way([1, 1, 2]), null).size).toBe(0);
  expect(unpavedSurfaces(way([undefined, undefined]), 0).size).toBe(0);
  expect(unpavedSurfaces([], 10).size).toBe(0);
});

test('a way without a number is unknown, and the rest is still told apart', () => {
  const points = way([3, 3, undefined, undefined, 15]);
  const unpaved = unpavedSurfaces(points, 20);
  expect(paving(points, unpaved)).toEqual({ paved: 2_000, unpaved: 1_000, unknown: 2_000 });
  const track = toTrack(ride({ unpaved_pct: 20, track_points: points }));
  expect(track.u).toEqual([0, 0, null, null, 1, null]);
  expect(toTrack(ride({ track_points: points })).u).toBeUndefined();
});

test('where no point says how far it is from the start, that is measured on the ground', () => {
  const points = [0, 0.01, 0.02].map((x, at) => ({ x, y: 0, e: 100 + at }));
  const hill = ride({ track_points: [...points, { e: 90 }] });
  expect(toTrack(hill).d.map((metres) => metres && Math.round(metres))).toEqual([0, 1_112, 2_224, null]);
  expect(summaryOf(hill)).toMatchObject({ axes: { distance: true }, channels: [{ key: 'e' }] });
  // Indoors there is nothing to measure, and what the provider does say is left as it is.
  expect(toTrack(ride({ track_points: [{ e: 1 }, { e: 2 }] })).d).toEqual([null, null]);
  expect(
    toTrack(
      ride({
        track_points: [
          { x: 0, y: 0, d: 5 },
          { x: 1, y: 0 },
        ],
      }),
    ).d,
  ).toEqual([5, null]);
});

test('a page is told what there is before it has the points', () => {
  const points = [
    { x: 1, y: 2, d: 0, e: 10, t: 100, h: 90, lap: true },
    { x: 1, y: 2, d: 50, e: 20, t: 110, h: 110 },
    { x: 1, y: 2, d: 100, e: 15, t: 120, h: 100, lap: true },
    { x: 1, y: 2, d: 200, t: 130 },
  ];
  const summary = summaryOf(ride({ track_points: points }));
  expect(summary).toMatchObject({ points: 4, placed: true, axes: { distance: true, time: true }, paving: null });
  expect(summary.channels).toEqual([
    { key: 'e', low: { value: 10, at: 0 }, high: { value: 20, at: 50 }, average: 15 },
    { key: 'h', low: { value: 90, at: 0 }, high: { value: 110, at: 50 }, average: 100 },
  ]);
  expect(summary.laps.map(({ from, to, distance, time, up, heart }) => [from, to, distance, time, up, heart])).toEqual([
    [0, 2, 100, 20, 10, 100],
    [2, 3, 100, 10, 0, 100],
  ]);
});

test('a single point, or points that go nowhere, have nothing to draw', () => {
  expect(summaryOf(ride({ track_points: [{ d: 0, e: 5, h: 90 }] })).channels).toEqual([]);
  const still = Array.from({ length: 5 }, () => ({ d: 0, h: 90 }));
  expect(summaryOf(ride({ track_points: still }))).toMatchObject({ placed: false, channels: [], laps: [] });
  expect(summaryOf(ride({}))).toMatchObject({ points: 0, channels: [] });
});

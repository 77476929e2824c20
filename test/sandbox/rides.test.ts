import { describe, expect, test } from 'vitest';
import type { Point } from '../../src/sandbox/index.ts';
import { distanceBetween, isPlaced, withDistances } from '../../src/sandbox/rides/distance.ts';
import { measure } from '../../src/sandbox/rides/measure.ts';
import { ride } from '../../src/sandbox/rides/ride.ts';
import { layRoad, type Plan } from '../../src/sandbox/rides/road.ts';
import { REGIONS } from '../../src/sandbox/world/regions.ts';
import { firstOf, listOf, sandboxFor } from './support.ts';

const NOW = Date.UTC(2026, 5, 1);
const believable = (seed: number) =>
  sandboxFor({ seed, now: () => NOW, riders: [{ id: 1, name: 'Robin Field', routes: 6, trips: 12 }] });
const plan = (seed: number, shape: Plan['shape'] = 'loop'): Plan => ({
  seed,
  shape,
  length: 40_000,
  region: REGIONS[0],
});
const sensors = { heart: true, cadence: true, power: true, temperature: true };
const ridden = (seed: number): Point[] =>
  ride(layRoad(plan(seed)), { seed, start: 1_780_000_000, threshold: 200, sensors });
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a generated library', () => {
  test('is the same for the same seed and differs for another', async () => {
    const [one, same, other] = await Promise.all([believable(7), believable(7), believable(8)]);
    const text = (sandbox: typeof one) =>
      JSON.stringify(sandbox.world.items(1).map(({ type, id }) => sandbox.object(type, id))).replaceAll(
        sandbox.url,
        '',
      );
    expect(text(one)).toBe(text(same));
    expect(text(one)).not.toBe(text(other));
  });

  test('has every attribute follow from the points', async () => {
    const sandbox = await believable(3);
    for (const { type, id } of sandbox.world.items(1)) {
      const item = sandbox.object(type, id);
      const points: Point[] = listOf(item.track_points);
      const placed = points.filter(isPlaced);
      const last = firstOf(points.toReversed());
      expect(item.distance).toBe(last.d);
      if (placed.length === 0) continue;
      const summed = placed.reduce(
        (sum, point, index) => sum + (index === 0 ? 0 : distanceBetween(firstOf(placed.slice(index - 1)), point)),
        0,
      );
      expect(Math.abs(Number(item.distance) - summed)).toBeLessThan(0.1);
      expect(item.sw_lat).toBe(Math.min(...placed.map(({ y }) => y)));
      expect(item.ne_lng).toBe(Math.max(...placed.map(({ x }) => x)));
      const climbed = Number(item.elevation_gain) - Number(item.elevation_loss);
      expect(Math.abs(climbed - (Number(last.e) - Number(firstOf(points).e)))).toBeLessThan(4);
      if (type === 'route') continue;
      expect(item.duration).toBe(Number(last.t) - Number(firstOf(points).t));
      expect(Number(item.moving_time)).toBeLessThanOrEqual(Number(item.duration));
      expect(Date.parse(String(item.departed_at)) / 1_000).toBe(firstOf(points).t);
      expect(Date.parse(String(item.created_at)) / 1_000).toBeGreaterThan(Number(last.t));
    }
  });

  test('spans about two years and ends this week', async () => {
    const sandbox = await sandboxFor({ now: () => NOW, riders: [{ id: 1, name: 'A', routes: 40, trips: 160 }] });
    const days = sandbox.world.items(1, 'trip').map(({ createdAt }) => (NOW - createdAt) / 86_400_000);
    expect(days).toHaveLength(160);
    expect(Math.max(...days)).toBeGreaterThan(700);
    expect(Math.min(...days)).toBeLessThan(7);
    expect(Math.min(...days)).toBeGreaterThan(0);
    expect(new Set(sandbox.world.items(1).map(({ visibility }) => visibility)).size).toBe(3);
  });

  test('has ids that a route and a trip share', async () => {
    const sandbox = await sandboxFor();
    expect(sandbox.world.item('route', 1001).name).not.toBe(sandbox.world.item('trip', 1001).name);
  });

  test('gives every trip of a bench rider its number of points at a realistic size', async () => {
    const sandbox = await sandboxFor({ riders: [{ id: 1, name: 'A', routes: 0, trips: 20, points: 4_000 }] });
    for (const { id } of sandbox.world.items(1, 'trip').slice(0, 3)) {
      const points = listOf(sandbox.object('trip', id).track_points);
      expect(points).toHaveLength(4_000);
      expect(Object.keys(firstOf(points)).toSorted()).toEqual(['T', 'c', 'd', 'e', 'h', 'p', 's', 't', 'x', 'y']);
      const bytes = JSON.stringify(points).length / points.length;
      expect(bytes).toBeGreaterThan(90);
      expect(bytes).toBeLessThan(106);
    }
  });
});

describe('a generated ride', () => {
  test('goes slower uphill and faster downhill', () => {
    const points = [2, 4, 6].flatMap(ridden);
    const speeds = { up: [] as number[], down: [] as number[] };
    for (const [index, point] of points.entries()) {
      const before = points[index - 20];
      if (!before || point.s === 0) continue;
      const climbed = (point.e ?? 0) - (before.e ?? 0);
      if (climbed > 4) speeds.up.push(point.s ?? 0);
      if (climbed < -4) speeds.down.push(point.s ?? 0);
    }
    expect(speeds.up.length).toBeGreaterThan(50);
    expect(mean(speeds.up)).toBeLessThan(mean(speeds.down) - 10);
  });

  test('keeps every value where bodies and bicycles keep it', () => {
    for (const point of [1, 2, 3].flatMap(ridden)) {
      expect(point.s).toBeLessThan(80);
      expect(point.h).toBeGreaterThan(60);
      expect(point.h).toBeLessThan(200);
      expect(point.c).toBeLessThan(120);
      expect(point.p).toBeLessThan(500);
      expect(Math.abs(point.T ?? 0)).toBeLessThan(45);
    }
  });

  test('never goes back in time and never jumps', () => {
    const points = ridden(4);
    for (const [index, point] of points.entries()) {
      const before = points[index - 1];
      if (!before || !isPlaced(point) || !isPlaced(before)) continue;
      const seconds = (point.t ?? 0) - (before.t ?? 0);
      expect(seconds).toBeGreaterThan(0);
      expect(distanceBetween(before, point)).toBeLessThan(25 * seconds);
    }
  });

  test('the heart follows the effort late', () => {
    const points = ridden(2).slice(0, 1_500);
    const fit = (lag: number) => {
      const pairs = points.flatMap((point, index) =>
        index < lag ? [] : [[points[index - lag]?.p ?? 0, point.h ?? 0] as const],
      );
      const [p, h] = [mean(pairs.map(([power]) => power)), mean(pairs.map(([, heart]) => heart))];
      return mean(pairs.map(([power, heart]) => (power - p) * (heart - h)));
    };
    expect(fit(20)).toBeGreaterThan(fit(0));
  });
});

describe('measuring', () => {
  test.each(['loop', 'out_and_back', 'point_to_point'] as const)('tells a %s', (shape) => {
    const points = ride(layRoad(plan(11, shape)), { seed: 1, start: 0, threshold: 200, sensors });
    const measured = withDistances(points);
    expect(measure(measured).track_type).toBe(shape);
  });

  test('makes a small box across the antimeridian', () => {
    const { sw_lng, ne_lng } = measure([
      { x: 179.9, y: 10 },
      { x: -179.8, y: 11 },
    ]);
    expect([sw_lng, ne_lng]).toEqual([179.9, -179.8]);
  });

  test('leaves the pause out of the average, and has null for what was not recorded', () => {
    const hour = [
      { t: 0, d: 0, x: 1, y: 1 },
      { t: 10, d: 100, x: 1, y: 1 },
      { t: 3_610, d: 100, x: 1, y: 1 },
      { t: 3_620, d: 200, x: 1, y: 1 },
    ];
    expect(measure(hour)).toMatchObject({
      duration: 3_620,
      moving_time: 20,
      avg_speed: 36,
      avg_hr: null,
      max_watts: null,
    });
    expect(measure([])).toMatchObject({ distance: null, is_stationary: true, duration: null, track_type: 'unknown' });
  });
});

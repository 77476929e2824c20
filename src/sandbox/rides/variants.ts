import type { Point } from '../model.ts';
import { createNoise, seedOf } from '../random.ts';

/** Exactly `wanted` of the points, evenly, both ends included; where there are fewer, the last is repeated. */
export function thinned(points: readonly Point[], wanted: number): Point[] {
  if (wanted === points.length) return [...points];
  const kept: Point[] = [];
  for (let index = 0; index < wanted; index++) {
    const point = points[Math.round((index * (points.length - 1)) / Math.max(wanted - 1, 1))];
    if (point) kept.push({ ...point });
  }
  return kept;
}

/** An hour on a home trainer: sensors, speed and distance, but no place and no height. */
export function trainerRide(seed: number, start: number): Point[] {
  const noise = createNoise(seedOf(seed, 'trainer'));
  let [heart, distance] = [85, 0];
  return Array.from({ length: 3_600 }, (_, second) => {
    const power = second % 600 < 240 && second > 600 ? 225 : 135;
    const watts = Math.round(power + 12 * noise.along(second / 5));
    heart += (62 + watts * 0.42 - heart) / 40;
    const speed = 26 + (watts - 135) * 0.07;
    distance += speed / 3.6;
    return {
      t: start + second,
      d: Math.round(distance * 10) / 10,
      s: Math.round(speed * 10) / 10,
      h: Math.round(heart),
      c: Math.round(86 + 5 * noise.along(second / 8 + 99)),
      p: watts,
      T: 20,
      // One for each interval.
      ...(second % 600 === 0 && { lap: true }),
    };
  });
}

/** As devices do by themselves: a lap every so many metres. */
export function withLaps(points: readonly Point[], metres: number): Point[] {
  let next = 0;
  return points.map((point) => {
    if ((point.d ?? 0) < next) return point;
    next += metres;
    return { ...point, lap: true };
  });
}

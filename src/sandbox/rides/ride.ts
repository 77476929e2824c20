import type { Point } from '../model.ts';
import { createNoise, createRandom, seedOf } from '../random.ts';
import { type Road, toDegrees } from './road.ts';

export interface Riding {
  seed: number;
  /** Epoch seconds. */
  start: number;
  /** Watts the rider holds for an hour. */
  threshold: number;
  sensors: { heart: boolean; cadence: boolean; power: boolean; temperature: boolean };
}

const MASS = 84;
const GRAVITY = 9.81;
const ROLLING = 0.005;
const AIR = 0.5 * 1.2 * 0.36;
/** A device that stands still for longer than this stops recording, which leaves a gap in the times. */
const AUTO_PAUSE = 60;

/**
 * Rides a road second by second: power follows the grade, speed follows power and gravity, the heart follows power late.
 * At most about 7,500 points: long rides are recorded every two or three seconds, as devices do.
 */
export function ride(road: Road, how: Riding): Point[] {
  const random = createRandom(seedOf(how.seed, 'ride'));
  const whim = createNoise(seedOf(how.seed, 'whim'));
  const every = Math.max(1, Math.ceil(road.length / 7 / 7_500));
  const stops = planStops(road.length, random);
  const warmth = random.between(6, 24);
  // Metres a second at which this rider brakes, whatever the hill.
  const fastest = random.between(14, 19.5);
  const points: Point[] = [];
  let [along, speed, heart, time] = [0, 1.5, 88, how.start];

  while (along < road.length) {
    const grade = gradeAt(road, along);
    const power = powerFor(grade, how.threshold, whim.along(time / 40));
    speed = nextSpeed(speed, power, grade, cornerLimit(road, along, fastest));
    heart += (68 + 92 * Math.min(power / how.threshold, 1.25) - heart) / 28;
    const effort = { speed, power, heart, grade, wobble: whim.along(time / 9) };
    if ((time - how.start) % every === 0) points.push(pointAt(road, along, time, effort, how, warmth));
    time += 1;
    along += speed;

    const stop = stops[0];
    if (stop && along > stop.at) {
      stops.shift();
      for (let second = 0; second < Math.min(stop.seconds, AUTO_PAUSE); second += every) {
        heart += (82 - heart) / 60;
        points.push(
          pointAt(road, along, time + second, { speed: 0, power: 0, heart, grade: 0, wobble: 0 }, how, warmth),
        );
      }
      time += Math.ceil(stop.seconds / every) * every;
      speed = 0;
    }
  }
  const end = { speed, power: 0, heart, grade: 0, wobble: 0 };
  points.push(pointAt(road, road.length, time, end, how, warmth));
  return points;
}

interface Effort {
  speed: number;
  power: number;
  heart: number;
  grade: number;
  wobble: number;
}

function planStops(length: number, random: ReturnType<typeof createRandom>): { at: number; seconds: number }[] {
  const lights = Array.from({ length: Math.round(length / 9_000) }, () => ({
    at: random.between(0.03, 0.97) * length,
    seconds: random.integer(8, 45),
  }));
  const cafe = length > 45_000 ? [{ at: random.between(0.4, 0.7) * length, seconds: random.integer(600, 1_800) }] : [];
  return [...lights, ...cafe].sort((a, b) => a.at - b.at);
}

function gradeAt(road: Road, along: number): number {
  const index = Math.min(Math.floor(along / road.step), road.elevation.length - 3);
  return ((road.elevation[index + 2] ?? 0) - (road.elevation[index] ?? 0)) / (2 * road.step);
}

/** Harder uphill, nothing on a real descent. */
function powerFor(grade: number, threshold: number, whim: number): number {
  if (grade < -0.045) return 0;
  return threshold * Math.min(1.3, Math.max(0, 0.64 + 7 * grade + 0.12 * whim));
}

function nextSpeed(speed: number, power: number, grade: number, limit: number): number {
  const resistance = MASS * GRAVITY * (grade + ROLLING) + AIR * speed * speed;
  const faster = speed + (power / Math.max(speed, 1.5) - resistance) / MASS;
  if (faster > limit) return Math.max(limit, speed - 2.2);
  return Math.max(1.3, faster);
}

/** Metres a second that a rider dares in the bend ahead. */
function cornerLimit(road: Road, along: number, fastest: number): number {
  const index = Math.min(Math.max(1, Math.floor(along / road.step)), road.east.length - 3);
  const at = (offset: number) => [road.east[index + offset] ?? 0, road.north[index + offset] ?? 0] as const;
  const [before, here, after] = [at(-1), at(0), at(2)];
  const turn =
    Math.atan2(after[1] - here[1], after[0] - here[0]) - Math.atan2(here[1] - before[1], here[0] - before[0]);
  const bend = Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn)));
  return Math.min(fastest, Math.sqrt((3.4 * 2 * road.step) / Math.max(bend, 0.02)) * 0.8);
}

function pointAt(road: Road, along: number, time: number, effort: Effort, how: Riding, warmth: number): Point {
  const exact = Math.min(along / road.step, road.east.length - 1);
  const index = Math.min(Math.floor(exact), road.east.length - 2);
  const part = exact - index;
  const mix = (values: Float64Array) => (values[index] ?? 0) * (1 - part) + (values[index + 1] ?? 0) * part;
  const elevation = Math.round(mix(road.elevation) * 10) / 10;
  const pedals = effort.power > 40;
  const point: Point = { ...toDegrees(road.region, mix(road.east), mix(road.north)), d: 0, e: elevation, t: time };
  point.s = Math.round(effort.speed * 36) / 10;
  if (how.sensors.heart) point.h = Math.round(effort.heart);
  if (how.sensors.cadence) point.c = pedals ? Math.round(88 - 130 * Math.max(0, effort.grade) + 6 * effort.wobble) : 0;
  if (how.sensors.power) point.p = pedals ? Math.max(0, Math.round(effort.power * (1 + 0.22 * effort.wobble))) : 0;
  if (how.sensors.temperature)
    point.T = Math.round(warmth - (elevation - road.region.base) / 150 + (time - how.start) / 5_400);
  return point;
}

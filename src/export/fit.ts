import { type Activity, activityOf, type Stretch, type TimedPoint } from './activity.ts';
import { type CoursePoint, courseOf, type Turn } from './course.ts';
import { cueType } from './cue-types.ts';
import { createFitWriter, type FitWriter, fitTime, semicircles } from './fit-writer.ts';
import type { Point, Ride } from './ride.ts';
import { sportOf } from './sport.ts';
import { shortened } from './text.ts';
import { positionOf } from './values.ts';

/** Longer names are cut on the smallest screens in any case. */
const MOST_NAME = 80;

/** Garmin's binary format: a route is a course with its turns, a trip an activity. */
export function toFit(ride: Ride): Buffer {
  const writer = createFitWriter();
  if (ride.type === 'route') writeCourse(writer, ride);
  else writeActivity(writer, ride);
  return writer.close();
}

function writeCourse(writer: FitWriter, ride: Ride): void {
  const { start, duration, distance, points, turns } = courseOf(ride);
  const { fit: sport, fitSub: subSport } = sportOf(ride);
  writeFileId(writer, ride, 'course', start);
  writer.write('course', { name: shortened(ride.name, MOST_NAME), sport, subSport });
  writer.write('lap', {
    timestamp: fitTime(start),
    startTime: fitTime(start),
    ...ends(points),
    totalElapsedTime: duration,
    totalTimerTime: duration,
    totalDistance: distance,
    totalAscent: numberIn(ride.object.elevation_gain),
    totalDescent: absolute(numberIn(ride.object.elevation_loss)),
  });
  writeTimer(writer, 'start', start);
  // Messages with a time stand in the order of time.
  let next = 0;
  for (const point of points) {
    for (let turn = turns[next]; turn && turn.t <= point.t; turn = turns[++next]) writeTurn(writer, turn, next);
    writeRecord(writer, point);
  }
  for (; next < turns.length; next += 1) writeTurn(writer, turns[next], next);
  writeTimer(writer, 'stopDisableAll', start + duration);
}

function writeTurn(writer: FitWriter, turn: Turn | undefined, messageIndex: number): void {
  if (!turn) return;
  const { cue, d, t } = turn;
  writer.write('coursePoint', {
    messageIndex,
    timestamp: fitTime(t),
    ...place(cue),
    distance: d,
    type: cueType(cue.type).fit,
    name: shortened(cue.text, MOST_NAME) || shortened(cue.type, MOST_NAME),
  });
}

function writeActivity(writer: FitWriter, ride: Ride): void {
  const activity = activityOf(ride);
  const { start, duration, laps } = activity;
  const end = start + duration;
  const points = laps.flatMap((lap) => lap.points);
  const { fit: sport, fitSub: subSport } = sportOf(ride);
  writeFileId(writer, ride, 'activity', start);
  writeTimer(writer, 'start', start);
  for (const [messageIndex, lap] of laps.entries()) {
    for (const point of lap.points) writeRecord(writer, point);
    if (messageIndex === laps.length - 1) writeTimer(writer, 'stopAll', end);
    writer.write('lap', {
      messageIndex,
      ...summary(lap),
      ...ends(lap.points),
      totalCalories: lap.calories,
      event: 'lap',
      eventType: 'stop',
      sport,
      subSport,
    });
  }
  writer.write('session', {
    messageIndex: 0,
    ...summary(activity),
    ...ends(points),
    ...whatTheProviderSays(activity),
    event: 'session',
    eventType: 'stop',
    sport,
    subSport,
    firstLapIndex: 0,
    numLaps: laps.length,
    trigger: 'activityEnd',
  });
  writer.write('activity', {
    timestamp: fitTime(end),
    totalTimerTime: duration,
    numSessions: 1,
    type: 'manual',
    event: 'activity',
    eventType: 'stop',
  });
}

const whatTheProviderSays = ({ movingTime, calories, climbed, descended }: Activity) => ({
  totalMovingTime: movingTime,
  totalCalories: calories,
  totalAscent: climbed,
  totalDescent: descended,
});

function summary({ start, duration, distance, maxSpeed, heart, cadence, power }: Stretch) {
  return {
    timestamp: fitTime(start + duration),
    startTime: fitTime(start),
    totalElapsedTime: duration,
    totalTimerTime: duration,
    totalDistance: distance,
    avgSpeed: duration > 0 ? distance / duration : undefined,
    maxSpeed,
    avgHeartRate: heart.average,
    maxHeartRate: heart.most,
    avgCadence: cadence.average,
    maxCadence: cadence.most,
    avgPower: power.average,
    maxPower: power.most,
  };
}

function writeFileId(writer: FitWriter, { id }: Ride, type: 'course' | 'activity', timeCreated: number): void {
  writer.write('fileId', {
    type,
    manufacturer: 'development',
    product: 0,
    // Devices tell files apart by this and the time.
    serialNumber: Number(BigInt(id) % 0xffffffffn),
    timeCreated: fitTime(timeCreated),
  });
}

function writeTimer(writer: FitWriter, eventType: 'start' | 'stopAll' | 'stopDisableAll', at: number): void {
  writer.write('event', { timestamp: fitTime(at), event: 'timer', eventType });
}

function writeRecord(writer: FitWriter, point: CoursePoint | TimedPoint): void {
  const { t, d, e, s, h, c, p, T } = point;
  writer.write('record', {
    timestamp: fitTime(t),
    ...place(point),
    altitude: e,
    distance: d,
    speed: s === undefined ? undefined : s / 3.6,
    heartRate: h,
    cadence: c,
    power: p,
    temperature: T,
  });
}

function place(point: Pick<Point, 'x' | 'y'>) {
  const position = positionOf(point);
  return position && { positionLat: semicircles(position.lat), positionLong: semicircles(position.lon) };
}

function ends(points: readonly Point[]) {
  const [first, last] = [points.find(positionOf), points.findLast(positionOf)].map(
    (point) => point && positionOf(point),
  );
  return {
    startPositionLat: first && semicircles(first.lat),
    startPositionLong: first && semicircles(first.lon),
    endPositionLat: last && semicircles(last.lat),
    endPositionLong: last && semicircles(last.lon),
  };
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const absolute = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.abs(value));

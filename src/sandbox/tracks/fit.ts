import { Decoder, Stream } from '@garmin/fitsdk';
import { z } from 'zod';
import type { Point } from '../model.ts';
import { type Recording, Unreadable } from './recording.ts';
import { known, placeOf } from './xml.ts';

/** FIT counts angles in 2³¹ halves of a turn. */
const DEGREES = 180 / 2 ** 31;

const number = z.number().finite().optional().catch(undefined);
const record = z.object({
  timestamp: z.date().optional().catch(undefined),
  positionLat: number,
  positionLong: number,
  enhancedAltitude: number,
  altitude: number,
  enhancedSpeed: number,
  speed: number,
  distance: number,
  heartRate: number,
  cadence: number,
  power: number,
  temperature: number,
});
const word = z.union([z.string(), z.number()]).optional().catch(undefined);
const messages = z.object({
  fileIdMesgs: z
    .array(z.object({ type: word, manufacturer: word, garminProduct: word, productName: word }))
    .default([]),
  recordMesgs: z.array(record).default([]),
  lapMesgs: z.array(z.object({ startTime: z.date().optional().catch(undefined) })).default([]),
  sessionMesgs: z.array(z.object({ sport: word, subSport: word })).default([]),
  courseMesgs: z.array(z.object({ name: z.string().optional().catch(undefined) })).default([]),
});

/** A FIT activity or course. @throws Unreadable where it is no FIT file or its checksum is wrong. */
export function readFit(bytes: Uint8Array): Recording {
  const decoder = new Decoder(Stream.fromBuffer(Buffer.from(bytes)));
  if (!decoder.isFIT()) throw new Unreadable('It is not a FIT file.');
  if (!decoder.checkIntegrity()) throw new Unreadable('It is damaged: its checksum does not match its content.');
  const { messages: decoded, errors } = decoder.read();
  if (errors.length > 0)
    throw new Unreadable(`It is damaged: ${errors[0]?.message ?? 'it cannot be decoded'}.`, { cause: errors[0] });
  const file = messages.parse(decoded);
  const course = file.fileIdMesgs[0]?.type === 'course';
  const laps = file.lapMesgs
    .flatMap((lap) => (lap.startTime ? [lap.startTime.getTime() / 1_000] : []))
    .sort((a, b) => a - b);
  const points = file.recordMesgs.map(pointOf);
  const device = deviceOf(file.fileIdMesgs[0]);
  const activityType = activityOf(file.sessionMesgs[0]?.sport, file.sessionMesgs[0]?.subSport);
  return {
    name: file.courseMesgs[0]?.name ?? '',
    planned: course,
    points: withLaps(points, laps),
    ...(device && { device }),
    ...(activityType && { activityType }),
  };
}

function pointOf(message: z.infer<typeof record>): Point {
  const { timestamp, positionLat, positionLong, distance, heartRate, cadence, power, temperature } = message;
  const lat = positionLat === undefined ? undefined : positionLat * DEGREES;
  const lng = positionLong === undefined ? undefined : positionLong * DEGREES;
  const height = message.enhancedAltitude ?? message.altitude;
  const speed = message.enhancedSpeed ?? message.speed;
  return {
    ...placeOf(lng, lat),
    ...known({
      d: distance === undefined ? undefined : Math.round(distance * 10) / 10,
      e: height === undefined ? undefined : Math.round(height * 10) / 10,
      t: timestamp && timestamp.getTime() / 1_000,
      s: speed === undefined ? undefined : Math.round(speed * 36) / 10,
      h: heartRate,
      c: cadence,
      p: power,
      T: temperature,
    }),
  };
}

/** Marks the first point at or after the start of each lap. */
function withLaps(points: Point[], starts: number[]): Point[] {
  let next = 0;
  return points.map((point) => {
    const start = starts[next];
    if (start === undefined || point.t === undefined || point.t < start) return point;
    while (next < starts.length && (starts[next] ?? 0) <= point.t) next += 1;
    return { ...point, lap: true };
  });
}

type Word = string | number | undefined;

function deviceOf(file: { manufacturer?: Word; garminProduct?: Word; productName?: Word } | undefined): string {
  return [file?.manufacturer, file?.productName ?? file?.garminProduct].filter((part) => part !== undefined).join(' ');
}

function activityOf(sport: Word, subSport: Word): string | undefined {
  if (typeof sport !== 'string') return undefined;
  return `${sport}:${typeof subSport === 'string' ? subSport.replace('indoorCycling', 'indoor') : 'generic'}`;
}

import { isObject } from '../sources/element.ts';
import { rideIn } from '../sources/ridewithgps/describe.ts';
import type { RideType } from '../storage/library.ts';

/** One point of a track. Any of it may be missing: indoor rides have no positions, planned routes no times. */
export interface Point {
  /** Longitude and latitude, degrees. */
  x?: number;
  y?: number;
  /** Metres from the start. */
  d?: number;
  /** Elevation, metres. */
  e?: number;
  /** Epoch seconds. */
  t?: number;
  /** km/h, bpm, rpm, W, °C. */
  s?: number;
  h?: number;
  c?: number;
  p?: number;
  T?: number;
  /** The provider's number of the surface from here on; what the numbers mean it does not say. */
  S?: number;
  /** A lap begins here. */
  lap?: true;
}

export interface Cue {
  x: number;
  y: number;
  /** Metres from the start. */
  d: number | null;
  /** The provider's cue type, `Left`, `Right`, … */
  type: string;
  text: string;
}

export interface PointOfInterest {
  x: number;
  y: number;
  type: string;
  name: string;
  description: string;
}

/** A stored body, read for files and charts. */
export interface Ride {
  type: RideType;
  id: string;
  name: string;
  description: string;
  departedAt: string | null;
  points: Point[];
  cues: Cue[];
  pois: PointOfInterest[];
  /** The provider's object, whole. */
  object: Record<string, unknown>;
}

const NUMBERS = ['x', 'y', 'd', 'e', 't', 's', 'h', 'c', 'p', 'T', 'S'] as const;

export function readRide(body: Uint8Array, type: RideType, id: string): Ride {
  const answer: unknown = JSON.parse(new TextDecoder().decode(body));
  const object = rideIn(isObject(answer) ? answer : {}, { type, id });
  return {
    type,
    id,
    name: textIn(object.name),
    description: textIn(object.description),
    departedAt: textIn(object.departed_at) || null,
    points: listIn(object.track_points).map(pointOf),
    cues: listIn(object.course_points).flatMap(cueOf),
    pois: listIn(object.points_of_interest).flatMap(poiOf),
    object,
  };
}

function pointOf(raw: Record<string, unknown>): Point {
  const point: Point = {};
  for (const name of NUMBERS) {
    const value = raw[name];
    if (typeof value === 'number' && Number.isFinite(value)) point[name] = value;
  }
  if (raw.lap === true) point.lap = true;
  return point;
}

function cueOf({ x, y, d, t, n }: Record<string, unknown>): Cue[] {
  if (typeof x !== 'number' || typeof y !== 'number') return [];
  return [{ x, y, d: typeof d === 'number' ? d : null, type: textIn(t), text: textIn(n) }];
}

function poiOf({ lat, lng, name, description, type_name: type }: Record<string, unknown>): PointOfInterest[] {
  if (typeof lat !== 'number' || typeof lng !== 'number') return [];
  return [{ x: lng, y: lat, type: textIn(type), name: textIn(name), description: textIn(description) }];
}

const listIn = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');

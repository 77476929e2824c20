import { XMLParser } from 'fast-xml-parser';
import FitParser from 'fit-file-parser';

/** Reads exported files with parsers that are not ours, into the provider's own short keys. */

export interface ReadPoint {
  x?: number;
  y?: number;
  e?: number;
  t?: number;
  d?: number;
  s?: number;
  h?: number;
  c?: number;
  p?: number;
  T?: number;
}

export interface ReadTurn {
  x: number;
  y: number;
  type: string;
  name: string;
  text?: string;
  d?: number;
  t?: number;
}

export interface ReadFile {
  name: string;
  points: ReadPoint[];
  turns: ReadTurn[];
  /** How many points each stretch has: segments of GPX, laps of the others. */
  stretches: number[];
  distance?: number;
}

type Node = { [name: string]: Node } & { [index: number]: Node };

const LISTS = ['trk', 'trkseg', 'trkpt', 'wpt', 'Lap', 'Track', 'Trackpoint', 'CoursePoint'];
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => LISTS.includes(name),
});

const list = (node: Node | undefined): Node[] => (Array.isArray(node) ? node : []);
const text = (node: Node | string | undefined): string => (typeof node === 'string' ? node : '');
const number = (node: Node | string | undefined): number | undefined =>
  typeof node === 'string' ? Number(node) : undefined;
const seconds = (node: Node | undefined): number | undefined =>
  typeof node === 'string' ? Date.parse(node) / 1_000 : undefined;

/** Without the keys that have no value, so that points compare as they were sent. */
function known<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

export function readGpx(file: string): ReadFile {
  const { gpx } = parser.parse(file, true) as { gpx: Node };
  const segments = list(gpx.trk?.[0]?.trkseg).map((segment) => list(segment.trkpt));
  return {
    name: text(gpx.trk?.[0]?.name),
    stretches: segments.map(({ length }) => length),
    points: segments.flat().map(({ lat, lon, ele, time, extensions }) => {
      const sensors = extensions?.TrackPointExtension;
      const speed = number(sensors?.speed);
      return known({
        y: number(lat),
        x: number(lon),
        e: number(ele),
        t: seconds(time),
        s: speed === undefined ? undefined : speed * 3.6,
        h: number(sensors?.hr),
        c: number(sensors?.cad),
        T: number(sensors?.atemp),
        p: number(extensions?.power?.['#text'] ?? extensions?.power),
      }) as ReadPoint;
    }),
    turns: list(gpx.wpt).map(({ lat, lon, name, type }) => ({
      y: Number(lat),
      x: Number(lon),
      name: text(name),
      type: text(type),
    })),
  };
}

export function readTcx(file: string): ReadFile {
  const { TrainingCenterDatabase: database } = parser.parse(file, true) as { TrainingCenterDatabase: Node };
  const course = database.Courses?.Course;
  const laps = list(database.Activities?.Activity?.Lap);
  const tracks = course ? [list(course.Track)] : laps.map((lap) => list(lap.Track));
  const stretches = tracks.map((each) => each.flatMap((track) => list(track.Trackpoint)));
  const totals = course ? list(course.Lap) : laps;
  return {
    name: text(course?.Name),
    distance: totals.reduce((sum, lap) => sum + Number(lap.DistanceMeters), 0),
    stretches: stretches.map(({ length }) => length),
    points: stretches.flat().map((point) => {
      const speed = number(point.Extensions?.TPX?.Speed);
      return known({
        y: number(point.Position?.LatitudeDegrees),
        x: number(point.Position?.LongitudeDegrees),
        e: number(point.AltitudeMeters),
        t: seconds(point.Time),
        d: number(point.DistanceMeters),
        s: speed === undefined ? undefined : speed * 3.6,
        h: number(point.HeartRateBpm?.Value),
        c: number(point.Cadence),
        p: number(point.Extensions?.TPX?.Watts),
      }) as ReadPoint;
    }),
    turns: list(course?.CoursePoint).map(({ Name, Time, Position, PointType, Notes }) => ({
      y: Number(Position?.LatitudeDegrees),
      x: Number(Position?.LongitudeDegrees),
      name: text(Name),
      type: text(PointType),
      text: text(Notes),
      t: seconds(Time) ?? Number.NaN,
    })),
  };
}

export async function readFit(file: Uint8Array): Promise<ReadFile & { type: string; sport: string }> {
  const fit = new FitParser({ force: false, mode: 'list', speedUnit: 'km/h', lengthUnit: 'm' });
  const copy = new ArrayBuffer(file.length);
  new Uint8Array(copy).set(file);
  // Its types are of one activity; what is read here is in its messages.
  const read = (await fit.parseAsync(copy)) as unknown as Record<string, Record<string, unknown>[]> & {
    course?: Record<string, unknown>;
  };
  const { records = [], course_points = [], laps = [], sessions = [], file_ids = [], course } = read;
  const one = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const time = (value: unknown) => (value instanceof Date ? value.getTime() / 1_000 : undefined);
  const total = sessions[0] ?? laps[0];
  return {
    type: String(file_ids[0]?.type),
    sport: String(total?.sport ?? course?.sport),
    name: String(course?.name ?? ''),
    distance: one(total?.total_distance) ?? Number.NaN,
    stretches: laps.map(() => 0),
    points: records.map(
      (record) =>
        known({
          y: one(record.position_lat),
          x: one(record.position_long),
          e: one(record.altitude),
          t: time(record.timestamp),
          d: one(record.distance),
          s: one(record.speed),
          h: one(record.heart_rate),
          c: one(record.cadence),
          p: one(record.power),
          T: one(record.temperature),
        }) as ReadPoint,
    ),
    turns: course_points.map((point) => ({
      y: Number(point.position_lat),
      x: Number(point.position_long),
      d: Number(point.distance),
      name: String(point.name),
      type: String(point.type),
      t: time(point.timestamp) ?? Number.NaN,
    })),
  };
}

import type { Point } from '../model.ts';
import { type Recording, Unreadable } from './recording.ts';
import { all, known, type Node, numberOf, one, placeOf, readXml, secondsOf, textOf } from './xml.ts';

const SPORTS = new Map([
  ['Biking', 'cycling:generic'],
  ['Running', 'running:generic'],
]);

/** The activities of a TCX file, lap after lap, or its courses where it has none. */
export function readTcx(bytes: Uint8Array): Recording {
  const database = one(readXml(bytes), 'TrainingCenterDatabase');
  if (!database) throw new Unreadable('It is XML but not TCX.');
  const activities = all(database, 'Activities', 'Activity');
  const courses = all(database, 'Courses', 'Course');
  if (activities.length === 0 && courses.length > 0) {
    return {
      name: textOf(courses[0], 'Name'),
      planned: true,
      points: courses.flatMap((course) => all(course, 'Track', 'Trackpoint').map(pointOf)),
    };
  }
  const laps = activities.flatMap((activity) => all(activity, 'Lap'));
  const points = laps.flatMap((lap) =>
    all(lap, 'Track', 'Trackpoint').map((node, index) => ({ ...pointOf(node), ...(index === 0 && { lap: true }) })),
  );
  const sport = SPORTS.get(String(activities[0]?.['@Sport']));
  const device = textOf(activities[0], 'Creator', 'Name');
  // Where every file of the format has its date for a name, no name is the better one.
  return { name: '', planned: false, points, ...(sport && { activityType: sport }), ...(device && { device }) };
}

function pointOf(node: Node): Point {
  const number = (...path: string[]) => numberOf(textOf(node, ...path));
  const place = placeOf(number('Position', 'LongitudeDegrees'), number('Position', 'LatitudeDegrees'));
  const speed = number('Extensions', 'TPX', 'Speed');
  return {
    ...place,
    ...known({
      d: number('DistanceMeters'),
      e: number('AltitudeMeters'),
      t: secondsOf(textOf(node, 'Time')),
      s: speed === undefined ? undefined : Math.round(speed * 36) / 10,
      h: number('HeartRateBpm', 'Value'),
      c: number('Cadence') ?? number('Extensions', 'TPX', 'RunCadence'),
      p: number('Extensions', 'TPX', 'Watts'),
    }),
  };
}

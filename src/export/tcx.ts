import { activityOf, type Lap, type Range, type TimedPoint } from './activity.ts';
import { type CoursePoint, courseOf, type Turn } from './course.ts';
import { cueType } from './cue-types.ts';
import type { Point, Ride } from './ride.ts';
import { sportOf } from './sport.ts';
import { element, shortened, xml } from './text.ts';
import { decimal, isoTime, positionOf, whole } from './values.ts';

/** What the schema allows of names. */
const COURSE_NAME = 15;
const TURN_NAME = 10;

/** Garmin's Training Center format, version 2: a route is a course with its turns, a trip an activity with its laps. */
export function toTcx(ride: Ride): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">
${ride.type === 'route' ? course(ride) : activity(ride)}</TrainingCenterDatabase>
`;
}

function course(ride: Ride): string {
  const { duration, distance, points, turns } = courseOf(ride);
  const [first, last] = [points[0], points.at(-1)];
  return `<Courses><Course><Name>${nameOf(ride, COURSE_NAME)}</Name>
<Lap><TotalTimeSeconds>${tenths(duration)}</TotalTimeSeconds><DistanceMeters>${tenths(distance)}</DistanceMeters>${first ? position(first, 'BeginPosition') + element('BeginAltitudeMeters', decimal(first.e)) : ''}${last ? position(last, 'EndPosition') + element('EndAltitudeMeters', decimal(last.e)) : ''}<Intensity>Active</Intensity></Lap>
${track(points)}${notes(ride)}
${turns.map(coursePoint).join('')}</Course></Courses>
`;
}

/** The turn is told by its type; ten signs are for the road. */
function coursePoint({ cue, t }: Turn): string {
  const road = /^(?:turn|bear|keep|continue|make)\b.*?\b(?:onto|on)\s+(?=\S)/i.exec(cue.text)?.[0].length ?? 0;
  const name = shortened(cue.text.slice(road), TURN_NAME) || shortened(cue.type, TURN_NAME) || 'Cue';
  return `<CoursePoint><Name>${xml(name)}</Name><Time>${isoTime(t)}</Time>${position(cue)}<PointType>${cueType(cue.type).tcx}</PointType>${element('Notes', xml(cue.text))}</CoursePoint>
`;
}

function activity(ride: Ride): string {
  const { start, laps } = activityOf(ride);
  return `<Activities><Activity Sport="${sportOf(ride).tcx}"><Id>${isoTime(start)}</Id>
${laps.map(lap).join('')}${notes(ride)}</Activity></Activities>
`;
}

function lap({ start, duration, distance, maxSpeed, calories, heart, cadence, power, points }: Lap): string {
  const watts = [
    element('ns3:AvgWatts', whole(power.average, 0, 65_535)),
    element('ns3:MaxWatts', whole(power.most, 0, 65_535)),
  ].join('');
  return `<Lap StartTime="${isoTime(start)}"><TotalTimeSeconds>${tenths(duration)}</TotalTimeSeconds><DistanceMeters>${tenths(distance)}</DistanceMeters>${element('MaximumSpeed', maxSpeed)}<Calories>${whole(calories, 0, 65_535) ?? 0}</Calories>${beats('Average', heart.average)}${beats('Maximum', heart.most)}<Intensity>Active</Intensity>${element('Cadence', whole(cadence.average, 0, 254))}<TriggerMethod>Manual</TriggerMethod>
${track(points)}${watts && `<Extensions><ns3:LX>${watts}</ns3:LX></Extensions>`}</Lap>
`;
}

const beats = (which: 'Average' | 'Maximum', rate: Range['most']): string =>
  element(`${which}HeartRateBpm`, element('Value', whole(rate, 1, 255)));

/** The schema wants at least one point in a track. */
function track(points: readonly (CoursePoint | TimedPoint)[]): string {
  return element('Track', points.map(trackPoint).join(''));
}

function trackPoint(point: CoursePoint | TimedPoint): string {
  const { t, e, d, h, c, s, p } = point;
  const extensions = [
    element('ns3:Speed', s === undefined ? undefined : Math.round((s * 1_000) / 3.6) / 1_000),
    element('ns3:Watts', whole(p, 0, 65_535)),
  ].join('');
  return `<Trackpoint><Time>${isoTime(t)}</Time>${position(point)}${element('AltitudeMeters', e)}${element('DistanceMeters', d)}${element('HeartRateBpm', element('Value', whole(h, 1, 255)))}${element('Cadence', whole(c, 0, 254))}${extensions && `<Extensions><ns3:TPX>${extensions}</ns3:TPX></Extensions>`}</Trackpoint>
`;
}

function position(point: Pick<Point, 'x' | 'y'>, name = 'Position'): string {
  const found = positionOf(point);
  if (!found) return '';
  return `<${name}><LatitudeDegrees>${found.lat}</LatitudeDegrees><LongitudeDegrees>${found.lon}</LongitudeDegrees></${name}>`;
}

const nameOf = (ride: Ride, most: number): string =>
  xml(shortened(ride.name, most)) || `${ride.type} ${ride.id}`.slice(0, most);

/** Where the whole name has room. */
const notes = ({ name, description }: Ride): string =>
  element('Notes', xml([name, description].filter(Boolean).join('\n\n')));

const tenths = (value: number): number => Math.round(value * 10) / 10;

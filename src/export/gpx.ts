import type { Cue, Point, PointOfInterest, Ride } from './ride.ts';
import { segmentsOf } from './segments.ts';
import { sportOf } from './sport.ts';
import { element, xml } from './text.ts';
import { decimal, isoTime, isTime, type Position, positionOf, secondsIn, whole } from './values.ts';

const NAMESPACES = [
  'xmlns="http://www.topografix.com/GPX/1/1"',
  'xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2"',
].join(' ');

/**
 * GPX 1.1 with Garmin's track point extension for sensors. A track and no route: sites read the track, and a device that finds
 * both either takes the track or makes up its own way between the points of the route. Points without a position cannot be in it.
 */
export function toGpx(ride: Ride): string {
  const time = secondsIn(ride.departedAt) ?? secondsIn(ride.object.created_at);
  return `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Slipstream" ${NAMESPACES}>
<metadata>${element('name', xml(ride.name))}${element('desc', xml(ride.description))}${element('time', time && isoTime(time))}</metadata>
${ride.pois.map(pointOfInterest).join('')}${ride.cues.map(cue).join('')}<trk>${element('name', xml(ride.name))}<type>${xml(sportOf(ride).gpx)}</type>
${segmentsOf(ride.points).map(segment).join('')}</trk>
</gpx>
`;
}

function pointOfInterest({ x, y, name, description, type }: PointOfInterest): string {
  return waypoint({ x, y }, [
    ['name', name],
    ['desc', description],
    ['type', type],
  ]);
}

function cue({ x, y, text, type }: Cue): string {
  return waypoint({ x, y }, [
    ['name', text || type],
    ['type', type],
  ]);
}

function waypoint(place: Pick<Point, 'x' | 'y'>, texts: [name: string, text: string][]): string {
  const position = positionOf(place);
  if (!position) return '';
  return `<wpt${at(position)}>${texts.map(([name, text]) => element(name, xml(text))).join('')}</wpt>\n`;
}

const segment = (points: Point[]): string => `<trkseg>\n${points.map(trackPoint).join('')}</trkseg>\n`;

function trackPoint(point: Point): string {
  const position = positionOf(point);
  if (!position) return '';
  const { e, t, p } = point;
  const sensors = sensorsOf(point);
  const power = whole(p, 0, 65_535);
  const extensions = [
    sensors && `<gpxtpx:TrackPointExtension>${sensors}</gpxtpx:TrackPointExtension>`,
    // Read by this name everywhere, defined by nobody: the schema wants any namespace but its own.
    power === undefined ? '' : `<power xmlns="http://www.garmin.com/xmlschemas/PowerExtension/v1">${power}</power>`,
  ].join('');
  return `<trkpt${at(position)}>${element('ele', decimal(e))}${isTime(t) ? `<time>${isoTime(t)}</time>` : ''}${element('extensions', extensions)}</trkpt>\n`;
}

/** In the order of the extension's schema. */
function sensorsOf({ T, h, c, s }: Point): string {
  return [
    element('gpxtpx:atemp', decimal(T)),
    element('gpxtpx:hr', whole(h, 1, 255)),
    element('gpxtpx:cad', whole(c, 0, 254)),
    element('gpxtpx:speed', s === undefined ? undefined : decimal(Math.round((s * 1_000) / 3.6) / 1_000)),
  ].join('');
}

const at = ({ lat, lon }: Position): string => ` lat="${decimal(lat)}" lon="${decimal(lon)}"`;

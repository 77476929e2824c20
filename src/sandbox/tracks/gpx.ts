import type { Point } from '../model.ts';
import { type Recording, Unreadable } from './recording.ts';
import { all, known, type Node, numberOf, one, placeOf, readXml, secondsOf, textOf } from './xml.ts';

/** Every track of a GPX file as one; its routes where it has no track. */
export function readGpx(bytes: Uint8Array): Recording {
  const gpx = one(readXml(bytes), 'gpx');
  if (!gpx) throw new Unreadable('It is XML but not GPX.');
  const tracks = all(gpx, 'trk');
  const routes = all(gpx, 'rte');
  const name =
    [...tracks, ...routes, ...all(gpx, 'metadata'), gpx]
      .map((node) => textOf(node, 'name'))
      .find((text) => text !== '') ?? '';
  const track = tracks.flatMap((node) => all(node, 'trkseg', 'trkpt')).map(pointOf);
  const usable = track.some((point) => point.x !== undefined);
  const route = routes.flatMap((node) => all(node, 'rtept')).map(pointOf);
  if (tracks.length === 0 && routes.length === 0) {
    const waypoints = all(gpx, 'wpt').length > 0;
    throw new Unreadable(waypoints ? 'It has waypoints but no track.' : 'It has no track.');
  }
  return usable || routes.length === 0
    ? { name, planned: false, points: track }
    : { name, planned: true, points: route };
}

function pointOf(node: Node): Point {
  const place = placeOf(numberOf(node['@lon']), numberOf(node['@lat']));
  return {
    ...place,
    ...known({ e: numberOf(textOf(node, 'ele')), t: secondsOf(textOf(node, 'time')) }),
    ...sensors(node),
  };
}

/** What extensions call each sensor, in lower case: Garmin's, Strava's and gpx.studio's names. */
const SENSORS = new Map<string, 'h' | 'c' | 'p' | 'T'>([
  ['hr', 'h'],
  ['heartrate', 'h'],
  ['cad', 'c'],
  ['cadence', 'c'],
  ['power', 'p'],
  ['powerinwatts', 'p'],
  ['watts', 'p'],
  ['atemp', 'T'],
  ['temp', 'T'],
]);

/** Words for a surface (gpx.studio writes OpenStreetMap's), as the numbers the sandbox uses. */
const SURFACES = new Map([
  ...['asphalt', 'paved', 'concrete'].map((word) => [word, 3] as const),
  ...['gravel', 'compacted', 'unpaved'].map((word) => [word, 15] as const),
  ...['ground', 'dirt'].map((word) => [word, 24] as const),
]);

/** Extensions nest differently in every program; only the names at the leaves agree. */
function sensors(node: Node): Point {
  const found: Point = {};
  const visit = (inside: Node): void => {
    for (const [name, value] of Object.entries(inside)) {
      const key = SENSORS.get(name.toLowerCase());
      const number = numberOf(value);
      if (key && number !== undefined) found[key] = number;
      const surface = name === 'surface' && typeof value === 'string' ? SURFACES.get(value) : undefined;
      if (surface !== undefined) found.S = surface;
      for (const child of name.startsWith('@') || typeof value === 'string' ? [] : all(inside, name)) visit(child);
    }
  };
  for (const extensions of all(node, 'extensions')) visit(extensions);
  return found;
}

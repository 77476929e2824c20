import type { Point, PointOfInterest, Ride } from './ride.ts';

/** GPX 1.1 with Garmin's track point extension for sensors. Points without a position cannot be in it. */
export function toGpx(ride: Ride): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Slipstream" xmlns="http://www.topografix.com/GPX/1/1" xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
<metadata><name>${xml(ride.name)}</name>${ride.description && `<desc>${xml(ride.description)}</desc>`}${ride.departedAt ? `<time>${timeOf(Date.parse(ride.departedAt))}</time>` : ''}</metadata>
${ride.pois.map(waypoint).join('')}<trk><name>${xml(ride.name)}</name><type>cycling</type><trkseg>
${ride.points.map(trackPoint).join('')}</trkseg></trk>
</gpx>
`;
}

function waypoint({ x, y, name, description, type }: PointOfInterest): string {
  return `<wpt lat="${y}" lon="${x}"><name>${xml(name)}</name><desc>${xml(description)}</desc><type>${xml(type)}</type></wpt>\n`;
}

function trackPoint({ x, y, e, t, h, c, T }: Point): string {
  if (x === undefined || y === undefined) return '';
  const elevation = e === undefined ? '' : `<ele>${e}</ele>`;
  const time = t === undefined ? '' : `<time>${timeOf(t * 1_000)}</time>`;
  // In the order of the extension's schema.
  const sensors = [
    T === undefined ? '' : `<gpxtpx:atemp>${T}</gpxtpx:atemp>`,
    h === undefined ? '' : `<gpxtpx:hr>${Math.round(h)}</gpxtpx:hr>`,
    c === undefined ? '' : `<gpxtpx:cad>${Math.round(c)}</gpxtpx:cad>`,
  ].join('');
  const extensions =
    sensors && `<extensions><gpxtpx:TrackPointExtension>${sensors}</gpxtpx:TrackPointExtension></extensions>`;
  return `<trkpt lat="${y}" lon="${x}">${elevation}${time}${extensions}</trkpt>\n`;
}

const timeOf = (ms: number): string => new Date(ms).toISOString();

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Also leaves out the characters that XML 1.0 cannot hold at all. */
function xml(text: string): string {
  const printable = [...text].filter((sign) => (sign >= ' ' && !/[\ufffe\uffff]/.test(sign)) || sign === '\n' || sign === '\t').join('');
  return printable.toWellFormed().replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? '');
}

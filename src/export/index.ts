import type { Library, RideType } from '../storage/library.ts';
import { toGeoJson } from './geojson.ts';
import { toGpx } from './gpx.ts';
import { type Ride, readRide } from './ride.ts';
import { summaryOf } from './summary.ts';
import { toTcx } from './tcx.ts';
import { toTrack } from './track.ts';

/** What can be made of a stored body: files to keep, and what pages draw from. */
const FORMATS = {
  json: ({ object }: Ride) => JSON.stringify(object),
  geojson: (ride: Ride) => JSON.stringify(toGeoJson(ride)),
  gpx: toGpx,
  tcx: toTcx,
  // Garmin's tables are large, and most files are none of its.
  fit: async (ride: Ride) => (await import('./fit.ts')).toFit(ride),
  track: (ride: Ride) => JSON.stringify(toTrack(ride)),
  /** What an item's page is made of: the object without its points, and what the points amount to. */
  page: (ride: Ride) => {
    const { track_points: _, ...body } = ride.object;
    return JSON.stringify({ body, summary: summaryOf(ride) });
  },
};

export type Format = keyof typeof FORMATS;

/** Media types of the formats that are files. */
export const FILE_TYPES = {
  json: 'application/json',
  geojson: 'application/geo+json',
  gpx: 'application/gpx+xml',
  tcx: 'application/vnd.garmin.tcx+xml',
  fit: 'application/vnd.ant.fit',
} as const satisfies Partial<Record<Format, string>>;

/** A format that is a file. */
export type FileFormat = keyof typeof FILE_TYPES;
export const FILE_FORMATS = Object.keys(FILE_TYPES) as FileFormat[];
export const isFileFormat = (extension: string): extension is FileFormat => Object.hasOwn(FILE_TYPES, extension);

export interface ExportRequest {
  accountId: number;
  type: RideType;
  id: string;
  format: Format;
  /** An earlier version, as `Revision` numbers them; without it the present one. */
  revision?: number;
}

/** In a worker: a long ride takes a second to read. @returns undefined when there is no such item. */
export async function exportItem(
  library: Library,
  { accountId, type, id, format, revision }: ExportRequest,
): Promise<Buffer | undefined> {
  const body = await library.body(accountId, type, id, revision);
  if (!body) return undefined;
  const file = await FORMATS[format](readRide(body, type, id));
  return typeof file === 'string' ? Buffer.from(file) : file;
}

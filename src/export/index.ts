import type { Library, RideType } from '../storage/library.ts';
import { toGeoJson } from './geojson.ts';
import { toGpx } from './gpx.ts';
import { type Ride, readRide } from './ride.ts';
import { toTrack } from './track.ts';

/** What can be made of a stored body: files to keep, and what pages draw from. */
const FORMATS = {
  json: ({ object }: Ride) => JSON.stringify(object),
  geojson: (ride: Ride) => JSON.stringify(toGeoJson(ride)),
  gpx: toGpx,
  track: (ride: Ride) => JSON.stringify(toTrack(ride)),
  /** The object without its points: all that an item's page lists. */
  details: ({ object: { track_points: _, ...rest } }: Ride) => JSON.stringify(rest),
};

export type Format = keyof typeof FORMATS;

/** Media types of the formats that are files. */
export const FILE_TYPES = {
  json: 'application/json',
  geojson: 'application/geo+json',
  gpx: 'application/gpx+xml',
} as const satisfies Partial<Record<Format, string>>;

export interface ExportRequest {
  accountId: number;
  type: RideType;
  id: string;
  format: Format;
}

/** In a worker: a long ride takes a second to read. @returns undefined when there is no such item. */
export async function exportItem(
  library: Library,
  { accountId, type, id, format }: ExportRequest,
): Promise<Buffer | undefined> {
  const body = await library.body(accountId, type, id);
  return body && Buffer.from(FORMATS[format](readRide(body, type, id)));
}

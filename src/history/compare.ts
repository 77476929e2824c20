import { type Ride, readRide } from '../export/ride.ts';
import type { Library, RideType } from '../storage/library.ts';
import { type CueChanges, cueChanges } from './cues.ts';
import { type AttributeChanges, attributeChanges, type Digest, digestOf } from './digest.ts';
import { besideEachOther, type LineChange, lineChange, type Place, placesOf, thinned } from './line.ts';

const SHOWN = { most: 400, longest: 2_000 };
/** Enough for a line that fills a screen. */
const DRAWN = 600;
/** And for one that a reader moves closer to. */
const ON_A_MAP = 5_000;

/** Two versions of one item, by the numbers of `Revision`. */
export interface ComparisonRequest {
  accountId: number;
  type: RideType;
  id: string;
  revision: number;
  /** What it is compared with; null: with nothing, since it is the first. */
  against: number | null;
}

/** Both lines, the one asked for and the other, in one piece of the world. */
export interface Lines {
  line: Place[];
  other: Place[];
}

export interface Comparison {
  attributes: AttributeChanges;
  cues: CueChanges;
  points: { before: number; after: number };
  pois: { before: number; after: number };
  /** `same`: on the ground; `sameTrack`: with elevations, times and sensors. Null: neither has a line. */
  line: (LineChange & { same: boolean; sameTrack: boolean }) | null;
  drawing: Lines;
}

/** In a worker: a long ride takes a second to read. @returns undefined when there is no such version. */
export async function compareVersions(library: Library, request: ComparisonRequest): Promise<Comparison | undefined> {
  const rides = await readBoth(library, request);
  if (!rides) return undefined;
  const [after, before] = [rides.asked, rides.other];
  const [is, was] = [digestOf(after), before ? digestOf(before) : undefined];
  const { line, other } = placesOfBoth(rides);
  return {
    attributes: attributeChanges(was ?? is, is, SHOWN),
    cues: cueChanges((was ?? is).cues, is.cues),
    points: { before: (was ?? is).points, after: is.points },
    pois: { before: (was ?? is).pois, after: is.pois },
    line: lineOf(was, is, other, line),
    drawing: { line: thinned(line, DRAWN), other: thinned(other, DRAWN) },
  };
}

/** In a worker: both lines for a map. */
export async function linesOf(library: Library, request: ComparisonRequest): Promise<Lines | undefined> {
  const rides = await readBoth(library, request);
  if (!rides) return undefined;
  const { line, other } = placesOfBoth(rides);
  return { line: thinned(line, ON_A_MAP), other: thinned(other, ON_A_MAP) };
}

async function readBoth(
  library: Library,
  { accountId, type, id, revision, against }: ComparisonRequest,
): Promise<{ asked: Ride; other: Ride | undefined } | undefined> {
  const asked = await library.body(accountId, type, id, revision);
  const other = against === null ? undefined : await library.body(accountId, type, id, against);
  if (!asked || (against !== null && !other)) return undefined;
  return { asked: readRide(asked, type, id), other: other && readRide(other, type, id) };
}

function placesOfBoth({ asked, other }: { asked: Ride; other: Ride | undefined }): Lines {
  const earlier = other ? placesOf(other.points) : [];
  return { line: besideEachOther(placesOf(asked.points), earlier), other: earlier };
}

function lineOf(was: Digest | undefined, is: Digest, before: Place[], after: Place[]): Comparison['line'] {
  if (!was || (was.line === '' && is.line === '')) return null;
  const same = was.line === is.line;
  const sameTrack = was.track === is.track;
  const change = same ? lineChange([], after) : lineChange(before, after);
  return same
    ? { ...change, before: change.after, added: 0, removed: 0, same, sameTrack }
    : { ...change, same, sameTrack };
}

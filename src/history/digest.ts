import { createHash } from 'node:crypto';
import type { Cue, Point, Ride } from '../export/ride.ts';
import { positionOf } from '../export/values.ts';
import { thumbnailOf } from '../sources/ridewithgps/thumbnail.ts';

/** What one version is compared by with the next one, without its points. */
export interface Digest {
  /** In a box of 48 × 48. */
  thumbnail: [number, number][];
  points: number;
  /** The same text: the same line on the ground. Empty where there is none. */
  line: string;
  /** The same text: the same elevations, times and sensors too. */
  track: string;
  cues: Cue[];
  pois: number;
  /** Everything else, as JSON text by its key. A privacy code is not among it. */
  attributes: Map<string, string>;
}

/** Drawn, compared or counted for themselves; or a secret. */
const APART = new Set(['track_points', 'course_points', 'points_of_interest', 'privacy_code']);

export function digestOf(ride: Ride): Digest {
  const { object, points, cues, pois } = ride;
  const others = Object.entries(object).filter(([key]) => !APART.has(key));
  const placed = points.filter((point) => positionOf(point) !== undefined);
  return {
    thumbnail: thumbnailOf(object.track_points),
    points: points.length,
    line: placed.length === 0 ? '' : sumOf(placed, ['x', 'y']),
    track: sumOf(points, TRACK),
    cues,
    pois: pois.length,
    attributes: new Map(others.map(([key, value]) => [key, JSON.stringify(value)])),
  };
}

const TRACK = ['x', 'y', 'd', 'e', 't', 's', 'h', 'c', 'p', 'T'] as const;

/** Of the numbers exactly, so that nothing that differs looks the same. Loops, because there may be 100,000 points. */
function sumOf(points: readonly Point[], names: readonly (typeof TRACK)[number][]): string {
  const numbers = new Float64Array(points.length * names.length);
  let at = 0;
  for (const point of points) {
    for (const name of names) {
      numbers[at] = point[name] ?? Number.NaN;
      at += 1;
    }
  }
  return createHash('sha256').update(numbers).digest('base64');
}

export interface AttributeChange {
  key: string;
  /** Undefined: it was not there. A long text is cut, and says so. */
  before: unknown;
  after: unknown;
}

export interface AttributeChanges {
  changed: AttributeChange[];
  /** What both have, by its key. */
  same: Record<string, unknown>;
  /** How many more there are of either. */
  more: number;
}

/** Which attributes differ, and which do not; the provider may send any number of them, of any length. */
export function attributeChanges(
  before: Digest,
  after: Digest,
  { most, longest }: { most: number; longest: number },
): AttributeChanges {
  const keys = [...new Set([...after.attributes.keys(), ...before.attributes.keys()])];
  const [differ, agree] = [keys.filter((key) => !isSame(key)), keys.filter(isSame)];
  function isSame(key: string): boolean {
    return before.attributes.get(key) === after.attributes.get(key);
  }
  const shown = (digest: Digest, key: string): unknown => {
    const json = digest.attributes.get(key);
    if (json === undefined || json.length <= longest) return json && JSON.parse(json);
    return `${json.slice(0, longest)}… (${json.length} characters)`;
  };
  return {
    changed: differ.slice(0, most).map((key) => ({ key, before: shown(before, key), after: shown(after, key) })),
    same: Object.fromEntries(agree.slice(0, most).map((key) => [key, shown(after, key)])),
    more: Math.max(0, differ.length - most) + Math.max(0, agree.length - most),
  };
}

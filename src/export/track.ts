import type { Cue, Point, PointOfInterest, Ride } from './ride.ts';
import { unpavedSurfaces } from './surface.ts';
import { distancesOf } from './timeline.ts';

type Column = (number | null)[];

/** A track in columns, as the map and the profile want it. A column that has no value at all is left out. */
export interface Track {
  x: Column;
  y: Column;
  d: Column;
  e: Column;
  t?: Column;
  s?: Column;
  h?: Column;
  c?: Column;
  p?: Column;
  T?: Column;
  /** 1 where the way from here on is unpaved, 0 where it is paved. */
  u?: Column;
  cues: Cue[];
  pois: PointOfInterest[];
}

export function toTrack({ points, cues, pois, object }: Ride): Track {
  const column = (name: Exclude<keyof Point, 'lap'>): Column => points.map((point) => point[name] ?? null);
  const track: Track = { x: column('x'), y: column('y'), d: metres(points), e: column('e'), cues, pois };
  for (const name of ['t', 's', 'h', 'c', 'p', 'T'] as const) {
    if (points.some((point) => point[name] !== undefined)) track[name] = column(name);
  }
  const unpaved = unpavedSurfaces(points, object.unpaved_pct);
  if (unpaved.size > 0) track.u = points.map(({ S }) => asNumber(S === undefined ? undefined : unpaved.get(S)));
  return track;
}

/** Measured on the ground where no point says how far it is from the start: without it there is no profile, and no figure of a stretch. */
function metres(points: readonly Point[]): Column {
  if (points.some(({ d }) => d !== undefined)) return points.map(({ d }) => d ?? null);
  return distancesOf(points).map((reached) => reached ?? null);
}

const asNumber = (known: boolean | undefined): number | null => (known === undefined ? null : Number(known));

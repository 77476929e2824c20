import type { Point, Ride } from '../../src/export/ride.ts';
import type { Track } from '../../src/export/track.ts';

/** Tracks that never were, in the form of `track.json`. */

export interface Course {
  points: number;
  seed: number;
  /** Where its middle lies. */
  lng?: number;
  lat?: number;
  /** Degrees from the middle to the line. */
  size?: number;
}

/** A hilly round trip of about 60 kilometres with all sensors. */
export function roundTrip({ points, seed, lng = 13.78, lat = 46.43, size = 0.09 }: Course): Track {
  const track: Required<Pick<Track, 'x' | 'y' | 'd' | 'e' | 's' | 'h'>> & Track = {
    x: [],
    y: [],
    d: [],
    e: [],
    s: [],
    h: [],
    cues: [],
    pois: [],
  };
  for (let at = 0; at < points; at++) {
    const turn = (2 * Math.PI * at) / (points - 1);
    const radius =
      size *
      (1 + 0.35 * Math.sin(2 * turn + seed) + 0.16 * Math.sin(5 * turn + seed * 3) + 0.05 * Math.sin(17 * turn + seed));
    const east = lng + (radius * Math.cos(turn)) / Math.cos((lat * Math.PI) / 180);
    track.x.push(east > 180 ? east - 360 : east);
    track.y.push(lat + radius * Math.sin(turn));
    track.d.push((64_210 * at) / (points - 1));
    track.e.push(820 + 420 * Math.sin(turn * 1.5 + seed) + 130 * Math.sin(turn * 6) + 12 * Math.sin(turn * 40));
    track.s?.push(24 - 9 * Math.sin(turn * 6));
    track.h?.push(140 + 20 * Math.sin(turn * 3));
  }
  return track;
}

/** With all that a device with every sensor records, second by second, and a rest of ten minutes in the middle. */
export function recorded(track: Track): Track {
  const start = Date.parse('2026-07-04T04:12:00Z') / 1_000;
  const middle = Math.floor(track.d.length / 2);
  const seconds = 10_800 / track.d.length;
  const turn = (at: number) => (2 * Math.PI * at) / track.d.length;
  return {
    ...track,
    t: track.d.map((_, at) => Math.round(start + at * seconds + (at > middle ? 600 : 0))),
    c: track.d.map((_, at) => (at % 40 < 5 ? 0 : Math.round(86 + 6 * Math.sin(turn(at) * 9)))),
    p: track.d.map((_, at) => Math.max(0, Math.round(190 + 110 * Math.sin(turn(at) * 6 + 3)))),
    T: track.d.map((_, at) => Math.round(9 + 8 * Math.sin(turn(at) / 2))),
  };
}

/** As `readRide` makes it of a body with these points. */
export function rideOf(track: Track, lapStarts: readonly number[] = [], object: Record<string, unknown> = {}): Ride {
  const keys = ['x', 'y', 'd', 'e', 't', 's', 'h', 'c', 'p', 'T'] as const;
  const points = track.d.map((_, at) => {
    const point: Point = lapStarts.includes(at) ? { lap: true } : {};
    for (const key of keys) {
      const value = track[key]?.[at] ?? null;
      if (value !== null) point[key] = value;
    }
    const unpaved = track.u?.[at] ?? null;
    if (unpaved !== null) point.S = unpaved === 1 ? 15 : 3;
    return point;
  });
  const { cues, pois } = track;
  return { type: 'trip', id: '1', name: '', description: '', departedAt: null, points, cues, pois, object };
}

/** As `LibraryItem.thumbnail` has it: in a box of 48 × 48, y downwards. */
export function thumbnailOf({ x, y }: Track): [number, number][] {
  const [lngs, lats] = [x.filter((value) => value !== null), y.filter((value) => value !== null)];
  const [west, east, south, north] = [Math.min(...lngs), Math.max(...lngs), Math.min(...lats), Math.max(...lats)];
  const squeeze = Math.cos((south * Math.PI) / 180);
  const scale = 48 / Math.max((east - west) * squeeze, north - south);
  const [left, top] = [(48 - (east - west) * squeeze * scale) / 2, (48 - (north - south) * scale) / 2];
  return lngs.map((lng, at) => [left + (lng - west) * squeeze * scale, top + (north - (lats[at] ?? south)) * scale]);
}

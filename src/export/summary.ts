import { CHANNELS, type ChannelKey } from '../web/channels.ts';
import { average, averageTurning, type StretchFigures, stretchFigures } from '../web/stretch.ts';
import type { Ride } from './ride.ts';
import { paving, unpavedSurfaces } from './surface.ts';
import { type Track, toTrack } from './track.ts';

/** What an item's page has to know of the points before it has them: which charts there will be, and what they say in words. */
export interface RideSummary {
  points: number;
  /** Whether any of them lies somewhere: home trainers go nowhere. */
  placed: boolean;
  /** Whether anything can be drawn against the distance, and against the time. */
  axes: { distance: boolean; time: boolean };
  channels: ChannelSummary[];
  /** Empty where there is only one. */
  laps: Lap[];
  /** Metres of each; null where nothing says what the way is like. */
  paving: { paved: number; unpaved: number; unknown: number } | null;
}

export interface ChannelSummary {
  key: ChannelKey;
  low: Extreme;
  high: Extreme;
  average: number;
}

interface Extreme {
  value: number;
  /** Metres from the start; null where that is not known. */
  at: number | null;
}

export interface Lap extends StretchFigures {
  /** Its points; the last one is where the next lap begins. */
  from: number;
  to: number;
}

export function summaryOf(ride: Ride): RideSummary {
  const track = toTrack(ride);
  const axes = { distance: grows(track.d), time: grows(track.t ?? []) };
  return {
    points: ride.points.length,
    placed: ride.points.some(({ x, y }) => x !== undefined && y !== undefined),
    axes,
    channels: axes.distance || axes.time ? CHANNELS.flatMap(({ key }) => channelOf(track, key)) : [],
    laps: lapsOf(ride, track),
    paving: pavingOf(ride),
  };
}

function grows(column: readonly (number | null)[]): boolean {
  const first = column.find((value) => value !== null) ?? 0;
  return column.some((value) => value !== null && value > first);
}

/** A line needs two values. */
function channelOf(track: Track, key: ChannelKey): ChannelSummary[] {
  const column = track[key];
  if (!column) return [];
  let [low, high, count] = [-1, -1, 0];
  column.forEach((value, at) => {
    if (value === null) return;
    count++;
    if (low < 0 || value < (column[low] ?? 0)) low = at;
    if (high < 0 || value > (column[high] ?? 0)) high = at;
  });
  if (count < 2) return [];
  const extreme = (at: number): Extreme => ({ value: column[at] ?? 0, at: track.d[at] ?? null });
  return [{ key, low: extreme(low), high: extreme(high), average: meanOf(track, key) }];
}

/** As a bicycle computer counts: speed without the stops, cadence without the rests. */
function meanOf(track: Track, key: ChannelKey): number {
  const last = track.d.length - 1;
  const speed = key === 's' ? stretchFigures(track, 0, last).speed : null;
  return speed ?? (key === 'c' ? averageTurning : average)(track[key], 0, last) ?? 0;
}

function lapsOf({ points }: Ride, track: Track): Lap[] {
  const starts = [0, ...points.flatMap(({ lap }, at) => (lap && at > 0 ? [at] : []))];
  if (starts.length === 1) return [];
  return starts.map((from, at) => {
    const to = starts[at + 1] ?? points.length - 1;
    return { from, to, ...stretchFigures(track, from, to) };
  });
}

function pavingOf({ points, object }: Ride): RideSummary['paving'] {
  const unpaved = unpavedSurfaces(points, object.unpaved_pct);
  return unpaved.size === 0 ? null : paving(points, unpaved);
}

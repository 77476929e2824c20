import { type RideSummary, summaryOf } from '../../src/export/summary.ts';
import type { Track } from '../../src/export/track.ts';
import { recorded, rideOf, roundTrip } from './tracks.ts';

/** The tracks of the gallery's items, by address: what their pages are told of them, and what they fetch. */
export const ITEM_TRACKS: Record<string, () => Track> = {
  '/trips/1': () => recorded(roundTrip({ points: 4_000, seed: 1 })),
  '/routes/1': planned,
  '/trips/deleted': () => roundTrip({ points: 2_000, seed: 1 }),
  '/trips/indoors': indoors,
  '/trips/nothing': () => ({ x: [], y: [], d: [], e: [], cues: [], pois: [] }),
  '/trips/point': () => ({ x: [13.78], y: [46.43], d: [0], e: [820], t: [1_783_138_320], s: [0], cues: [], pois: [] }),
  '/trips/two-points': () => {
    const { x, y, d, e } = roundTrip({ points: 400, seed: 1 });
    return { x: x.slice(0, 2), y: y.slice(0, 2), d: d.slice(0, 2), e: e.slice(0, 2), cues: [], pois: [] };
  },
  '/trips/broken': broken,
  '/routes/hidden': () => roundTrip({ points: 500, seed: 7 }),
  '/trips/date-line': () => roundTrip({ points: 2_000, seed: 3, lng: 180, lat: -16.8 }),
  '/trips/far': () => roundTrip({ points: 5_000, seed: 4, lng: 11, lat: 44, size: 9 }),
  '/trips/long': () => recorded(roundTrip({ points: 100_000, seed: 5 })),
};

const LAPS: Record<string, number[]> = { '/trips/1': [0, 1_000, 2_200, 3_100], '/trips/indoors': [0, 200, 400] };

export function summaryFor(address: string): RideSummary {
  const track = ITEM_TRACKS[address]?.() ?? roundTrip({ points: 100, seed: 1 });
  const unpaved = track.u && { unpaved_pct: (100 * track.u.filter((each) => each === 1).length) / track.u.length };
  return summaryOf(rideOf(track, LAPS[address], unpaved ?? {}));
}

function planned(): Track {
  const { s: _speeds, h: _heartRates, ...track } = roundTrip({ points: 1_500, seed: 7 });
  const at = (index: number) => ({ x: track.x[index] ?? 0, y: track.y[index] ?? 0, d: track.d[index] ?? 0 });
  return {
    ...track,
    u: track.d.map((_, index) => (index % 300 < 110 ? 1 : 0)),
    cues: [
      { ...at(0), type: 'Generic', text: 'Start at the lake' },
      { ...at(200), type: 'Left', text: 'Turn left onto Vršiška cesta' },
      { ...at(203), type: 'Uturn', text: 'Turn around' },
      { ...at(206), type: 'Slight Right', text: 'Keep right' },
    ],
    pois: [{ ...at(700), type: 'water', name: 'Spring', description: 'Cold, all year' }],
  };
}

/** A trainer has sensors, a clock and a made-up distance, but has been nowhere. */
function indoors(): Track {
  const track = recorded(roundTrip({ points: 600, seed: 2 }));
  const nowhere = track.x.map(() => null);
  return { ...track, x: nowhere, y: nowhere, e: nowhere };
}

/** A clock and an odometer that jump back, a height that is missing for a third of the way, and a power meter that slept. */
function broken(): Track {
  const track = recorded(roundTrip({ points: 900, seed: 6 }));
  const back = (column: (number | null)[] | undefined, by: number) =>
    (column ?? []).map((value, at) => (value !== null && at >= 500 ? value - by : value));
  return {
    ...track,
    d: back(track.d, 5_000),
    t: back(track.t, 600),
    e: track.e.map((height, at) => (at > 300 && at < 450 ? null : height)),
    p: track.d.map(() => 0),
  };
}

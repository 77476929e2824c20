import type { Track } from '../../src/export/track.ts';
import type { Assets } from '../../src/web/assets.ts';
import { PAGES } from './gallery.ts';
import { roundTrip } from './tracks.ts';

/** What the test site answers: the gallery, and the tracks that its items fetch. */
export function answers(path: string, assets: Assets): string | object | undefined {
  // The map beside the list is the subject of other tests: here it has nothing to draw.
  if (path.startsWith('/map/where')) return { tracks: 0, bounds: null, places: {} };
  return PAGES[path]?.(assets) ?? TRACKS[path]?.();
}

const TRACKS: Record<string, () => Track> = {
  '/trips/1/track.json': () => roundTrip({ points: 4_000, seed: 1 }),
  '/routes/1/track.json': planned,
  '/trips/deleted/track.json': () => roundTrip({ points: 2_000, seed: 1 }),
  '/trips/indoors/track.json': indoors,
  '/routes/hidden/track.json': () => roundTrip({ points: 500, seed: 7 }),
  '/trips/date-line/track.json': () => roundTrip({ points: 2_000, seed: 3, lng: 180, lat: -16.8 }),
  '/trips/far/track.json': () => roundTrip({ points: 5_000, seed: 4, lng: 11, lat: 44, size: 9 }),
  '/trips/long/track.json': () => roundTrip({ points: 100_000, seed: 5 }),
};

function planned(): Track {
  const { s: _speeds, h: _heartRates, ...track } = roundTrip({ points: 1_500, seed: 7 });
  const at = (index: number) => ({ x: track.x[index] ?? 0, y: track.y[index] ?? 0, d: track.d[index] ?? 0 });
  return {
    ...track,
    cues: [{ ...at(200), type: 'Left', text: 'Turn left onto Vršiška cesta' }],
    pois: [{ ...at(700), type: 'water', name: 'Spring', description: 'Cold, all year' }],
  };
}

/** A trainer has sensors, a clock and a made-up distance, but has been nowhere. */
function indoors(): Track {
  const track = roundTrip({ points: 600, seed: 2 });
  const nowhere = track.x.map(() => null);
  return { ...track, x: nowhere, y: nowhere, e: nowhere };
}

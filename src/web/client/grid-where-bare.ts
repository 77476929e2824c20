import type { Feature } from 'geojson';
import type { AttributionControlOptions } from 'maplibre-gl';
import { say } from '../say.ts';
import { decimal } from '../units.ts';
import { covers, grid } from './grid.ts';
import { GROUND } from './ground.ts';
import type { Bounds } from './track-line.ts';

/** Where the ground has no streets in `box`, a grid says how far things are; its credit says how wide it is. */
export function gridWhereBare(box: Bounds): { lines: Feature[]; attribution: AttributionControlOptions } {
  const bare = GROUND.kind === 'plain' || (GROUND.kind === 'streets' && !covers(GROUND.bounds, box));
  if (!bare) return { lines: [], attribution: { compact: false } };
  const { kilometres, lines } = grid(box);
  return {
    lines,
    attribution: { compact: false, customAttribution: say`Grid of ${decimal(kilometres, kilometres < 1 ? 1 : 0)} km` },
  };
}

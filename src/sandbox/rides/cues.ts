import type { Cue, Point } from '../model.ts';
import { createRandom, seedOf } from '../random.ts';
import { isPlaced, type Placed } from './distance.ts';

const ROADS = [
  'Mill Lane',
  'Quarry Road',
  'Old Post Road',
  'Orchard Way',
  'Chapel Hill',
  'Ridge Road',
  'Ferry Street',
  'Lower Meadow Lane',
  'Windmill Drive',
  'Forest Track 12',
  'County Road 7',
  'Stone Bridge Road',
  'Upper Valley Road',
  'Brewery Lane',
  'Station Street',
] as const;

/** Metres before and after a place over which a turn is judged. */
const REACH = 40;

/** Turn instructions where the road turns, and one at either end. */
export function cuesOf(points: readonly Point[], seed: number): Cue[] {
  const placed = points.filter(isPlaced);
  const random = createRandom(seedOf(seed, 'cues'));
  const cues: Cue[] = [];
  const add = (i: number, type: string, text: string) => {
    const at = placed[i];
    if (at) cues.push({ x: at.x, y: at.y, d: at.d ?? 0, i, t: type, n: text });
  };
  add(0, 'Start', 'Start of route');
  let quiet = 0;
  for (const [index, at] of placed.entries()) {
    const before = placed[index - 3];
    const after = placed[index + 3];
    if (!before || !after || (at.d ?? 0) < quiet) continue;
    const turn = headingChange(before, at, after);
    const type = turnType(turn);
    if (!type) continue;
    const road = random.pick(ROADS);
    add(index, type, type === 'Straight' ? `Continue onto ${road}` : `${phrase(type)} onto ${road}`);
    quiet = (at.d ?? 0) + REACH * 5;
  }
  add(placed.length - 1, 'End', 'End of route');
  return cues;
}

function headingChange(a: Placed, b: Placed, c: Placed): number {
  const squeeze = Math.cos((b.y * Math.PI) / 180);
  const first = Math.atan2(b.y - a.y, (b.x - a.x) * squeeze);
  const second = Math.atan2(c.y - b.y, (c.x - b.x) * squeeze);
  const change = ((second - first) * 180) / Math.PI;
  return ((change + 540) % 360) - 180;
}

/** Positive is to the left, as angles grow. Undefined: nobody would say anything here. */
function turnType(turn: number): string | undefined {
  const size = Math.abs(turn);
  const side = turn > 0 ? 'Left' : 'Right';
  if (size > 150) return 'Uturn';
  if (size > 95) return `Sharp ${side}`;
  if (size > 45) return side;
  if (size > 27) return `Slight ${side}`;
  return size > 25 ? 'Straight' : undefined;
}

function phrase(type: string): string {
  return type === 'Uturn' ? 'Make a U-turn' : `Turn ${type.toLowerCase()}`;
}

import type { Point } from '../model.ts';
import { createNoise, seedOf } from '../random.ts';

/** The provider documents that `S` and `R` are integers and not what each stands for: these three are the sandbox's own. */
const ASPHALT = { S: 3, R: 7 };
const GRAVEL = { S: 15, R: 13 };
const TRACK = { S: 24, R: 16 };
const UNPAVED = new Set([GRAVEL.S, TRACK.S]);

/** Paves a route: mostly asphalt, gravel in stretches, the more the higher `roughness` (0 to 1). */
export function paved(points: readonly Point[], seed: number, roughness: number): Point[] {
  const noise = createNoise(seedOf(seed, 'surface'));
  return points.map((point) => {
    const rough = noise.along((point.d ?? 0) / 2_500) + 2 * roughness - 1;
    return { ...point, ...(rough > 0.5 ? TRACK : rough > 0 ? GRAVEL : ASPHALT) };
  });
}

/** Per cent of the distance, or null where no point names a surface. */
export function unpavedPercent(points: readonly Point[]): number | null {
  if (!points.some((point) => point.S !== undefined)) return null;
  let unpaved = 0;
  let total = 0;
  for (const [index, point] of points.entries()) {
    const length = (points[index + 1]?.d ?? point.d ?? 0) - (point.d ?? 0);
    total += length;
    if (point.S !== undefined && UNPAVED.has(point.S)) unpaved += length;
  }
  return total > 0 ? Math.round((100 * unpaved) / total) : 0;
}

export function surfaceName(percent: number | null): string {
  if (percent === null) return 'unknown';
  if (percent < 3) return 'paved';
  if (percent < 25) return 'mostly_paved';
  return percent < 65 ? 'mixed_surfaces' : 'mostly_unpaved';
}

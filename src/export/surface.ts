import type { Point } from './ride.ts';

/** Surfaces with a smaller share of the way than this, in per cent, are not told apart: too many sums would fit. */
const LEAST_SHARE = 2;
/** The provider rounds its share to whole per cent, and may count the way to a point or the way from it. */
const ROUNDING = 0.75;
const MOST_SURFACES = 12;

/**
 * Which surfaces of a route are unpaved: true or false by the number of a surface; a number that is missing is unknown.
 *
 * The provider numbers surfaces (`S`: "surface type, int") and publishes no list of what the numbers mean; what others
 * guessed of them contradicts itself. But it says what share of the whole route is unpaved (`unpaved_pct`): where
 * exactly one choice of numbers adds up to that share, those are the unpaved ones.
 */
export function unpavedSurfaces(points: readonly Point[], unpavedPercent: unknown): Map<number, boolean> {
  if (typeof unpavedPercent !== 'number') return new Map();
  const { shares, small } = sharesOf(points);
  if (shares.length === 0 || shares.length > MOST_SURFACES) return new Map();
  const fitting = choices(shares).filter(
    ({ sum }) => sum <= unpavedPercent + ROUNDING && sum >= unpavedPercent - ROUNDING - small,
  );
  const [only, another] = fitting;
  if (!only || another) return new Map();
  return new Map(shares.map(([surface]) => [surface, only.chosen.has(surface)]));
}

/** Metres of each kind. The way from a point to the next is of the surface that the point names. */
export function paving(
  points: readonly Point[],
  unpaved: Map<number, boolean>,
): { paved: number; unpaved: number; unknown: number } {
  const metres = { paved: 0, unpaved: 0, unknown: 0 };
  for (const [surface, length] of lengths(points)) {
    const kind = surface === undefined ? undefined : unpaved.get(surface);
    metres[kind === undefined ? 'unknown' : kind ? 'unpaved' : 'paved'] += length;
  }
  return metres;
}

/** Per cent of the way, the surfaces that matter; and of all others that have a number together. */
function sharesOf(points: readonly Point[]): { shares: [surface: number, share: number][]; small: number } {
  const all = lengths(points);
  const total = [...all.values()].reduce((sum, length) => sum + length, 0);
  const named = [...all].flatMap(([surface, length]): [number, number][] =>
    surface === undefined || total === 0 ? [] : [[surface, (100 * length) / total]],
  );
  const shares = named.filter(([, share]) => share >= LEAST_SHARE);
  const small = named.reduce((sum, [, share]) => sum + (share < LEAST_SHARE ? share : 0), 0);
  return { shares, small };
}

function lengths(points: readonly Point[]): Map<number | undefined, number> {
  const found = new Map<number | undefined, number>();
  let before: Point | undefined;
  for (const point of points) {
    if (point.d === undefined) continue;
    const length = point.d - (before?.d ?? point.d);
    if (before && length > 0) found.set(before.S, (found.get(before.S) ?? 0) + length);
    before = point;
  }
  return found;
}

function choices(shares: readonly [number, number][]): { chosen: Set<number>; sum: number }[] {
  return shares.reduce(
    (all, [surface, share]) =>
      all.flatMap((choice) => [choice, { chosen: new Set([...choice.chosen, surface]), sum: choice.sum + share }]),
    [{ chosen: new Set<number>(), sum: 0 }],
  );
}

import type { ChannelKey } from '../channels.ts';
import { METRES_PER_FOOT, METRES_PER_MILE, type UnitsName } from '../units.ts';
import type { AxisName } from './axis.ts';

/** What a rider reads, in what is stored: the size of one unit, where its zero is, and the least step worth a word. */
interface Scale {
  unit: number;
  zero: number;
  least: number;
}

const SAME: Scale = { unit: 1, zero: 0, least: 1 };
const SCALES: Record<UnitsName, Partial<Record<ChannelKey | AxisName, Scale>>> = {
  metric: { distance: { unit: 1000, zero: 0, least: 0.1 } },
  imperial: {
    distance: { unit: METRES_PER_MILE, zero: 0, least: 0.1 },
    e: { ...SAME, unit: METRES_PER_FOOT },
    s: { ...SAME, unit: METRES_PER_MILE / 1000 },
    T: { ...SAME, unit: 5 / 9, zero: -32 / 1.8 },
  },
};
/** Whole minutes and hours. */
const TIMES = [5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** At most about `most` places from `low` to `high` that are round in these units. */
export function ticksOf(
  of: ChannelKey | AxisName,
  units: UnitsName,
  { low, high, most }: { low: number; high: number; most: number },
): number[] {
  const { unit, zero, least } = SCALES[units][of] ?? SAME;
  const [first, last] = [(low - zero) / unit, (high - zero) / unit];
  const wanted = (last - first) / Math.max(1, most);
  const timed = of === 'elapsed' || of === 'moving';
  const step = timed ? (TIMES.find((time) => time >= wanted) ?? 604_800) : Math.max(least, roundStep(wanted));
  const from = Math.ceil(first / step - 1e-9);
  const count = Math.max(0, Math.floor(last / step + 1e-9) - from + 1);
  return Array.from({ length: count }, (_, at) => (from + at) * step * unit + zero);
}

/** 1, 2, 5, 10, 20, 50, … or what else of them is next above. */
function roundStep(wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * ([1, 2, 5].find((digit) => digit * power >= wanted * 0.999) ?? 10);
}

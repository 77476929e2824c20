import type { Random } from '../random.ts';
import type { Shape } from '../rides/road.ts';

const PLACES = [
  'the ridge',
  'the old mill',
  'three bridges',
  'the reservoir',
  'the quarry',
  'the high meadow',
  'the chapel',
  'the forest road',
  'the pass',
  'the orchards',
  'the brewery',
  'Hörnle',
] as const;
const EXTRAS = [
  '',
  '',
  '',
  '',
  ' with headwind',
  ' before the rain',
  ' (easy)',
  ' and coffee ☕',
  ' – second try',
] as const;

export function routeName(random: Random, shape: Shape, kilometres: number): string {
  const place = random.pick(PLACES);
  if (shape === 'out_and_back') return `To ${place} and back`;
  if (shape === 'point_to_point') return `One way past ${place}`;
  if (kilometres > 110) return random.pick([`The long way round ${place}`, `Grande boucle: ${place}`]);
  return random.pick([`Loop over ${place}`, `${Math.round(kilometres)} km by ${place}`, `Around ${place}`]);
}

/** @param hour - local hour at which the ride begins. */
export function tripName(random: Random, hour: number, road: string | undefined): string {
  const time = hour < 11 ? 'Morning' : hour < 14 ? 'Midday' : hour < 17 ? 'Afternoon' : 'Evening';
  if (road && random.chance(0.4)) return `${road}${random.pick(EXTRAS)}`;
  return `${time} ${random.pick(['ride', 'loop', 'spin', 'gravel', 'ride'])} ${random.pick(['over', 'past', 'by'])} ${random.pick(PLACES)}${random.pick(EXTRAS)}`;
}

export function description(random: Random): string | null {
  if (random.chance(0.7)) return null;
  return random.pick([
    'Quiet roads, one closed bridge. The detour is signposted.',
    'Water at the chapel, nothing after that for 20 km.',
    'Wind from the west all day.\n\nNext time the other way round.',
    'Legs were fine until the last climb. “Never again” – until next week.',
  ]);
}

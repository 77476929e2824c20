import type { Ride } from './ride.ts';

/** What each format calls an activity. */
export interface Sport {
  gpx: string;
  tcx: 'Biking' | 'Running' | 'Other';
  /** Words, or the numbers that the provider gives, of the FIT profile. */
  fit: string | number;
  fitSub: string | number | undefined;
}

/** The same words in both. */
const FIT_WORDS = new Set(['cycling', 'running', 'walking', 'hiking', 'driving', 'motorcycling', 'swimming']);
/** A map, because the provider's word may be any: `constructor`. */
const FIT_SUB_WORDS = new Map([
  ['cycling:road', 'road'],
  ['cycling:gravel', 'gravelCycling'],
  ['cycling:mountain', 'mountain'],
  ['cycling:indoor', 'indoorCycling'],
]);

/** Of `cycling:gravel` and alike. What does not say is a bicycle: so is nearly everything at Ride With GPS. */
export function sportOf({ object }: Ride): Sport {
  const activity = typeof object.activity_type === 'string' && object.activity_type ? object.activity_type : 'cycling';
  const [word = ''] = activity.split(':');
  const indoors = word === 'cycling' && object.is_stationary === true ? 'indoorCycling' : undefined;
  return {
    gpx: word,
    tcx: word === 'cycling' ? 'Biking' : word === 'running' ? 'Running' : 'Other',
    fit: numberIn(object.fit_sport) ?? (FIT_WORDS.has(word) ? word : 'generic'),
    fitSub: numberIn(object.fit_sub_sport) ?? indoors ?? FIT_SUB_WORDS.get(activity),
  };
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

import type { Ride } from './ride.ts';

/** What each format calls an activity. */
export interface Sport {
  gpx: string;
  tcx: 'Biking' | 'Running' | 'Other';
  /** Words, or the numbers that the provider gives, of the FIT profile. */
  fit: string | number;
  fitSub: string | number | undefined;
}

const FIT_WORDS: Record<string, string> = {
  cycling: 'cycling',
  running: 'running',
  walking: 'walking',
  hiking: 'hiking',
  driving: 'driving',
  motorcycling: 'motorcycling',
  swimming: 'swimming',
};
const FIT_SUB_WORDS: Record<string, string> = {
  'cycling:road': 'road',
  'cycling:gravel': 'gravelCycling',
  'cycling:mountain': 'mountain',
  'cycling:indoor': 'indoorCycling',
};

/** Of `cycling:gravel` and alike. What does not say is a bicycle: so is nearly everything at Ride With GPS. */
export function sportOf({ object }: Ride): Sport {
  const activity = typeof object.activity_type === 'string' && object.activity_type ? object.activity_type : 'cycling';
  const [word = ''] = activity.split(':');
  const indoors = word === 'cycling' && object.is_stationary === true ? 'indoorCycling' : undefined;
  return {
    gpx: word,
    tcx: word === 'cycling' ? 'Biking' : word === 'running' ? 'Running' : 'Other',
    fit: numberIn(object.fit_sport) ?? FIT_WORDS[word] ?? 'generic',
    fitSub: numberIn(object.fit_sub_sport) ?? indoors ?? FIT_SUB_WORDS[activity],
  };
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

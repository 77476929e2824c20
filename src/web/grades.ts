/**
 * From which grade (rise over run) a climb is drawn in which of the five colours: below the first it is flat. Only climbs
 * are told apart, because a descent costs nothing.
 */
export const STEEPNESS_FROM = [0.02, 0.04, 0.07, 0.1] as const;

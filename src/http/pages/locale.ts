import type { IncomingMessage } from 'node:http';
import { IMPERIAL, METRIC, type Units } from '../../web/units.ts';

/** Where roads are measured in miles. Source: CLDR, `unitPreferenceData`, road lengths. */
const MILES = /^[a-z]+(?:-[a-z]{4})?-(?:us|gb|lr|mm|pr)\b/i;

/** The units of the browser's first language, until the rider has chosen. */
export const unitsUsualFor = ({ headers }: IncomingMessage): Units =>
  MILES.test(headers['accept-language'] ?? '') ? IMPERIAL : METRIC;

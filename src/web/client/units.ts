import { unitsNamed } from '../units.ts';

/** Those of this page. */
export const UNITS = unitsNamed(document.documentElement.dataset.units);

/** Of all days: on `number` of them at least that many units were ridden. */
export interface Eddington {
  number: number;
  /** How many days of at least one unit more are there already, and how many are missing for the next number. */
  next: { number: number; days: number; missing: number };
}

export const METRES_PER_MILE = 1609.344;

/**
 * Sir Arthur Eddington, astronomer and cyclist, counted days; whoever rides twice a day has ridden both. It depends on the unit: a
 * number in kilometres is no multiple of the one in miles.
 *
 * @param distances - of each day, metres.
 * @param unit - metres.
 */
export function eddington(distances: readonly number[], unit: number): Eddington {
  const longest = distances.toSorted((a, b) => b - a);
  let number = 0;
  while (reaches(longest[number] ?? 0, number + 1, unit)) number += 1;
  const next = number + 1;
  const days = longest.filter((distance) => reaches(distance, next, unit)).length;
  return { number, next: { number: next, days, missing: next - days } };
}

/** Sums of metres are a little off sometimes: a day of 40 km is none of 39.9999999. */
const reaches = (distance: number, units: number, unit: number): boolean => distance >= units * unit - 0.001;

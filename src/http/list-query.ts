import { z } from 'zod';
import { type LibraryQuery, ORDERS, type RideType, SORTS } from '../storage/library.ts';
import { ITEM_STATES } from '../vocabulary.ts';

/** The plural is what addresses have. No object: every object has a `constructor`, and an address may ask for it. */
export const KINDS: ReadonlyMap<string, RideType> = new Map([
  ['routes', 'route'],
  ['trips', 'trip'],
]);

const metres = z.coerce.number().min(0).optional();
const words = z.string().max(200).optional();

/** What narrows a list down and orders it, in the query of an address. */
export const listFilters = z.object({
  q: z.string().trim().max(200).optional(),
  since: z
    .string()
    .transform(withoutSpace)
    .pipe(z.iso.datetime({ offset: true, local: true }).or(z.iso.date()))
    .transform(instantOf)
    .optional(),
  state: z.literal(ITEM_STATES).optional(),
  pinned: z
    .literal(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  owned: z
    .literal(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional(),
  distance_min: metres,
  distance_max: metres,
  climbing_min: metres,
  climbing_max: metres,
  activity: words,
  gear: words,
  visibility: words,
  country: words,
  area: words,
  sort: z.literal(SORTS).optional(),
  order: z.literal(ORDERS).optional(),
});

/** What was asked for. A field that was left empty asks for nothing: forms send it all the same. */
export const filledIn = (query: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));

/** A `+` that nobody escaped arrives as a space. */
function withoutSpace(instant: string): string {
  return instant.replace(/ (?=\d{2}:\d{2}$)/, '+');
}

/** In UTC where no zone is named, wherever this machine is. */
function instantOf(text: string): string {
  const instant = new Date(/T[^Z+-]*$/.test(text) ? `${text}Z` : text).toISOString();
  // Instants are compared as texts, and the text of a year of five digits would be less than all others.
  return instant.startsWith('+') ? '9999-12-31T23:59:59.999Z' : instant;
}

/** The same in the words of the library. */
export function filterOf(
  types: readonly RideType[],
  { distance_min, distance_max, climbing_min, climbing_max, ...same }: z.infer<typeof listFilters>,
): Omit<LibraryQuery, 'page' | 'pageSize'> {
  return {
    ...same,
    types,
    distanceMin: distance_min,
    distanceMax: distance_max,
    climbingMin: climbing_min,
    climbingMax: climbing_max,
  };
}

/** What is wrong with a query, for whoever wrote it. */
export function complaintOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.')}: ${issue?.message}`;
}

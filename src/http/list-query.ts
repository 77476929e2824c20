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
  since: z.iso
    .datetime({ offset: true })
    .or(z.iso.date())
    .transform((value) => new Date(value).toISOString())
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

import type { Item, ItemType } from '../model.ts';
import type { Answer } from './answer.ts';
import { json } from './answer.ts';
import type { Endpoints, RiderCall } from './call.ts';
import type { Sandbox } from './parts.ts';

/** Lists of routes and of trips, newest `updated_at` first. */
export const listEndpoints: Endpoints = (parts) => [
  { method: 'get', path: /^\/api\/v1\/(routes|trips)(?:\.json)?$/, answer: (call) => list(call, parts) },
];

async function list(call: RiderCall, parts: Sandbox): Promise<Answer> {
  const plural = call.matched[0] === 'routes' ? 'routes' : 'trips';
  const type: ItemType = plural === 'routes' ? 'route' : 'trip';
  const all = parts.world.items(call.rider.id, type);
  if (MEASURED.some((name) => call.query.has(name))) await parts.tracks.measureAll(all);
  const found = all.filter((item) => matches(item, call, parts));
  const { slice, pagination } = paginate(found, call, parts.linkOrigin());
  await parts.tracks.measureAll(slice);
  return json({ [plural]: slice.map((item) => parts.present.summary(item, call.rider)), meta: { pagination } });
}

/** A page of 20 to 200 entries; sizes and pages outside what there is are brought inside it, not refused. */
export function paginate<Entry>(all: readonly Entry[], call: RiderCall, origin: string) {
  const size = Math.min(200, Math.max(20, whole(call.query.get('page_size')) ?? 20));
  const page = Math.max(1, whole(call.query.get('page')) ?? 1);
  const pages = Math.ceil(all.length / size);
  const next = new URLSearchParams(call.query);
  next.set('page', String(page + 1));
  return {
    slice: all.slice((page - 1) * size, page * size),
    pagination: {
      record_count: all.length,
      page_count: pages,
      page_size: size,
      next_page_url: page < pages ? `${origin}${call.path}?${withoutCredentials(next)}` : null,
    },
  };
}

function withoutCredentials(query: URLSearchParams): URLSearchParams {
  for (const name of ['apikey', 'api_key', 'auth_token']) query.delete(name);
  return query;
}

function whole(text: string | null): number | undefined {
  const value = Number(text);
  return text !== null && Number.isInteger(value) ? value : undefined;
}

/** Filters that need the numbers of every item. */
const MEASURED = ['distance_min', 'distance_max', 'elevation_gain_min', 'elevation_gain_max', 'stationary'];

/** Numbers of the item that `…_min` and `…_max` limit. */
const RANGES = ['distance', 'elevation_gain'] as const;

function matches(item: Item, { query }: RiderCall, { tracks }: Sandbox): boolean {
  const name = query.get('name');
  if (name && !item.name.toLowerCase().includes(name.toLowerCase())) return false;
  const visibility = query.get('visibility');
  if (visibility && item.visibility !== visibility) return false;
  const archived = query.get('archived');
  if (archived && item.type === 'route' && String(item.attributes.archived ?? false) !== archived) return false;
  const stationary = query.get('stationary');
  if (stationary && item.type === 'trip' && String(tracks.measures(item, 'owner').is_stationary) !== stationary)
    return false;
  return RANGES.every((key) => {
    const [least, most] = [whole(query.get(`${key}_min`)), whole(query.get(`${key}_max`))];
    if (least === undefined && most === undefined) return true;
    const value = tracks.measures(item, 'owner')[key] ?? 0;
    return value >= (least ?? 0) && value <= (most ?? Number.POSITIVE_INFINITY);
  });
}

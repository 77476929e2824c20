import { type Item, iso, type Rider } from '../model.ts';
import { syncItemOf } from '../notification.ts';
import type { Entry } from '../world/log.ts';
import type { Answer } from './answer.ts';
import { failed, json } from './answer.ts';
import type { Endpoints, RiderCall } from './call.ts';
import type { Sandbox } from './parts.ts';

/** What happened since a time; from well in the past, the library as it is now. */
export const syncEndpoints: Endpoints = (parts) => [
  { method: 'get', path: /^\/api\/v1\/sync(?:\.json)?$/, answer: (call) => sync(call, parts) },
];

/** Before any rider was here: `since` earlier than this asks for everything. */
const LONG_AGO = Date.UTC(2007, 0, 1);

function sync(call: RiderCall, parts: Sandbox): Answer {
  const asked = call.query.get('since');
  if (asked === null) return failed(400, 'since is required');
  const since = timeOf(asked);
  if (since === undefined) return failed(400, 'since is not a valid ISO 8601 datetime');
  const assets = assetsOf(call, parts);
  if (!assets) return failed(400, 'assets must be routes, trips or both');
  const time = iso(parts.clock());
  const beginning = Math.max(LONG_AGO, parts.world.log.beginning(call.rider.id) ?? Number.POSITIVE_INFINITY);
  const entries = since < beginning ? present(call.rider, parts) : parts.world.log.since(call.rider.id, since);
  const origin = parts.linkOrigin();
  return json({
    items: entries.filter((entry) => assets.includes(`${entry.type}s`)).map((entry) => syncItemOf(entry, origin)),
    meta: {
      rwgps_datetime: time,
      next_sync_url: `${origin}/api/v1/sync.json?since=${encodeURIComponent(time)}&assets=${encodeURIComponent(assets.join(','))}`,
    },
  });
}

/** An unescaped plus of a time zone arrives as a blank. */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text.trim().replace(/ (\d\d:?\d\d)$/, '+$1'));
  return Number.isNaN(time) ? undefined : time;
}

function assetsOf(call: RiderCall, { clients }: Sandbox): string[] | undefined {
  const asked = call.query.get('assets');
  const client = clients.find(({ apiKey }) => apiKey === call.apiKey);
  if (asked === null || asked === '') return client?.assets ?? ['routes', 'trips'];
  const assets = asked.split(',').map((asset) => asset.trim());
  return assets.every((asset) => asset === 'routes' || asset === 'trips') ? assets : undefined;
}

/** Every item there is, as created when it was, and every pin there is. */
function present(rider: Rider, { world }: Sandbox): Entry[] {
  const entry = (item: Item, action: 'created' | 'added', at: number): Entry => ({
    riderId: rider.id,
    type: item.type,
    id: item.id,
    ownerId: item.userId,
    action,
    at,
  });
  const items = world.items(rider.id).map((item) => entry(item, 'created', item.createdAt));
  const pins = world
    .pinned(rider.id)
    .map((item) => entry(item, 'added', world.pinnedAt(rider.id, item) ?? item.createdAt));
  return [...items, ...pins].sort((a, b) => a.at - b.at);
}

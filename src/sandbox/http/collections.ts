import type { Item, Rider } from '../model.ts';
import { pinnedCollectionId } from '../notification.ts';
import type { Answer } from './answer.ts';
import { failed, json, notFound } from './answer.ts';
import type { Endpoints } from './call.ts';
import { paginate } from './lists.ts';
import type { Sandbox } from './parts.ts';

/** Collections. The sandbox knows one a rider: what is pinned. It exists as long as something is pinned. */
export const collectionEndpoints: Endpoints = (parts) => [
  {
    method: 'get',
    path: /^\/api\/v1\/collections(?:\.json)?$/,
    answer(call) {
      const all = shown(call.rider, parts).length > 0 ? [parts.present.collection(call.rider)] : [];
      const { slice, pagination } = paginate(all, call, parts.linkOrigin());
      return json({ collections: slice, meta: { pagination } });
    },
  },
  { method: 'get', path: /^\/api\/v1\/collections\/pinned(?:\.json)?$/, answer: (call) => pinned(call.rider, parts) },
  {
    method: 'get',
    path: /^\/api\/v1\/collections\/(\d+)(?:\.json)?$/,
    answer(call) {
      const owner = parts.world.riders().find((rider) => pinnedCollectionId(rider.id) === Number(call.matched[0]));
      if (!owner) return notFound('Collection');
      return owner.id === call.rider.id ? pinned(owner, parts) : failed(403, 'Forbidden');
    },
  },
];

async function pinned(rider: Rider, parts: Sandbox): Promise<Answer> {
  const items = shown(rider, parts);
  if (items.length === 0) return notFound('Pinned collection');
  await parts.tracks.measureAll(items);
  const of = (type: Item['type']) =>
    items.filter((item) => item.type === type).map((item) => parts.present.summary(item, rider));
  return json({ collection: { ...parts.present.collection(rider), routes: of('route'), trips: of('trip') } });
}

/** A pin of something that has become private is not shown any more. */
function shown(rider: Rider, { world, present }: Sandbox): Item[] {
  return world.pinned(rider.id).filter((item) => present.maySee(item, rider, null));
}

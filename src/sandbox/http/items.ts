import type { Item, ItemType } from '../model.ts';
import type { Answer } from './answer.ts';
import { empty, failed, json, notFound, raw } from './answer.ts';
import { type Call, type Endpoints, fieldsOf, type RiderCall } from './call.ts';
import { asGpx } from './gpx.ts';
import type { Sandbox } from './parts.ts';
import { asPolyline } from './polyline.ts';

/** The item a path means, as the fault switches name it: `trip/7`. Undefined for other paths. */
export function itemOf(path: string): string | undefined {
  const [, plural, id] = /^(?:\/api\/v1)?\/(routes|trips)\/(\d+)(?:\.json)?$/.exec(path) ?? [];
  return plural && id ? `${plural.slice(0, -1)}/${id}` : undefined;
}

/** Routes and trips, one at a time. */
export const itemEndpoints: Endpoints = (parts) => [
  {
    method: 'get',
    path: /^\/api\/v1\/(routes|trips)\/(\d+)(?:\.json)?$/,
    answer: (call) => visible(call, parts, (item) => whole(item, call, parts)),
  },
  {
    method: 'get',
    path: /^\/(routes|trips)\/(\d+)\.json$/,
    answer: (call) => visible(call, parts, (item) => legacy(item, call, parts)),
  },
  {
    method: 'get',
    path: /^(?:\/api\/v1)?\/(routes|trips)\/(\d+)\/polyline(?:\.json)?$/,
    answer: (call) => visible(call, parts, (item) => polyline(item, call, parts)),
  },
  {
    method: 'get',
    path: /^\/(routes|trips)\/(\d+)\.(gpx|tcx|fit|kml)$/,
    answer: (call) => visible(call, parts, (item) => file(item, call, parts)),
  },
  {
    method: 'put',
    path: /^\/api\/v1\/(routes|trips)\/(\d+)(?:\.json)?$/,
    answer: (call) => own(call, parts, (item) => change(item, call, parts)),
  },
  {
    method: 'delete',
    path: /^(?:\/api\/v1)?\/(routes|trips)\/(\d+)(?:\.json)?$/,
    answer: (call) =>
      own(call, parts, (item) => {
        parts.world.remove(item.type, item.id);
        return empty(204);
      }),
  },
];

function lookUp(call: Call, { world }: Sandbox): Item | Answer {
  const [plural = '', id = ''] = call.matched;
  const type: ItemType = plural === 'routes' ? 'route' : 'trip';
  return world.find(type, Number(id)) ?? notFound(type === 'route' ? 'Route' : 'Trip');
}

function visible(call: RiderCall, parts: Sandbox, then: (item: Item) => Answer): Answer {
  const item = lookUp(call, parts);
  if ('status' in item) return item;
  if (!parts.present.maySee(item, call.rider, call.query.get('privacy_code'))) return failed(403, 'Forbidden');
  return then(item);
}

function own(call: RiderCall, parts: Sandbox, then: (item: Item) => Answer): Answer {
  const item = lookUp(call, parts);
  if ('status' in item) return item;
  return item.userId === call.rider.id ? then(item) : failed(403, 'Forbidden');
}

function whole(item: Item, call: RiderCall, { present }: Sandbox): Answer {
  const segments = present.whole(item, call.rider);
  return {
    status: 200,
    segments: [{ bytes: Buffer.from(`{"${item.type}":`) }, ...segments, { bytes: Buffer.from('}') }],
  };
}

/** The 2022 paths answer the same object under its type, or bare. */
function legacy(item: Item, call: RiderCall, { present, faults }: Sandbox): Answer {
  const segments = present.whole(item, call.rider);
  if (faults.current.legacyShape === 'root') return { status: 200, segments };
  const start = `{"type":"${item.type}","${item.type}":`;
  return { status: 200, segments: [{ bytes: Buffer.from(start) }, ...segments, { bytes: Buffer.from('}') }] };
}

function polyline(item: Item, call: RiderCall, { tracks }: Sandbox): Answer {
  const { points } = tracks.course(item, item.userId === call.rider.id ? 'owner' : 'others');
  return json({ polyline: { parent_type: item.type, parent_id: item.id, data: asPolyline(points) } });
}

/** Only GPX: the other formats answer as an item without an original file does. */
function file(item: Item, call: RiderCall, { tracks }: Sandbox): Answer {
  if (call.matched[2] !== 'gpx') return notFound('File');
  const { points } = tracks.course(item, item.userId === call.rider.id ? 'owner' : 'others');
  return raw(asGpx(item, points), 'application/gpx+xml');
}

function change(item: Item, call: RiderCall, { world, present }: Sandbox): Answer {
  const patch = fieldsOf(call.body[item.type]);
  const visibility = patch.visibility;
  if (
    visibility !== undefined &&
    visibility !== 'public' &&
    visibility !== 'friends_only' &&
    visibility !== 'private'
  ) {
    return failed(422, 'Visibility is not included in the list');
  }
  if (patch.name !== undefined && typeof patch.name !== 'string') return failed(422, 'Name is invalid');
  const { name, description } = patch;
  world.edit(item.type, item.id, {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(visibility !== undefined && { visibility }),
  });
  return json({ [item.type]: present.object(item, call.rider) });
}

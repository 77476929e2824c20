import { type Action, type Item, type ItemType, iso } from './model.ts';
import type { Entry } from './world/log.ts';

/** The first dialect's words for pins. */
const OLD_ACTIONS: Partial<Record<Action, string>> = { added: 'pinned', removed: 'unpinned' };

/** The id of a rider's collection of pins. */
export const pinnedCollectionId = (riderId: number): number => 500_000 + riderId;

/** One element of a webhook's `notifications`. */
export function notificationOf(entry: Entry, item: Item, dialect: '2022' | 'v1', origin: string): object {
  const { riderId, type, id, ownerId, action } = entry;
  if (dialect === '2022') {
    const code = type === 'trip' && item.visibility !== 'public' ? `?privacy_code=${item.privacyCode}` : '';
    return {
      user_id: riderId,
      item_type: type,
      item_id: id,
      item_url: `${origin}/${type}s/${id}.json${code}`,
      action: OLD_ACTIONS[action] ?? action,
    };
  }
  return {
    user_id: riderId,
    item_type: type,
    item_id: id,
    item_user_id: ownerId,
    item_url: itemUrl(type, id, origin),
    action,
    collection: collectionOf(entry, origin),
  };
}

/** One element of the sync answer: a notification without who acted, with when. */
export function syncItemOf(entry: Entry, origin: string): object {
  const { type, id, ownerId, action, at } = entry;
  const collection = collectionOf(entry, origin);
  return {
    item_type: type,
    item_id: id,
    item_user_id: ownerId,
    item_url: itemUrl(type, id, origin),
    action,
    datetime: iso(at),
    collection: collection && { ...collection, name: 'Pinned' },
  };
}

const itemUrl = (type: ItemType, id: number, origin: string): string => `${origin}/api/v1/${type}s/${id}.json`;

function collectionOf({ action, riderId }: Entry, origin: string): { id: number; type: string; url: string } | null {
  if (action !== 'added' && action !== 'removed') return null;
  const id = pinnedCollectionId(riderId);
  return { id, type: 'pinned', url: `${origin}/api/v1/collections/${id}.json` };
}

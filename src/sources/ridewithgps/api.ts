import type { Answered } from '../../evidence.ts';
import type { Answer, HttpClient } from '../../http/client.ts';
import { NotTheProvider, Unacceptable, Unauthorized } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import type { Description } from '../../storage/items.ts';
import type { Key } from '../../vocabulary.ts';
import { isObject } from '../element.ts';
import type { Changes, Credentials, Inventory, InventoryEntry, Snapshot } from '../source.ts';
import { describeRide, rideIn, versionOf } from './describe.ts';
import { idIn, isItemType, isPinAction } from './read.ts';

/** The provider's own limit is 200 a page; lists without end are a fault, not a library. */
const PAGE_SIZE = 200;
const MOST_PAGES = 5_000;
/** A list that never stands still is taken as it is: what it lacks is asked for one by one. */
const MOST_READINGS = 3;
/** Whatever is pinned or unpinned, the whole set is read again. */
const PINS = { type: 'pinned', id: 'pinned' };

/** `/api/v1` of Ride With GPS. Paths are built here from types and checked ids, never taken from an answer. */
export function createApi(http: HttpClient) {
  async function get(path: string, { headers }: Credentials): Promise<Answer> {
    const answer = await http.get(path, headers);
    if (answer.status === 401) throw new Unauthorized();
    return answer;
  }

  async function getObject(path: string, credentials: Credentials) {
    const answer = await get(path, credentials);
    if (answer.status !== 200) throw refusal(answer);
    return { ...answer, object: objectIn(answer) };
  }

  async function fetchItem(key: Key, credentials: Credentials): Promise<Snapshot> {
    const code = credentials.secret ? `?privacy_code=${encodeURIComponent(credentials.secret)}` : '';
    const answer = await get(`/api/v1/${key.type}s/${key.id}.json${code}`, credentials);
    if (answer.status !== 200) return absence(answer);
    const { body: raw, beganAt } = answer;
    return { kind: 'present', raw, beganAt, describe: () => describe(raw, key) };
  }

  const describe = (body: Buffer, key: Key): Description =>
    describeRide(rideIn(objectIn({ status: 200, body }), key), key);

  async function fetchPins(credentials: Credentials): Promise<Snapshot> {
    return { kind: 'pins', pins: await pinned(credentials) };
  }

  async function fetchAccount(credentials: Credentials): Promise<Snapshot> {
    await getObject('/api/v1/users/current.json', credentials);
    return { kind: 'accepted' };
  }

  /** Without pins the provider answers 404, "Pinned collection not found" (its OpenAPI file, 2026-06). */
  async function pinned(credentials: Credentials): Promise<InventoryEntry[]> {
    const answer = await get('/api/v1/collections/pinned.json', credentials);
    if (answer.status !== 200 && absence(answer).kind === 'gone') return [];
    const { collection } = objectIn(answer);
    if (!isObject(collection)) throw new NotTheProvider('The pinned collection came in an unknown form.');
    return [...entriesIn(collection.routes, 'route'), ...entriesIn(collection.trips, 'trip')];
  }

  /** The newest come first: an item that changes meanwhile goes to the first page, and another slips over an edge unseen. */
  async function owned(type: 'route' | 'trip', credentials: Credentials): Promise<InventoryEntry[]> {
    for (let reading = 1; ; reading += 1) {
      const { all, moved } = await listed(type, credentials);
      if (!moved || reading === MOST_READINGS) return all;
    }
  }

  async function listed(
    type: 'route' | 'trip',
    credentials: Credentials,
  ): Promise<{ all: InventoryEntry[]; moved: boolean }> {
    const all: InventoryEntry[] = [];
    const lengths = new Set<unknown>();
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const { object } = await getObject(`/api/v1/${type}s.json?page=${page}&page_size=${PAGE_SIZE}`, credentials);
      const list = object[`${type}s`];
      const { meta } = object;
      const pagination = isObject(meta) ? meta.pagination : undefined;
      if (!Array.isArray(list) || !isObject(pagination)) throw new NotTheProvider('A list came in an unknown form.');
      all.push(...entriesIn(list, type));
      lengths.add(pagination.record_count);
      // Only whether there is a next page: its URL is the provider's word, and may name another origin.
      if (pagination.next_page_url && list.length > 0) continue;
      const twice = new Set(all.map(({ id }) => id)).size < all.length;
      return { all, moved: twice || lengths.size > 1 };
    }
    throw new NotTheProvider('A list had no end.');
  }

  return {
    describe,

    fetch(key: Key, credentials: Credentials): Promise<Snapshot> {
      if (key.type === 'pinned') return fetchPins(credentials);
      if (key.type === 'account') return fetchAccount(credentials);
      return fetchItem(key, credentials);
    },

    async changesSince(cursor: string | null, credentials: Credentials): Promise<Changes> {
      const since = encodeURIComponent(cursor ?? '1970-01-01T00:00:00Z');
      const { object, clockOffset } = await getObject(
        `/api/v1/sync.json?since=${since}&assets=routes,trips`,
        credentials,
      );
      const { items, meta } = object;
      const next = isObject(meta) ? meta.rwgps_datetime : undefined;
      if (!Array.isArray(items) || typeof next !== 'string' || Number.isNaN(Date.parse(next))) {
        throw new NotTheProvider('The sync answer came in an unknown form.');
      }
      return { changes: items.flatMap(changeIn), cursor: new Date(next).toISOString(), clockOffset, announced: true };
    },

    async inventory(credentials: Credentials): Promise<Inventory> {
      const pins = await pinned(credentials);
      return { owned: [...(await owned('route', credentials)), ...(await owned('trip', credentials))], pinned: pins };
    },

    async whoAmI(credentials: Credentials): Promise<{ userId: string; name: string }> {
      const { object } = await getObject('/api/v1/users/current.json', credentials);
      const user = isObject(object.user) ? object.user : object;
      const userId = idIn(user.id);
      if (!userId) throw new NotTheProvider('The answer does not say who the token belongs to.');
      return { userId, name: typeof user.name === 'string' ? user.name : '' };
    },

    close: () => http.close(),
  };
}

function objectIn(answer: Answered): Record<string, unknown> {
  const value = parseJson(answer);
  if (!isObject(value)) throw new NotTheProvider('The answer is not an object.', { answer });
  return value;
}

/** What a refusal of an item means. A 404 in another shape is some proxy's, and no evidence of anything. */
function absence(answer: Answer): Snapshot {
  if (!isProviderError(answer.body))
    throw new NotTheProvider(`It answered ${answer.status} in a form that is not the provider's.`, { answer });
  if (answer.status === 404 || answer.status === 410) return { kind: 'gone' };
  if (answer.status === 403) return { kind: 'forbidden', answer: { status: answer.status, body: answer.body } };
  throw refusal(answer);
}

function refusal(answer: Answer): Error {
  const { status, body } = answer;
  return isProviderError(body)
    ? new Unacceptable(`http-${status}`, `Ride With GPS answered ${status}.`, { answer })
    : new NotTheProvider(`It answered ${status} in a form that is not the provider's.`, { answer });
}

/** `{"error": "…"}` as documented, or `{"errors": […]}` as in its OpenAPI file. */
function isProviderError(body: Buffer): boolean {
  if (body.length > 10_000) return false;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isObject(value) && (typeof value.error === 'string' || Array.isArray(value.errors));
  } catch {
    // HTML or nothing: not the provider's.
    return false;
  }
}

function entriesIn(list: unknown, type: 'route' | 'trip'): InventoryEntry[] {
  return (Array.isArray(list) ? list : []).flatMap((entry) => {
    const id = isObject(entry) ? idIn(entry.id) : undefined;
    return id && isObject(entry) ? [{ type, id, version: versionOf(entry) }] : [];
  });
}

/** An entry of a type that is not mirrored says nothing to us. */
function changeIn(item: unknown) {
  if (!isObject(item) || !isItemType(item.item_type)) return [];
  const id = idIn(item.item_id);
  const happenedAt = typeof item.datetime === 'string' ? Date.parse(item.datetime) : Number.NaN;
  if (!id || typeof item.action !== 'string') return [];
  const { action } = item;
  const key = isPinAction(action) ? PINS : { type: item.item_type, id };
  // Without a time it counts as having happened now: fetched in any case.
  return [
    {
      ...key,
      action,
      happenedAt: Number.isNaN(happenedAt) ? Date.now() : happenedAt,
      announcesDeletion: action === 'deleted',
    },
  ];
}

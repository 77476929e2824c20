import type { Answered } from '../../evidence.ts';
import { NotTheProvider, Unacceptable } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import type { Description } from '../../storage/items.ts';
import type { Key } from '../../vocabulary.ts';
import { isObject } from '../element.ts';
import type { Change, Changes, Credentials, Inventory, InventoryEntry, Snapshot } from '../source.ts';
import { describeRecord, recordIn, versionOf } from './describe.ts';
import { absence } from './errors.ts';
import { listAll } from './lists.ts';
import type { Pace } from './pace.ts';
import { idIn, pathOf, RESOURCE_TYPES, typeNamed } from './resources.ts';

/** Paths are built here from known kinds and checked ids, never taken from an answer or a payload. */
export function createApi(pace: Pick<Pace, 'get' | 'getInTime'>) {
  async function fetchRecord(key: Key, { headers }: Credentials): Promise<Snapshot> {
    const type = typeNamed(key.type);
    const id = idIn(key.id);
    if (!type || !id) throw new Unacceptable('unknown-kind', 'TradeGecko has no such kind of record.');
    const answer = await pace.get(`/${pathOf(type)}/${id}.json`, headers);
    if (answer.status !== 200) return absence(answer);
    const { body: raw, beganAt } = answer;
    return { kind: 'present', raw, beganAt, describe: () => describe(raw, key) };
  }

  async function whoAmI({ headers }: Credentials): Promise<{ userId: string; name: string }> {
    const answer = await pace.get('/accounts/current', headers);
    if (answer.status !== 200) {
      absence(answer);
      throw new NotTheProvider('It does not say whose the token is.', { answer });
    }
    const value = objectIn(answer);
    const account = isObject(value.account) ? value.account : value;
    const userId = idIn(account.id);
    if (!userId) throw new NotTheProvider('The answer does not say whose the token is.', { answer });
    return { userId, name: typeof account.name === 'string' ? account.name.slice(0, 120) : '' };
  }

  return {
    describe,
    whoAmI,

    async fetch(key: Key, credentials: Credentials): Promise<Snapshot> {
      if (key.type !== 'account') return fetchRecord(key, credentials);
      const answer = await pace.get('/orders?limit=1', credentials.headers);
      // Whatever it may see: what it answers is that the token is one.
      if (answer.status !== 200) absence(answer);
      return { kind: 'accepted' };
    },

    /** Each kind has a list of its own, so that the next time begins where the first of them began. */
    async changesSince(cursor: string | null, credentials: Credentials): Promise<Changes> {
      const changes: Change[] = [];
      let offered = false;
      let began: { at: number; clockOffset: number } | undefined;
      for (const type of RESOURCE_TYPES) {
        const { records, first, isOffered } = await listAll(pace, type, cursor, credentials);
        began ??= { at: first.beganAt, clockOffset: first.clockOffset };
        offered ||= isOffered;
        for (const [id, record] of records) {
          // Without a time it counts as having happened now: fetched in any case.
          const happenedAt = Date.parse(versionOf(record) ?? '') || Date.now() + first.clockOffset;
          changes.push({ type, id, action: 'listed', happenedAt, announcesDeletion: false });
        }
      }
      if (!offered) throw new NotTheProvider(NO_LISTS);
      const { at, clockOffset } = began ?? { at: Date.now(), clockOffset: 0 };
      return { changes, cursor: new Date(at).toISOString(), clockOffset, announced: true };
    },

    /** Nothing tells of what was deleted but its absence here. A list may leave out what is archived: each is asked for before it counts. */
    async inventory(credentials: Credentials): Promise<Inventory> {
      const owned: InventoryEntry[] = [];
      let offered = false;
      for (const type of RESOURCE_TYPES) {
        const { records, isOffered } = await listAll(pace, type, null, credentials);
        offered ||= isOffered;
        for (const [id, record] of records) owned.push({ type, id, version: versionOf(record) });
      }
      if (!offered) throw new NotTheProvider(NO_LISTS);
      return { owned, pinned: [] };
    },
  };
}

const NO_LISTS = 'None of its lists is there.';

const describe = (body: Buffer, key: Key): Description =>
  describeRecord(recordIn(objectIn({ status: 200, body }), key), key);

function objectIn(answer: Answered): Record<string, unknown> {
  const value = parseJson(answer);
  if (!isObject(value)) throw new NotTheProvider('The answer is not an object.', { answer });
  return value;
}

import type { EcoveloConfig } from '../../config.ts';
import type { Answer, HttpClient } from '../../http/client.ts';
import { Unacceptable, Unauthorized } from '../../http/errors.ts';
import type { Description } from '../../storage/items.ts';
import type { Key } from '../../vocabulary.ts';
import type { Credentials, Inventory, Snapshot } from '../source.ts';
import { absence, assertItem, itemIn, refusal } from './answers.ts';
import { describeObject } from './describe.ts';
import { COLLECTIONS, idIn, isDocumented } from './kinds.ts';
import { listEverything } from './lists.ts';

/** The API of Ecovelo. Paths are built here from types and checked ids, never taken from an event or an answer. */
export function createApi(http: HttpClient, { apiKey, apiKeyHeader }: Pick<EcoveloConfig, 'apiKey' | 'apiKeyHeader'>) {
  async function get(path: string, { headers }: Credentials): Promise<Answer> {
    const answer = await http.get(path, headers);
    if (answer.status === 401) throw new Unauthorized();
    return answer;
  }

  async function fetchItem(key: Key, credentials: Credentials): Promise<Snapshot> {
    const answer = await get(pathOf(key), credentials);
    if (answer.status !== 200) return absence(answer, key);
    if (!isDocumented(key.type)) assertItem(answer, key);
    const { body: raw, beganAt } = answer;
    return { kind: 'present', raw, beganAt, describe: () => describe(raw, key) };
  }

  const describe = (body: Buffer, key: Key): Description => describeObject(itemIn({ status: 200, body }, key), key);

  async function fetchAccount(credentials: Credentials): Promise<Snapshot> {
    const answer = await get('/trips?page=1', credentials);
    if (answer.status !== 200) throw refusal(answer);
    return { kind: 'accepted' };
  }

  return {
    /** Sent as it is: whether the provider wants a word before it is unknown, and could be written into the key. */
    present: (): Record<string, string> => ({ [apiKeyHeader.toLowerCase()]: apiKey }),
    describe,
    fetch: (key: Key, credentials: Credentials): Promise<Snapshot> =>
      key.type === 'account' ? fetchAccount(credentials) : fetchItem(key, credentials),
    inventory: (credentials: Credentials): Promise<Inventory> => listEverything((path) => get(path, credentials)),
    close: () => http.close(),
  };
}

/** @throws Unacceptable when it is nothing that can be asked for. */
function pathOf({ type, id }: Key): string {
  const collection = COLLECTIONS.get(type);
  if (!collection || idIn(id) !== id) throw new Unacceptable('unknown-kind', 'Ecovelo has no such kind of object.');
  return `/${collection}/${id}`;
}

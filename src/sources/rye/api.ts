import { createHttpClient, type HttpClient } from '../../http/client.ts';
import { NotTheProvider, Unacceptable, Unauthorized } from '../../http/errors.ts';
import type { Description } from '../../storage/items.ts';
import type { Key, Statement } from '../../vocabulary.ts';
import type { Credentials, Snapshot } from '../source.ts';
import { objectIn, refusal } from './answer.ts';
import { describeRecord } from './describe.ts';
import { instantIn, isId } from './event.ts';
import { createEvents } from './events.ts';
import { createGraphql } from './graphql.ts';

export interface RyeApiConfig {
  baseUrl: string;
  graphqlUrl: string;
  apiKey: string | undefined;
}

/** The second to which `date` is told, in milliseconds. */
const END_OF_SECOND_MS = 999;

/** What can be asked of Rye. What cannot, or what does not answer, is as its latest event has stated it. */
export function createApi({ baseUrl, graphqlUrl, apiKey }: RyeApiConfig) {
  const http = createHttpClient(new URL(baseUrl));
  const graphql = createGraphql(new URL(graphqlUrl), apiKey);
  const events = createEvents(http);

  async function fetchIntent(key: Key, { headers }: Credentials, statement?: Statement): Promise<Snapshot> {
    const answer = await get(http, `/api/v1/checkout-intents/${encodeURIComponent(key.id)}`, headers);
    if (answer.status !== 200) return refusal(answer);
    const intent = objectIn(answer);
    if (intent.id !== key.id) throw new NotTheProvider('The answer is not what was asked for.', { answer });
    const version = latest(instantIn(intent.updatedAt) ?? endOfSecond(answer.headers.date), statement?.version);
    return {
      kind: 'present',
      raw: answer.body,
      beganAt: answer.beganAt,
      describe: () => ({ ...describe(answer.body, key), version }),
    };
  }

  /** The event whole, and with it what Rye says now of what it is about, where it says something. */
  async function fetchStated(key: Key, { headers }: Credentials, { version, body }: Statement): Promise<Snapshot> {
    if (body === null) return { kind: 'gone', version };
    const event: unknown = JSON.parse(body.toString('utf8'));
    const now = key.type === 'shipment' ? await shipment(key, headers) : await graphql.ask(key, event);
    const raw = now === undefined ? body : Buffer.from(JSON.stringify({ event, [key.type]: now }));
    return { kind: 'present', raw, beganAt: 0, stated: true, describe: () => ({ ...describe(raw, key), version }) };
  }

  /**
   * An event about a shipment is only its id. That it can be asked for is known from Rye's own client libraries alone, so an answer
   * that is no shipment leaves the event as it is.
   */
  async function shipment(key: Key, headers: Record<string, string>): Promise<unknown> {
    if (!apiKey) return undefined;
    const answer = await get(http, `/api/v1/shipments/${encodeURIComponent(key.id)}`, headers);
    if (answer.status !== 200) return undefined;
    try {
      const found = objectIn(answer);
      return found.id === key.id ? found : undefined;
    } catch (error) {
      if (error instanceof NotTheProvider) return undefined;
      throw error;
    }
  }

  const describe = (raw: Buffer, key: Key): Description => describeRecord(objectIn({ status: 200, body: raw }), key);

  return {
    describe,

    async fetch(key: Key, credentials: Credentials, statement?: Statement): Promise<Snapshot> {
      if (key.type === 'account') {
        if (apiKey) await events.probe(credentials);
        return { kind: 'accepted' };
      }
      if (!isId(key.id)) throw new Unacceptable('no-id', 'Its id is none that Rye gives.');
      if (apiKey && key.type === 'checkout_intent') return fetchIntent(key, credentials, statement);
      if (statement) return fetchStated(key, credentials, statement);
      throw new Unacceptable('nothing-stated', 'Rye cannot be asked for it, and no event about it is waiting.');
    },

    changesSince: events.changesSince,

    async close(): Promise<void> {
      await Promise.all([http.close(), graphql.close()]);
    },
  };
}

async function get(http: HttpClient, path: string, headers: Record<string, string>) {
  const answer = await http.get(path, headers);
  if (answer.status === 401) throw new Unauthorized();
  return answer;
}

/**
 * A checkout intent has no `updatedAt` (Rye's OpenAPI file, as its client libraries have it): then it is as of when it was asked for,
 * on the provider's clock. Events of that second are in what it said, or come with a task of their own.
 */
function endOfSecond(date: string | undefined): string {
  const told = Date.parse(date ?? '');
  return new Date((Number.isNaN(told) ? Date.now() : told) + END_OF_SECOND_MS).toISOString();
}

const latest = (one: string, other = ''): string => (one > other ? one : other);

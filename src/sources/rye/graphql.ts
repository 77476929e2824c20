import { type Answer, createHttpClient, LIMITS } from '../../http/client.ts';
import { RateLimited } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import type { Key } from '../../vocabulary.ts';
import { isObject } from '../element.ts';
import { isV2, marketplaceIn } from './event.ts';

/** Milliseconds. What is asked here is not needed, so it is not waited for as long as for what is. */
const PATIENCE = { ...LIMITS, connectMs: 5_000, headersMs: 10_000, totalMs: 15_000 };

/** Fields that Rye's documents and its client library ask for. Sources: "Intro to GraphQL", `rye-sdk`. */
const ORDER =
  'query ($id: ID!) { orderByID(id: $id) { id status marketplace marketplaceOrderIds shipments { carrierName carrierTrackingNumber carrierTrackingUrl } } }';
const PRODUCT =
  'query ($input: ProductByIDInput!) { productByID(input: $input) { id title vendor url isAvailable price { currency value displayValue } } }';

/**
 * What Rye says now of an order or a product of v1, beside what its event says. Events of v1 are whole, and its GraphQL is the older API:
 * so where it refuses the key, does not know the thing or does not answer, the event alone is what there is, and nothing is lost or
 * believed to be deleted.
 */
export function createGraphql(address: URL, apiKey: string | undefined) {
  const http = createHttpClient(address, PATIENCE);
  const path = `${address.pathname}${address.search}`;

  async function query(text: string, variables: object): Promise<Record<string, unknown> | undefined> {
    const answer = await http.postJson(path, { authorization: `Basic ${apiKey}` }, { query: text, variables });
    return answer.status === 200 ? dataIn(answer) : undefined;
  }

  async function find({ type, id }: Key, event: unknown): Promise<unknown> {
    if (type === 'order') return (await query(ORDER, { id }))?.orderByID;
    const marketplace = marketplaceIn(event)?.toUpperCase();
    if (type !== 'product' || !marketplace) return undefined;
    return (await query(PRODUCT, { input: { id, marketplace } }))?.productByID;
  }

  return {
    /** @returns undefined where it says nothing. @throws RateLimited */
    async ask(key: Key, event: unknown): Promise<unknown> {
      if (!apiKey || isV2(event)) return undefined;
      try {
        const found = await find(key, event);
        return isObject(found) && found.id === key.id ? found : undefined;
      } catch (error) {
        if (error instanceof RateLimited) throw error;
        // The event is enough; see above.
        return undefined;
      }
    },
    close: () => http.close(),
  };
}

/** An answer with errors is partial at best. */
function dataIn(answer: Answer): Record<string, unknown> | undefined {
  const value = parseJson(answer);
  if (!isObject(value) || value.errors !== undefined) return undefined;
  return isObject(value.data) ? value.data : undefined;
}

import type { TradeGeckoConfig } from '../../config.ts';
import { createHttpClient } from '../../http/client.ts';
import type { Source } from '../source.ts';
import { createApi } from './api.ts';
import { createGrants } from './grants.ts';
import { createPace } from './pace.ts';
import { parse, read, readElement } from './read.ts';
import { presentToken } from './token.ts';
import { createVerify } from './verify.ts';

/**
 * TradeGecko, later QuickBooks Commerce. Its owner has retired it; systems like it go on speaking so.
 * What is known is public: the provider's pages, its client library and that library's recordings.
 */
export function createTradeGecko(config: TradeGeckoConfig, now: () => number = Date.now): Source {
  const http = createHttpClient(new URL(config.baseUrl));
  const pace = createPace(http, now);
  const api = createApi(pace);
  return {
    name: 'tradegecko',
    addressedByAccount: true,
    cursor: 'time',
    keptHeaders: ['content-type', 'user-agent', 'x-gecko-delivery'],
    ...createVerify(config.clientSecret),
    repeats: ({ headers: { 'x-gecko-delivery': name } }) => (typeof name === 'string' ? name : undefined),
    holdsSecret: () => false,
    withoutSecret: (text) => text,
    parse,
    read,
    readElement,
    present: presentToken,
    ...api,
    ...createGrants(config, http, api.whoAmI, now),
    async close() {
      pace.close();
      await http.close();
    },
  };
}

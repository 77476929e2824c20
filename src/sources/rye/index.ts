import type { RyeConfig } from '../../config.ts';
import type { Source } from '../source.ts';
import { createApi } from './api.ts';
import { handshake } from './handshake.ts';
import { ACCOUNT, parse, read, readElement } from './read.ts';
import { createVerify } from './verify.ts';

/** Rye: v1, the Sync API, and v2, Universal Checkout, at one address. */
export function createRye(config: RyeConfig): Source {
  const { changesSince, ...api } = createApi(config);
  const credentials = config.apiKey ? { authorization: `Bearer ${config.apiKey}` } : undefined;
  // v1 has nothing to ask what was missed, and v2 has it for whoever has a key. Then it is not there, and everybody is told so.
  const canAsk = credentials && config.webhookSecret;
  return {
    name: 'rye',
    addressedByAccount: false,
    ownAccount: ACCOUNT,
    present: () => credentials ?? {},
    keptHeaders: ['content-type', 'user-agent', 'x-rye-event-id', 'x-rye-timestamp', 'x-rye-topic'],
    ...createVerify(config),
    handshake,
    holdsSecret: () => false,
    withoutSecret: (text) => text,
    parse,
    read,
    readElement,
    ...api,
    canAskFor: (type) => credentials !== undefined && type === 'checkout_intent',
    cursor: 'mark',
    ...(canAsk && { changesSince }),
    whoAmI: async () => ({ userId: ACCOUNT.id, name: ACCOUNT.name }),
  };
}

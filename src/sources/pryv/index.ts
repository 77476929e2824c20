import { Unacceptable, Unauthorized } from '../../http/errors.ts';
import type { Seal } from '../../seal.ts';
import type { Source } from '../source.ts';
import { createApi } from './api.ts';
import { createAsk } from './ask.ts';
import { createClients } from './clients.ts';
import { accountOf, endpointIn, readEndpoint, stored } from './endpoint.ts';
import { parse, read, withoutSecret } from './read.ts';
import { createVerify } from './verify.ts';
import { reviveWebhook } from './webhooks.ts';

/** Pryv.io: an API for each user, and webhooks that say only that something changed. Needs no settings. */
export function createPryv(keys: Pick<Seal, 'subKeys'>): Source {
  const clients = createClients();
  const ask = createAsk(clients);
  const api = createApi(ask);
  const { isAddressOf, ...verifying } = createVerify(keys);
  return {
    name: 'pryv',
    addressedByAccount: true,
    cursor: 'mark',
    keptHeaders: ['content-type', 'user-agent'],
    ...verifying,
    holdsSecret: () => false,
    withoutSecret,
    parse,
    read,
    readElement: read,
    ...api,

    present: (token) => ({ authorization: endpointIn(token).token }),
    endpoint: (token) => endpointIn(token).url,
    reviveWebhook: (account, credentials) =>
      reviveWebhook(ask, (address) => isAddressOf(account, address), credentials),

    async enrol({ endpoint: text }) {
      const endpoint = readEndpoint(text);
      const credentials = { headers: { authorization: endpoint.token }, endpoint: endpoint.url };
      const { name } = await api.whoAmI(credentials).catch((error: unknown) => {
        if (error instanceof Unauthorized) throw new Unacceptable('token', 'Pryv refuses the token in the endpoint.');
        throw error;
      });
      return { id: accountOf(endpoint), name, token: stored(endpoint) };
    },

    close: () => clients.close(),
  };
}

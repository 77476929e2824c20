import type { EcoveloConfig } from '../../config.ts';
import { createHttpClient } from '../../http/client.ts';
import type { Source } from '../source.ts';
import { createApi } from './api.ts';
import { parse, read, readElement } from './read.ts';
import { ACCOUNT, createVerify } from './verify.ts';

/** Ecovelo, bike-share. Source: its page "Webhooks"; what that leaves open is said where it is decided. */
export function createEcovelo(config: EcoveloConfig): Source {
  const api = createApi(createHttpClient(new URL(config.baseUrl)), config);
  const ownAccount = { id: ACCOUNT, name: 'Ecovelo' };
  return {
    name: 'ecovelo',
    addressedByAccount: false,
    ownAccount,
    cursor: 'time',
    keptHeaders: ['content-type', 'user-agent'],
    ...createVerify(config.webhookSecret),
    webhookQuery: () => `?secret=${encodeURIComponent(config.webhookSecret)}`,
    parse,
    read,
    readElement,
    ...api,
    async whoAmI(credentials) {
      await api.fetch({ source: 'ecovelo', account: ACCOUNT, type: 'account', id: 'token' }, credentials);
      return { userId: ownAccount.id, name: ownAccount.name };
    },
  };
}

import { createHmac } from 'node:crypto';
import type { Seal } from '../../seal.ts';
import { isOneOf } from '../signature.ts';
import type { Source } from '../source.ts';
import { isAccount } from './endpoint.ts';

interface Verify extends Pick<Source, 'refuses' | 'verify'> {
  webhookQuery(account: string): string;
  /** Is this where the account's webhooks should go? Nobody else could have made its secret, so the host does not matter. */
  isAddressOf(account: string, address: unknown): boolean;
}

/**
 * Pryv signs nothing: who is meant and whether to believe it is in the address, and the provider's guide on webhooks advises a secret
 * there. It is derived and kept nowhere: whoever has the key of this installation, and nobody else, can make the one of an account.
 */
export function createVerify(keys: Pick<Seal, 'subKeys'>): Verify {
  const subKeys = keys.subKeys('pryv webhook');

  /** One for each key: what was registered before a rotation is good as long as its key is there. */
  const secretsOf = (account: string): string[] =>
    subKeys.map((key) => createHmac('sha256', key).update(account).digest('base64url'));

  const isOurs = (account: string, secret: string | undefined): boolean => isOneOf(secretsOf(account), secret);

  return {
    refuses: ({ account, secret }) => (isAccount(account) && isOurs(account, secret) ? undefined : MISMATCH),
    verify: ({ account, secret }) =>
      isAccount(account) && isOurs(account, secret) ? { ok: true, client: account } : { ok: false, message: MISMATCH },
    webhookQuery: (account) => `?secret=${secretsOf(account)[0] ?? ''}`,
    isAddressOf(account, address) {
      if (typeof address !== 'string' || !URL.canParse(address)) return false;
      const { pathname, searchParams } = new URL(address);
      const given = searchParams.getAll('secret');
      const path = pathname.replace(/\/$/, '');
      return path.endsWith(`/webhooks/pryv/${account}`) && given.length === 1 && isOurs(account, given[0]);
    },
  };
}

const MISMATCH = 'The secret in the address is missing or is not the one of this account.';

import { isSignedBy } from '../signature.ts';
import type { RequestHead, Source } from '../source.ts';
import { idIn } from './resources.ts';

/**
 * `X-Gecko-Signature` is the base64 HMAC-SHA256 of the raw body under the secret of the OAuth application. Source: the provider's page on
 * webhooks. One secret signs for every account, and the payload names none: so the account is the one that the address names.
 *
 * @throws Error when the secret is empty: anybody can sign with that one.
 */
export function createVerify(clientSecret: string): Pick<Source, 'refuses' | 'verify'> {
  if (clientSecret === '') throw new Error('TRADEGECKO_CLIENT_SECRET is empty: anybody could sign with it.');

  function claimOf({ headers, account }: RequestHead) {
    const signature = headers['x-gecko-signature'];
    const client = idIn(account);
    if (client === undefined) return 'The address does not end in the id of an account.';
    return typeof signature === 'string' ? { client, signature } : 'The header x-gecko-signature is missing.';
  }

  return {
    refuses(head) {
      const claim = claimOf(head);
      return typeof claim === 'string' ? claim : undefined;
    },
    verify({ body, ...head }) {
      const claim = claimOf(head);
      if (typeof claim === 'string') return { ok: false, message: claim };
      return isSignedBy([clientSecret], body, claim.signature, 'base64')
        ? { ok: true, client: claim.client }
        : { ok: false, message: 'The signature does not match the body.' };
    },
  };
}

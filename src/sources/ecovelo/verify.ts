import { isOneOf } from '../signature.ts';
import type { Source } from '../source.ts';

/** The one account: its API key is in the environment. */
export const ACCOUNT = 'default';

/**
 * Ecovelo documents no signature, so what shows that a webhook is its own is a secret in the address that it was given.
 *
 * @throws Error when the secret is empty: everybody knows that one.
 */
export function createVerify(secret: string): Pick<Source, 'refuses' | 'verify' | 'holdsSecret' | 'withoutSecret'> {
  if (secret === '') throw new Error('The secret of Ecovelo’s webhooks is empty: anybody could send them.');
  const spellings = [secret, encodeURIComponent(secret)];
  return {
    refuses: ({ secret: given }) => (isOneOf([secret], given) ? undefined : REFUSED),
    verify: ({ secret: given }) =>
      isOneOf([secret], given) ? { ok: true, client: ACCOUNT } : { ok: false, message: REFUSED },
    // An event may repeat its subscription, and the address of that is the secret's own.
    holdsSecret: (body) => spellings.some((each) => body.includes(each)),
    withoutSecret: (text) => spellings.reduce((rest, each) => rest.replaceAll(each, '…'), text),
  };
}

const REFUSED = 'The address has no secret in it, or not ours.';

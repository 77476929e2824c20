import type { IncomingHttpHeaders } from 'node:http';
import { isSignature, isSignedBy } from '../signature.ts';
import type { Source } from '../source.ts';

export interface RyeSecrets {
  /** Signs v1. */
  hmacSecret: string | undefined;
  /** Signs v2. */
  webhookSecret: string | undefined;
}

type Encoding = Parameters<typeof isSignature>[1];

/** How one dialect signs the raw body. Sources: Rye's pages "Webhooks overview" (v1) and "Universal Checkout, webhooks" (v2). */
interface Signing {
  dialect: 'v1' | 'v2';
  header: string;
  /** Before the digest. */
  prefix: string;
  encoding: Encoding;
  secret: string;
}

/**
 * A request needs the signature of one dialect whose secret is configured. One with both needs both to be right: who can sign can sign
 * twice, and a wrong one beside a right one was put there by somebody else. `rye-verification`, `x-rye-event-id`, `x-rye-timestamp` and
 * `x-rye-topic` are outside the signature: nothing is taken from them.
 *
 * @throws Error when a secret is empty: anybody can sign with that one.
 */
export function createVerify(secrets: RyeSecrets): Pick<Source, 'refuses' | 'verify'> {
  const signings = signingsOf(secrets);
  const missing = `There is no ${signings.map(({ header }) => header).join(' and no ')}.`;

  function claimsOf(headers: IncomingHttpHeaders): { signing: Signing; signature: string }[] | string {
    const given = signings.filter(({ header }) => headers[header] !== undefined);
    if (given.length === 0) return missing;
    const claims = given.flatMap((signing) => {
      const signature = signatureIn(headers[signing.header], signing);
      return signature === undefined ? [] : [{ signing, signature }];
    });
    return claims.length === given.length ? claims : MISMATCH;
  }

  return {
    refuses({ headers }) {
      const claims = claimsOf(headers);
      return typeof claims === 'string' ? claims : undefined;
    },
    verify({ headers, body }) {
      const claims = claimsOf(headers);
      if (typeof claims === 'string') return { ok: false, message: claims };
      const right = claims.filter(({ signing, signature }) =>
        isSignedBy([signing.secret], body, signature, signing.encoding),
      );
      if (right.length < claims.length) return { ok: false, message: MISMATCH };
      return { ok: true, client: right.map(({ signing }) => signing.dialect).join(' ') };
    },
  };
}

function signingsOf({ hmacSecret, webhookSecret }: RyeSecrets): Signing[] {
  if (hmacSecret === '' || webhookSecret === '')
    throw new Error('A webhook secret of Rye is empty: anybody could sign with it.');
  return [
    ...(hmacSecret ? [{ ...V1, secret: hmacSecret }] : []),
    ...(webhookSecret ? [{ ...V2, secret: webhookSecret }] : []),
  ];
}

const V1 = { dialect: 'v1', header: 'rye-hmac-signature-v1', prefix: '', encoding: 'base64' } as const;
const V2 = { dialect: 'v2', header: 'x-rye-signature', prefix: 'v0=', encoding: 'hex' } as const;

/** A header that came twice arrives joined, and is not in the form. */
function signatureIn(given: string | string[] | undefined, { prefix, encoding }: Signing): string | undefined {
  if (typeof given !== 'string' || !given.startsWith(prefix)) return undefined;
  const signature = given.slice(prefix.length);
  return isSignature(signature, encoding) ? signature : undefined;
}

const MISMATCH = 'The signature does not match the body.';

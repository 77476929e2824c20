import type { IncomingHttpHeaders } from 'node:http';
import type { ClientConfig } from '../../config.ts';
import { isSignature, isSignedBy } from '../signature.ts';
import type { Source } from '../source.ts';

/**
 * `x-rwgps-api-key` names the client, `x-rwgps-signature` is the HMAC-SHA256 of the raw body under one of its secrets
 * (several while a secret is being rotated). Source: the provider's page "Sync and webhooks", section "Webhook request".
 *
 * @throws Error when a secret is empty: anybody can sign with that one.
 */
export function createVerify(clients: readonly ClientConfig[]): Pick<Source, 'refuses' | 'verify'> {
  const secrets = new Map(clients.map(({ apiKey, webhookSecrets }) => [apiKey, webhookSecrets]));
  for (const [apiKey, each] of secrets) {
    if (each.includes(''))
      throw new Error(`A secret of the API client ${apiKey} is empty: anybody could sign with it.`);
  }

  function claimOf(headers: IncomingHttpHeaders) {
    const apiKey = headers['x-rwgps-api-key'];
    const signature = headers['x-rwgps-signature'];
    if (typeof apiKey !== 'string') return 'The header x-rwgps-api-key is missing.';
    if (typeof signature !== 'string') return 'The header x-rwgps-signature is missing.';
    const known = secrets.get(apiKey);
    if (!known) return 'The API key is not one of ours.';
    return isSignature(signature, 'hex') ? { apiKey, signature, secrets: known } : MISMATCH;
  }

  return {
    refuses({ headers }) {
      const claim = claimOf(headers);
      return typeof claim === 'string' ? claim : undefined;
    },
    verify({ headers, body }) {
      const claim = claimOf(headers);
      if (typeof claim === 'string') return { ok: false, message: claim };
      const { apiKey, signature } = claim;
      return isSignedBy(claim.secrets, body, signature, 'hex')
        ? { ok: true, client: apiKey }
        : { ok: false, message: MISMATCH };
    },
  };
}

const MISMATCH = 'The signature does not match the body.';

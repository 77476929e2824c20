import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ClientConfig } from '../../config.ts';
import type { RawRequest, Verification } from '../source.ts';

/** Lower-case hex of 32 bytes, nothing else: Node's own decoder would skip junk. A header sent twice arrives joined and fails. */
const SIGNATURE = /^[0-9a-f]{64}$/;

/**
 * `x-rwgps-api-key` names the client, `x-rwgps-signature` is the HMAC-SHA256 of the raw body under one of its secrets
 * (several while a secret is being rotated). Source: the provider's page "Sync and webhooks", section "Webhook request".
 */
export function createVerify(clients: readonly ClientConfig[]): (request: RawRequest) => Verification {
  const secrets = new Map(clients.map(({ apiKey, webhookSecrets }) => [apiKey, webhookSecrets]));

  return ({ headers, body }) => {
    const apiKey = headers['x-rwgps-api-key'];
    const signature = headers['x-rwgps-signature'];
    if (typeof apiKey !== 'string') return { ok: false, message: 'The header x-rwgps-api-key is missing.' };
    if (typeof signature !== 'string') return { ok: false, message: 'The header x-rwgps-signature is missing.' };
    const known = secrets.get(apiKey);
    if (!known) return { ok: false, message: 'The API key is not one of ours.' };
    if (!SIGNATURE.test(signature) || !signedByOneOf(known, body, signature)) {
      return { ok: false, message: 'The signature does not match the body.' };
    }
    return { ok: true, client: apiKey };
  };
}

function signedByOneOf(secrets: readonly string[], body: Buffer, signature: string): boolean {
  const given = Buffer.from(signature, 'hex');
  let matches = false;
  for (const secret of secrets) {
    // No early exit: how long it takes must not tell which secret matched.
    if (timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given)) matches = true;
  }
  return matches;
}

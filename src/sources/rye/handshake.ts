import { isObject, isText } from '../element.ts';

/** Far longer than any that is documented; what is sent back is not to be anybody's text of any length. */
const LONGEST = 1_024;

/**
 * Only a request of these two types is one: Rye's own sample answers to any body with a `challenge`, an order's included. Source: Rye's
 * pages "Webhooks overview" (v1) and "Universal Checkout, webhooks" (v2), section "URL verification handshake".
 */
export function handshake(value: unknown): Record<string, string> | undefined {
  const challenge = isObject(value) ? challengeIn(value) : undefined;
  return isText(challenge) && challenge.length <= LONGEST ? { challenge } : undefined;
}

function challengeIn({ type, data, source }: Record<string, unknown>): unknown {
  if (type === 'WEBHOOK_URL_VERIFICATION') return isObject(data) ? data.challenge : undefined;
  if (type === 'webhook_endpoint.verification_challenge') return isObject(source) ? source.id : undefined;
  return undefined;
}

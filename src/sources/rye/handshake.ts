import { z } from 'zod';

/** Far longer than any that is documented; what is sent back is not to be anybody's text of any length. */
const word = z.string().min(1).max(1_024);

/** Source: Rye's pages "Webhooks overview" (v1) and "Universal Checkout, webhooks" (v2), section "URL verification handshake". */
const challenge = z.union([
  z
    .object({ type: z.literal('WEBHOOK_URL_VERIFICATION'), data: z.object({ challenge: word }) })
    .transform(({ data }) => data.challenge),
  z
    .object({ type: z.literal('webhook_endpoint.verification_challenge'), source: z.object({ id: word }) })
    .transform(({ source }) => source.id),
]);

/** Only a request of these two types is one: Rye's own sample answers to any body with a `challenge`, an order's included. */
export function handshake(value: unknown): Record<string, string> | undefined {
  const asked = challenge.safeParse(value);
  return asked.success ? { challenge: asked.data } : undefined;
}

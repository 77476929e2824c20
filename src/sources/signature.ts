import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 bytes and nothing else: Node's own decoders would skip junk. Of base64, only the one form that the encoder writes. */
const FORM = { hex: /^[0-9a-f]{64}$/, base64: /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/ };

/** Can it be a signature at all? Whoever sends something else is refused before the body is read. */
export const isSignature = (given: string, encoding: keyof typeof FORM): boolean => FORM[encoding].test(given);

/**
 * Is `given` the HMAC-SHA256 of the raw body under one of the secrets? No early exit: how long it takes must not tell which secret
 * matched. A header that came twice arrives joined, and is not in the form.
 */
export function isSignedBy(
  secrets: readonly (string | Uint8Array)[],
  body: Buffer,
  given: string,
  encoding: keyof typeof FORM,
): boolean {
  if (!isSignature(given, encoding)) return false;
  const signature = Buffer.from(given, encoding);
  let matches = false;
  for (const secret of secrets) {
    if (timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature)) matches = true;
  }
  return matches;
}

/** Is `given` one of the secrets? Compared by digests, so that neither content nor length shows in the time it takes. */
export function isOneOf(secrets: readonly string[], given: string | undefined): boolean {
  if (!given) return false;
  const digest = (text: string) => createHmac('sha256', COMPARING).update(text).digest();
  const wanted = digest(given);
  let matches = false;
  for (const secret of secrets) {
    if (secret !== '' && timingSafeEqual(digest(secret), wanted)) matches = true;
  }
  return matches;
}

const COMPARING = randomBytes(32);

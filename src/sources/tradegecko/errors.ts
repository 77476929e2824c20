import type { Answer } from '../../http/client.ts';
import { NotTheProvider, Unacceptable, Unauthorized } from '../../http/errors.ts';
import { isObject } from '../element.ts';
import type { Snapshot } from '../source.ts';

/**
 * What a refusal means. A 404 in another shape is some proxy's, and no evidence of anything.
 *
 * @throws Unauthorized Unacceptable NotTheProvider
 */
export function absence(answer: Answer): Extract<Snapshot, { kind: 'gone' | 'forbidden' }> {
  const { status, body } = answer;
  if (status === 401) throw new Unauthorized();
  if (!isProviderError(body))
    throw new NotTheProvider(`It answered ${status} in a form that is not the provider's.`, { answer });
  if (status === 404 || status === 410) return { kind: 'gone' };
  if (status === 403) return { kind: 'forbidden', answer: { status, body } };
  throw new Unacceptable(`http-${status}`, `TradeGecko answered ${status}.`, { answer });
}

/**
 * No public page shows the body of a 404. Known are `message` (the provider's own token wrapper), `error` (its OAuth answers) and `errors`
 * (recordings of the client library), so any of these counts; the brake on deletions is what a proxy's look-alike would meet.
 */
export function isProviderError(body: Buffer): boolean {
  if (body.length > 10_000) return false;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (!isObject(value)) return false;
    return typeof value.message === 'string' || typeof value.error === 'string' || isObject(value.errors);
  } catch {
    // HTML or nothing: not the provider's.
    return false;
  }
}

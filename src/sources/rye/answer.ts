import type { Answered } from '../../evidence.ts';
import type { Answer } from '../../http/client.ts';
import { NotTheProvider, Unacceptable } from '../../http/errors.ts';
import { parseJson } from '../../http/json.ts';
import { isObject } from '../element.ts';
import type { Snapshot } from '../source.ts';

/** @throws NotTheProvider when it is none. */
export function objectIn(answer: Answered): Record<string, unknown> {
  const value = parseJson(answer);
  if (!isObject(value)) throw new NotTheProvider('The answer is not an object.', { answer });
  return value;
}

/** What a refusal of an item means. A 404 in another shape is some proxy's, and no evidence of anything. */
export function refusal(answer: Answer): Snapshot {
  const { status, body } = answer;
  if (!isProviderError(body))
    throw new NotTheProvider(`It answered ${status} in a form that is not the provider's.`, { answer });
  if (status === 404 || status === 410) return { kind: 'gone' };
  if (status === 403) return { kind: 'forbidden', answer: { status, body } };
  throw new Unacceptable(`http-${status}`, `Rye answered ${status}.`, { answer });
}

/** "An error code and message" (Rye's page "Errors"); under which names is unknown: in an object, as `message`, `error` or `errors`. */
function isProviderError(body: Buffer): boolean {
  if (body.length > 10_000) return false;
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (!isObject(value)) return false;
    return typeof value.message === 'string' || isTold(value.error) || Array.isArray(value.errors);
  } catch {
    // HTML or nothing: not the provider's.
    return false;
  }
}

const isTold = (error: unknown): boolean => typeof error === 'string' || isObject(error);

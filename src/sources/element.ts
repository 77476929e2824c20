import { evidenceOf } from '../evidence.ts';

/** What came as JSON is looked at with these: it may be anything. By hand, because each worker thread would load zod for it. */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** An id of digits. A number that is larger than a double counts exactly was another one before it was parsed. */
export function digitsIn(value: unknown): string | undefined {
  const text = typeof value === 'string' || Number.isSafeInteger(value) ? String(value) : '';
  return /^[1-9]\d{0,18}$/.test(text) ? text : undefined;
}

/** Somebody else's word in a sentence or a column: short, and nothing in it that a terminal would obey. */
export const word = (text: string, most = 40): string => text.slice(0, most).replace(/\p{Cc}/gu, '\uFFFD');

/** Of an element that could not be read, what a person can judge it by, and what it can be read again from. */
export const evidenceIn = (element: unknown, withoutSecret: (text: string) => string = (text) => text): string =>
  evidenceOf(jsonBytes(element) ?? '', withoutSecret);

/** JSON is parsed at any depth, and written only as deep as the stack: undefined beyond it. */
export function jsonBytes(value: unknown): Buffer | undefined {
  try {
    return Buffer.from(JSON.stringify(value) ?? '');
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

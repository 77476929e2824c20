import type { Answered } from '../evidence.ts';
import { NotTheProvider, Unacceptable } from './errors.ts';

/** Smaller ones cannot become large enough, whatever is in them. */
const ALWAYS_FINE_BYTES = 4 * 1024 * 1024;
/** Well below the heap of a worker thread; see `threads.ts`. */
const MOST_HEAP_BYTES = 400 * 1024 * 1024;

/** What V8 needs at least for an empty array or object, and for a value in one. */
const CONTAINER_BYTES = 32;
const VALUE_BYTES = 16;
/** What it needs for each key of objects that have other keys than all before them: every such kind is described on its own. */
const NEW_KEY_BYTES = 300;

/** What is nested deeper can be parsed, and then neither written nor compared. Real items have a few levels. */
const MOST_LEVELS = 500;

const [QUOTE, BACKSLASH, COLON, COMMA, BRACKET, END_OF_BRACKET, BRACE, END_OF_BRACE] = [...'"\\:,[]{}'].map((text) =>
  text.charCodeAt(0),
);
const SPACES = new Set([...' \t\n\r'].map((text) => text.charCodeAt(0)));

/**
 * `JSON.parse` for bytes from outside. A parse that runs out of memory ends the whole process, whatever heap its thread was
 * given: V8 cannot stop in the middle of it. So its size is estimated first, from the bytes.
 *
 * @throws NotTheProvider when it is not JSON, Unacceptable when it would be too large in memory.
 */
export function parseJson(answer: Answered): unknown {
  const { body } = answer;
  if (body.length > ALWAYS_FINE_BYTES && heapFor(body) > MOST_HEAP_BYTES) {
    throw new Unacceptable('too-complex', 'Its data would need more memory than a worker has.', { answer });
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new NotTheProvider('The answer is not JSON.', { cause, answer });
  }
}

/** Of JSON that was parsed already. Most bytes mean nothing to it, and it is asked of every new body. */
export function isTooDeep(body: Buffer): boolean {
  let levels = 0;
  for (let at = 0; at < body.length; at += 1) {
    const step = STEPS[body[at] ?? 0];
    if (step === TEXT) {
      at += 1;
      while (at < body.length && body[at] !== QUOTE) at += body[at] === BACKSLASH ? 2 : 1;
    } else if (step) {
      levels += step;
      if (levels > MOST_LEVELS) return true;
    }
  }
  return false;
}

const TEXT = 2;
/** By the byte: one level deeper, one less, or the beginning of a text. */
const STEPS = new Int8Array(256);
for (const byte of [BRACKET, BRACE]) STEPS[byte ?? 0] = 1;
for (const byte of [END_OF_BRACKET, END_OF_BRACE]) STEPS[byte ?? 0] = -1;
STEPS[QUOTE ?? 0] = TEXT;

/** A lower bound; for objects it counts on alike ones being alike in memory. Real rides stay far below the limit. */
function heapFor(body: Buffer): number {
  const kinds = new Set<number>();
  /** Of the objects that are open: what their keys come to as a number, and how many they are. */
  const open: { keys: number; count: number }[] = [];
  let heap = body.length;
  for (let at = 0; at < body.length && heap <= MOST_HEAP_BYTES; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) {
      const { end, hash } = textAt(body, at);
      at = end;
      const object = isKey(body, end) ? open.at(-1) : undefined;
      if (object) {
        object.keys = mixed(object.keys, hash);
        object.count += 1;
      }
    } else if (byte === COMMA) heap += VALUE_BYTES;
    else if (byte === BRACKET) heap += CONTAINER_BYTES;
    else if (byte === BRACE) {
      heap += CONTAINER_BYTES;
      open.push({ keys: 17, count: 0 });
    } else if (byte === END_OF_BRACE) {
      const { keys, count } = open.pop() ?? { keys: 0, count: 0 };
      if (!kinds.has(keys)) heap += NEW_KEY_BYTES * count;
      kinds.add(keys);
    }
  }
  return heap;
}

function isKey(body: Buffer, end: number): boolean {
  let next = end + 1;
  while (SPACES.has(body[next] ?? 0)) next += 1;
  return body[next] === COLON;
}

/** Where the text that begins at a quotation mark ends, and its bytes as a number. */
function textAt(body: Buffer, begin: number): { end: number; hash: number } {
  let hash = 0;
  let end = begin + 1;
  for (; end < body.length && body[end] !== QUOTE; end += 1) {
    if (body[end] === BACKSLASH) end += 1;
    hash = mixed(hash, body[end] ?? 0);
  }
  return { end, hash };
}

/** FNV-1a, which tells short texts apart well. */
const mixed = (hash: number, value: number): number => Math.imul(hash ^ value, 16_777_619);

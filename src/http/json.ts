import { NotTheProvider, Unacceptable } from './errors.ts';

/** Smaller ones cannot become large enough, whatever is in them. */
const ALWAYS_FINE_BYTES = 4 * 1024 * 1024;
/** Well below the heap of a worker thread; see `pool.ts`. */
const MOST_HEAP_BYTES = 400 * 1024 * 1024;

/** What V8 needs at least for an empty array or object, and for a value in one. */
const CONTAINER_BYTES = 32;
const VALUE_BYTES = 16;

const [COMMA, BRACKET, BRACE] = [','.charCodeAt(0), '['.charCodeAt(0), '{'.charCodeAt(0)];

/**
 * `JSON.parse` for bytes from outside. A parse that runs out of memory ends the whole process, whatever heap its thread was
 * given: V8 cannot stop in the middle of it. So its size is estimated first, from the bytes.
 *
 * @throws NotTheProvider when it is not JSON, Unacceptable when it would be too large in memory.
 */
export function parseJson(body: Buffer): unknown {
  if (body.length > ALWAYS_FINE_BYTES && heapFor(body) > MOST_HEAP_BYTES) {
    throw new Unacceptable('too-complex', 'Its data would need more memory than a worker has.');
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new NotTheProvider('The answer is not JSON.', { cause });
  }
}

/** A lower bound. Text counts too, and a comma or brace within it: real rides stay far below the limit all the same. */
function heapFor(body: Buffer): number {
  let containers = 0;
  let values = 0;
  for (let index = 0; index < body.length; index += 1) {
    const byte = body[index];
    if (byte === COMMA) values += 1;
    else if (byte === BRACKET || byte === BRACE) containers += 1;
  }
  return body.length + containers * CONTAINER_BYTES + values * VALUE_BYTES;
}

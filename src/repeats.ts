import { createHash } from 'node:crypto';
import type { RawRequest, Source } from './sources/source.ts';

/** The latest so many are remembered. An older one that comes again is kept again, which costs one more look at its item. */
const MOST = 1_000;

/**
 * A sender that did not hear our answer sends the same request again. The name that it gives the request saves the work of taking it
 * twice, and nothing more: the name is not signed, so it counts only together with the client and all the bytes, and only once those are
 * committed. So another event under the same name is taken, and so is the same event under another name. Each process remembers only its
 * own: what is repeated to another process, or late, is one more notification.
 */
export function createRepeats() {
  const kept = new Set<string>();
  return {
    /** Undefined where the sender gives its requests no name. */
    of(source: Source, client: string, request: RawRequest) {
      const name = source.repeats?.(request);
      if (!name) return undefined;
      const hash = createHash('sha256')
        .update(JSON.stringify([source.name, client, name]))
        .update(request.body);
      const digest = hash.digest('base64url');
      return {
        wasKept: () => kept.has(digest),
        /** After the commit. */
        keep(): void {
          kept.add(digest);
          const [oldest] = kept;
          if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
        },
      };
    },
  };
}

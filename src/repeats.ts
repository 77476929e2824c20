import { createHash } from 'node:crypto';
import type { RawRequest, Source } from './sources/source.ts';

/** Those kept last. An older one that comes again is kept again, which costs one more look at its item. */
const MOST = 1_000;

/**
 * A sender that did not hear our answer sends the same request again. What it calls the request saves the work of taking it twice, and
 * nothing more: that name is not signed, so it counts together with the account and all the bytes, and only once they were committed.
 * So another event under the same name is taken, and so is the same event under another name. Each process knows its own alone: what
 * comes again to another one is a notification more, like what comes again late.
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

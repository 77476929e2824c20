/**
 * A small map that every process sees: what one has learnt and the others should know. Values are JSON and are replaced as a whole, the
 * last one wins. So it is nothing for what must be counted exactly, and whoever writes says why an overwritten value does no harm.
 */
export interface Board {
  /** Out of this process's own copy; undefined where there is none. What another process has put is here soon after. */
  get(name: string): unknown;
  /**
   * Replaces a value, or with undefined removes it: for this process at once, for the others when it resolves. What one process puts
   * under a name takes effect in the order of the calls, whether they are awaited or not.
   *
   * @throws a storage error when it was not taken: then it holds in this process alone, until another value comes.
   */
  put(name: string, value: unknown): Promise<void>;
  /**
   * Puts a value where nobody has put any.
   *
   * @returns what is there now: ours, or that of whoever was first. @throws a storage error when it could not be asked for.
   */
  offer(name: string, value: unknown): Promise<unknown>;
  /** Those that begin with it and have a value. */
  names(prefix: string): string[];
  /** Told after every put of any process, this one included; undefined: removed. @returns what ends it. */
  onChange(listener: (name: string, value: unknown) => void): () => void;
}

/** What only the present secret key opens; see `same-key.ts`. */
export const KEY_WORD = 'key';

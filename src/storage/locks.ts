/** What must not be done twice at once, in whichever processes. */
export interface Locks {
  /**
   * Does the work while nobody else does any under this name; who asks first is first. A process that dies holds nothing any more.
   *
   * @throws what the work throws, which ends its hold like anything else; a storage error when the lock could not be asked for.
   */
  hold<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** For a process that ends: who waits for another process is told at once, with a storage error. Who has its turn keeps it. */
  stop(): void;
}

/**
 * What every process should look at now. A signal is a hint: this process hears its own at once, the others soon after, and it may come
 * more than once or, while a connection is lost, not at all. So whoever listens looks for itself what there is, and now and then unasked.
 */
export interface Signals {
  /** Something of the account is not what it was, for whoever looks at it. */
  changed(account: string): void;
  /** Tasks may be due. */
  due(): void;
  /** @returns what ends it. */
  onChanged(listener: (account: string) => void): () => void;
  /** @returns what ends it. */
  onDue(listener: () => void): () => void;
}

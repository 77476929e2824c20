/** What made us look, as the history tells it. */
export interface Learnt {
  /** A word of `Notification['origin']`. */
  origin: string;
  /** The provider's word. */
  action: string;
  /** ISO 8601, our clock: the webhook where there was one, else when we learnt of it. */
  at: string;
}

/** One version of an item: a body that the mirror has or had. Times are ISO 8601; ours, where nothing else is said. */
export interface Revision {
  /** From 1, in the order in which they came here. The last one is the item as it is now. */
  revision: number;
  /** The provider's. */
  updated_at: string;
  fetched_at: string;
  /** The last fetch that found it so. */
  confirmed_at: string;
  /** Null: it is the present one. */
  replaced_at: string | null;
  /** Of the raw body. */
  bytes: number;
  /** Null where no fetch is on record. */
  learnt: Learnt | null;
}

/** What became of an item without a new body. */
export interface Passage {
  at: string;
  what: 'deleted' | 'hidden' | 'back';
  learnt: Learnt;
}

/** Earlier versions and what else happened to an item. Limited to one account, as all of the library is. */
export interface Revisions {
  /** Newest first; empty where there is no such item, or it never had a body. */
  revisions(accountId: number, type: string, id: string): Promise<Revision[]>;
  /** How many earlier versions there are. */
  countEarlier(accountId: number, type: string, id: string): Promise<number>;
  /** Newest first, at most 200. */
  passages(accountId: number, type: string, id: string): Promise<Passage[]>;
}

export interface Bodies {
  /**
   * The provider's whole answer, byte for byte as JSON text; undefined where there is no such item.
   *
   * @param revision As `revisions` numbers them; without it the present one.
   */
  body(accountId: number, type: string, id: string, revision?: number): Promise<Uint8Array | undefined>;
}

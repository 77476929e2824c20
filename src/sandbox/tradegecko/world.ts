/** One record as the API gives it. */
export interface GeckoRecord {
  id: number;
  created_at: string;
  updated_at: string;
  [field: string]: unknown;
}

/** Which one: `{ account: 7067, path: 'orders', id: 1 }`. */
export interface GeckoRef {
  account: number;
  /** The plural that it is listed under. */
  path: string;
  id: number;
}

/** What each account has. Nobody is told of a change made here. */
export function createGeckoWorld(now: () => number) {
  const records = new Map<string, GeckoRecord>();
  let last = 1_000;
  const nameOf = ({ account, path, id }: GeckoRef) => `${account} ${path} ${id}`;

  return {
    add(account: number, path: string, fields: Record<string, unknown> = {}): GeckoRef {
      last += 1;
      const ref = { account, path, id: last };
      const at = new Date(now()).toISOString();
      records.set(nameOf(ref), { created_at: at, updated_at: at, ...fields, id: last });
      return ref;
    },
    change(ref: GeckoRef, fields: Record<string, unknown>): boolean {
      const record = records.get(nameOf(ref));
      if (!record) return false;
      // Two changes within a millisecond are two.
      const at = Math.max(now(), Date.parse(record.updated_at) + 1);
      records.set(nameOf(ref), { ...record, ...fields, id: ref.id, updated_at: new Date(at).toISOString() });
      return true;
    },
    remove: (ref: GeckoRef): boolean => records.delete(nameOf(ref)),
    find: (ref: GeckoRef): GeckoRecord | undefined => records.get(nameOf(ref)),
    list: (account: number, path: string): GeckoRecord[] =>
      [...records].filter(([name]) => name.startsWith(`${account} ${path} `)).map(([, record]) => record),
  };
}

export type GeckoWorld = ReturnType<typeof createGeckoWorld>;

/** `order` of `orders`. */
export const singularOf = (path: string): string =>
  path.endsWith('ies') ? `${path.slice(0, -3)}y` : path.endsWith('sses') ? path.slice(0, -2) : path.slice(0, -1);

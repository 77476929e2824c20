/** An object as the made-up provider keeps it: `trip_…`, `cycl_…`, `vehi_…`. */
export interface EcoveloObject {
  id: string;
  status: string;
  /** ISO 8601. */
  created_at: string;
  updated_at: string;
  [field: string]: unknown;
}

const PREFIXES = { trip: 'trip', cyclist: 'cycl', vehicule: 'vehi', abonnement: 'abon' } as const;
export type EcoveloKind = keyof typeof PREFIXES;

/** The service's state, in memory. @param now Epoch milliseconds. */
export function createWorld(now: () => number) {
  const objects = new Map<string, { kind: EcoveloKind; object: EcoveloObject }>();
  let count = 0;
  let lastInstant = 0;

  /** No two changes at one instant, as little as in a real database. */
  function instant(): string {
    lastInstant = Math.max(now(), lastInstant + 1);
    return new Date(lastInstant).toISOString();
  }

  function known(id: string) {
    const found = objects.get(id);
    if (!found) throw new Error(`The made-up Ecovelo has no ${id}.`);
    return found;
  }

  return {
    add(kind: EcoveloKind, fields: Record<string, unknown> = {}): EcoveloObject {
      count += 1;
      const at = instant();
      const id = `${PREFIXES[kind]}_${String(count).padStart(6, '0')}`;
      const object: EcoveloObject = { id, status: 'created', created_at: at, updated_at: at, ...fields };
      objects.set(id, { kind, object });
      return object;
    },
    change(id: string, fields: Record<string, unknown>): EcoveloObject {
      const found = known(id);
      found.object = { ...found.object, ...fields, updated_at: instant() };
      return found.object;
    },
    remove: (id: string): void => void objects.delete(id),
    find: (kind: string, id: string): EcoveloObject | undefined => {
      const found = objects.get(id);
      return found?.kind === kind ? found.object : undefined;
    },
    /** As it is now, whatever it is. */
    object: (id: string): EcoveloObject => known(id).object,
    list: (kind: string): EcoveloObject[] =>
      [...objects.values()].filter((each) => each.kind === kind).map(({ object }) => object),
  };
}

export type EcoveloWorld = ReturnType<typeof createWorld>;

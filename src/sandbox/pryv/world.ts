/** Seconds with fractions, as the provider counts. */
export interface PryvEvent {
  id: string;
  streamIds: string[];
  streamId: string;
  type: string;
  content: unknown;
  time: number;
  created: number;
  modified: number;
  createdBy: string;
  modifiedBy: string;
  trashed?: true;
}

export interface PryvStream {
  id: string;
  name: string;
  parentId: string | null;
  created: number;
  modified: number;
  createdBy: string;
  modifiedBy: string;
  trashed?: true;
}

export interface Deletion {
  id: string;
  deleted: number;
}

/** What one user has. Each change is told to `onChange`, unless it is silent. */
export function createPryvWorld(now: () => number, onChange: (message: 'eventsChanged' | 'streamsChanged') => void) {
  const events = new Map<string, PryvEvent>();
  const streams = new Map<string, PryvStream>();
  const eventDeletions: Deletion[] = [];
  const streamDeletions: Deletion[] = [];
  let last = 0;
  let made = 0;

  /** No two changes have one instant. */
  function stamp(): number {
    last = Math.max(Math.round(now()), last + 1);
    return last / 1_000;
  }

  function newId(): string {
    made += 1;
    return `c${String(made).padStart(24, '0')}`;
  }

  const by = { createdBy: 'sandbox', modifiedBy: 'sandbox' };

  /** The first time it goes into the trash, and the second time it is gone (API reference, `events.delete`). */
  function remove<Item extends { id: string; modified: number; trashed?: true }>(
    items: Map<string, Item>,
    deletions: Deletion[],
    id: string,
  ): void {
    const item = items.get(id);
    if (!item) throw new Error(`The sandbox has no ${id}.`);
    const at = stamp();
    if (!item.trashed) {
      items.set(id, { ...item, trashed: true, modified: at });
      return;
    }
    items.delete(id);
    deletions.unshift({ id, deleted: at });
  }

  return {
    events,
    streams,
    eventDeletions,
    streamDeletions,
    /** Seconds: what the server says the time is. */
    serverTime: (): number => Math.max(now() / 1_000, last / 1_000),
    addEvent({ silent = false, ...over }: Partial<PryvEvent> & { silent?: boolean } = {}): PryvEvent {
      const at = stamp();
      const [streamId = 'diary'] = over.streamIds ?? ['diary'];
      const event: PryvEvent = {
        id: newId(),
        streamIds: [streamId],
        streamId,
        type: 'note/txt',
        content: 'A note',
        time: at,
        created: at,
        modified: at,
        ...by,
        ...over,
      };
      events.set(event.id, event);
      if (!silent) onChange('eventsChanged');
      return event;
    },
    editEvent(id: string, { silent = false, ...over }: Partial<PryvEvent> & { silent?: boolean }): void {
      const event = events.get(id);
      if (!event) throw new Error(`The sandbox has no event ${id}.`);
      events.set(id, { ...event, ...over, modified: stamp() });
      if (!silent) onChange('eventsChanged');
    },
    removeEvent(id: string, { silent = false } = {}): void {
      remove(events, eventDeletions, id);
      if (!silent) onChange('eventsChanged');
    },
    addStream(id: string, name: string, { parentId = null as string | null, silent = false } = {}): PryvStream {
      const at = stamp();
      const stream: PryvStream = { id, name, parentId, created: at, modified: at, ...by };
      streams.set(id, stream);
      if (!silent) onChange('streamsChanged');
      return stream;
    },
    removeStream(id: string, { silent = false } = {}): void {
      remove(streams, streamDeletions, id);
      if (!silent) onChange('streamsChanged');
    },
  };
}

export type PryvWorld = ReturnType<typeof createPryvWorld>;

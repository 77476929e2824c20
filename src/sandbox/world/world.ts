import {
  type Action,
  type Attributes,
  type Course,
  type Item,
  type ItemType,
  keyOf,
  type Point,
  type Rider,
  type Visibility,
} from '../model.ts';
import { type Random, seedOf } from '../random.ts';
import { cuesOf } from '../rides/cues.ts';
import { withDistances } from '../rides/distance.ts';
import { type Draft, planToday } from './library.ts';
import { createSyncLog, type Entry } from './log.ts';
import type { Tokens } from './tokens.ts';

/** How a change is made. By default as the provider does: `updated_at` moves, the log has it, webhooks announce it. */
export interface Manner {
  /** No webhook: only reconciliation finds it. */
  silent?: boolean;
  /** Not in the sync log either: only comparing the whole inventory finds it. */
  unlogged?: boolean;
  /** `updated_at` stays as it is. */
  untouched?: boolean;
}

/** `name`, `visibility`, `description` and any other attribute; `points` replace the track. */
export type Patch = Attributes & { name?: string; visibility?: Visibility; points?: Point[]; departed_at?: string };

export interface WorldParts {
  clock: () => number;
  random: Random;
  seed: number;
  tokens: Tokens;
  /** Hears of every change that is not silent. */
  announce: (entry: Entry, item: Item) => void;
}

export type World = ReturnType<typeof createWorld>;

/** All riders and all they have. Every method is synchronous; a rider or item that is not there throws. */
export function createWorld({ clock, random, seed, tokens, announce }: WorldParts) {
  const riders = new Map<number, Rider>();
  const items = new Map<string, Item>();
  const gone = new Set<string>();
  const pins = new Map<number, Map<string, number>>();
  const nextId: Record<ItemType, number> = { route: 1001, trip: 1001 };
  const log = createSyncLog();
  const uploads = new Map<NodeJS.Timeout, () => void>();

  const rider = (id: number): Rider => found(riders.get(id), `rider ${id}`);
  const item = (type: ItemType, id: number): Item => found(items.get(`${type}/${id}`), `${type} ${id}`);
  const find = (type: ItemType, id: number): Item | undefined => items.get(`${type}/${id}`);

  function tell(riderId: number, about: Item, action: Action, manner: Manner, at = clock()): void {
    const entry = { riderId, type: about.type, id: about.id, ownerId: about.userId, action, at };
    if (!manner.unlogged) log.append(entry);
    if (!manner.silent && !manner.unlogged) announce(entry, about);
  }

  function add(riderId: number, draft: Draft): Item {
    const made: Item = { ...draft, id: nextId[draft.type]++, userId: rider(riderId).id };
    items.set(keyOf(made), made);
    return made;
  }

  function create(riderId: number, type: ItemType, patch: Patch = {}, manner: Manner = {}): Item {
    const owner = rider(riderId);
    const made = add(riderId, planToday(owner, type, seedOf(seed, 'new', riderId, type, nextId[type]), clock()));
    apply(made, patch);
    tell(riderId, made, 'created', manner);
    return made;
  }

  function edit(type: ItemType, id: number, patch: Patch, manner: Manner = {}): Item {
    const known = item(type, id);
    apply(known, patch);
    if (!manner.untouched) known.updatedAt = clock();
    tell(known.userId, known, 'updated', manner);
    return known;
  }

  function pinned(riderId: number): Item[] {
    return [...(pins.get(riderId)?.keys() ?? [])].map((key) => items.get(key)).filter((known) => known !== undefined);
  }

  return {
    riders: (): Rider[] => [...riders.values()],
    rider,
    find,
    item,
    /** Newest first, as the provider lists. */
    items: (riderId: number, type?: ItemType): Item[] =>
      [...items.values()]
        .filter((one) => one.userId === riderId && (type === undefined || one.type === type))
        .sort((a, b) => b.updatedAt - a.updatedAt || b.id - a.id),
    wasDeleted: (type: ItemType, id: number): boolean => gone.has(`${type}/${id}`),
    log,

    addRider(newcomer: Rider): void {
      riders.set(newcomer.id, newcomer);
    },
    /** Puts a whole library in place without a word to anybody. */
    fill(riderId: number, drafts: readonly Draft[]): void {
      for (const draft of drafts) {
        const made = add(riderId, draft);
        tell(riderId, made, 'created', { silent: true }, made.createdAt);
        if (made.updatedAt > made.createdAt) tell(riderId, made, 'updated', { silent: true }, made.updatedAt);
      }
      log.settle(riderId);
    },

    create,
    edit,
    setVisibility: (type: ItemType, id: number, visibility: Visibility, manner?: Manner): Item =>
      edit(type, id, { visibility }, manner),

    /** What a device does: a trip appears, and about a minute later it is completed. `later` resolves after that (or at close). */
    upload(
      riderId: number,
      patch: Patch = {},
      { delayMs = 60_000 }: { delayMs?: number } = {},
    ): { item: Item; later: Promise<void> } {
      const made = create(riderId, 'trip', { name: 'Unnamed ride', gear: null, ...patch });
      const gear = rider(riderId).gear[0] ?? null;
      const { promise: later, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        uploads.delete(timer);
        if (find('trip', made.id)) edit('trip', made.id, { name: 'Ride, completed by the device', gear, ...patch });
        resolve();
      }, delayMs);
      uploads.set(timer, resolve);
      return { item: made, later };
    },

    remove(type: ItemType, id: number, manner: Manner = {}): void {
      const known = item(type, id);
      items.delete(keyOf(known));
      gone.add(keyOf(known));
      // Others' pins of it vanish without a word: the provider promises no announcement.
      for (const set of pins.values()) set.delete(keyOf(known));
      tell(known.userId, known, 'deleted', manner);
    },

    /** A pin does not move `updated_at`. Pinning twice says nothing the second time. */
    pin(riderId: number, type: ItemType, id: number, manner: Manner = {}): void {
      const known = item(type, id);
      const set = pins.get(rider(riderId).id) ?? new Map<string, number>();
      pins.set(riderId, set);
      if (set.has(keyOf(known))) return;
      set.set(keyOf(known), clock());
      tell(riderId, known, 'added', manner);
    },
    unpin(riderId: number, type: ItemType, id: number, manner: Manner = {}): void {
      if (pins.get(rider(riderId).id)?.delete(`${type}/${id}`)) tell(riderId, item(type, id), 'removed', manner);
    },
    pinned,
    pinnedAt: (riderId: number, of: Item): number | undefined => pins.get(riderId)?.get(keyOf(of)),

    /** For Bearer, or with the api key for Basic. */
    issueToken: (riderId: number, apiKey: string): string => tokens.issue(rider(riderId).id, apiKey).token,
    revokeToken: (token: string): boolean => tokens.revoke(token),
    revokeAll: (riderId: number): void => tokens.revokeAll(riderId),
    tokens: () => tokens.list(),

    close(): void {
      for (const [timer, resolve] of uploads) {
        clearTimeout(timer);
        resolve();
      }
      uploads.clear();
    },
  };

  function apply(to: Item, { points, name, visibility, departed_at, ...attributes }: Patch): void {
    if (name !== undefined) to.name = name;
    if (visibility !== undefined) to.visibility = visibility;
    if (departed_at !== undefined) to.departedAt = Date.parse(departed_at);
    to.attributes = { ...to.attributes, ...attributes };
    if (points) to.track = { key: `given ${random.word(12)}`, make: () => givenCourse(to.type, points) };
  }
}

function givenCourse(type: ItemType, points: Point[]): Course {
  const measured = points.some((point) => point.d !== undefined) ? points : withDistances(points);
  return { points: measured, cues: type === 'route' ? cuesOf(measured, measured.length) : [] };
}

function found<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`The sandbox has no ${what}.`);
  return value;
}

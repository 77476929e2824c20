import { type Item, type ItemType, keyOf } from '../../src/sandbox/model.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import { notification } from './webhook.ts';

/** One change at the provider, and the webhook that tells of it. */
export interface Step {
  notification: object;
  /** What was changed. */
  thing: string;
  /** Its webhook was answered with 200: from now on it is owed. */
  acknowledged(): void;
}

const gone = 'deleted';

type Which = Pick<Item, 'type' | 'id' | 'userId'>;

/** All states that a thing ever had, and the latest that an acknowledged notification told of (-1: none). */
interface Account {
  states: string[];
  owed: number;
}

export type Ledger = ReturnType<typeof createLedger>;

/**
 * Keeps account of what the provider did and of what Slipstream has acknowledged, so that it can be said after every crash what
 * must be in the mirror: for each thing the last acknowledged state, or a later one.
 */
export function createLedger(world: World) {
  const things = new Map<string, Account>();

  const stateOfItem = (type: ItemType, id: number): string => world.find(type, id)?.name ?? gone;
  const stateOfPins = (rider: number): string => world.pinned(rider).map(keyOf).sort().join(' ');

  function step(thing: string, state: string, told: object): Step {
    const account = things.get(thing) ?? { states: [], owed: -1 };
    things.set(thing, account);
    const index = account.states.push(state) - 1;
    return {
      notification: told,
      thing,
      acknowledged: () => {
        account.owed = Math.max(account.owed, index);
      },
    };
  }

  const nameOf = ({ type, id, userId }: Which): string => `${userId} ${type}/${id}`;

  return {
    nameOf,
    /** After an item was created, edited or removed. */
    item({ type, id, userId }: Which, action: 'created' | 'updated' | 'deleted'): Step {
      const told = notification({ user_id: userId, item_type: type, item_id: id, item_user_id: userId, action });
      return step(nameOf({ type, id, userId }), stateOfItem(type, id), told);
    },

    /** After a rider pinned or unpinned an item. */
    pins(rider: number, { type, id }: Which, action: 'added' | 'removed'): Step {
      const told = notification({ user_id: rider, item_type: type, item_id: id, action });
      return step(`${rider} pinned`, stateOfPins(rider), told);
    },

    /** What is owed and not in the mirror, a sentence each. */
    missing(mirror: readonly Copy[]): string[] {
      return [...things].flatMap(([thing, { states, owed }]) =>
        copiesOf(mirror, thing)
          .filter(({ state }) => states.lastIndexOf(state) < owed)
          .map(({ rider, state }) => `${thing}: «${states[owed]}» was acknowledged, rider ${rider} has «${state}».`),
      );
    },
  };
}

/** What a rider has of an item, as either database says it. */
export interface Copy {
  rider: string;
  item: string;
  title: string;
  pinned: boolean | 0 | 1;
  state: string;
}

export const COPIES = `
  SELECT user_id AS rider, type || '/' || item_id AS item, title, pinned, items.state AS state
  FROM items JOIN accounts ON accounts.id = account_id`;

/** The owner's copy, and those of the riders who have it pinned. */
function copiesOf(mirror: readonly Copy[], thing: string): { rider: string; state: string }[] {
  const [rider = '', what = ''] = thing.split(' ');
  if (what === 'pinned') {
    const pins = mirror.filter((row) => row.rider === rider && row.pinned).map(({ item }) => item);
    return [{ rider, state: pins.sort().join(' ') }];
  }
  const rows = mirror.filter(({ item }) => item === what);
  const own = rows.find((row) => row.rider === rider) ?? { rider, title: 'nothing', state: 'active' };
  const others = rows.filter((row) => row.rider !== rider && row.pinned);
  return [own, ...others].map(({ rider, title, state }) => ({ rider, state: state === 'active' ? title : gone }));
}

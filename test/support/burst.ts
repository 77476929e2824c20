import { setTimeout as pause } from 'node:timers/promises';
import type { Item } from '../../src/sandbox/model.ts';
import type { Random } from '../../src/sandbox/random.ts';
import type { World } from '../../src/sandbox/world/world.ts';
import type { Ledger, Step } from './ledger.ts';
import { bodyOf, deliver } from './webhook.ts';

/** So many webhooks, each with one to four notifications. */
const REQUESTS = 30;
const MOST_IN_ONE = 4;
/** Announced by our own webhooks alone, so that each answer is known. */
const SILENT = { silent: true };

/** What went out and what came back while a burst was on. */
export interface Burst {
  /** Requests sent and answered with 200, and the notifications in those. */
  count: Readonly<{ sent: number; acknowledged: number; notifications: number }>;
  /** Sends no more. Resolves when each request has its answer or has failed. */
  stop(): Promise<void>;
  /** Resolves when everything was sent and answered. */
  over: Promise<void>;
}

/** Webhooks as several riders make them at once: edits, some of the same item in a row, creations, deletions, pins. */
export function createBursts(world: World, ledger: Ledger, riders: readonly [number, ...number[]], random: Random) {
  /** What was not acknowledged: told again by the next burst. */
  let untold: Step[] = [];
  let changes = 0;

  /** @param url - of each request. @param pauseMs - between two requests, at most; 0: all at once. */
  function start(url: () => string, pauseMs: number): Burst {
    const touched = new Set<string>();
    const answers: Promise<void>[] = [];
    let stopped = false;
    const count = { sent: 0, acknowledged: 0, notifications: 0 };
    const over = send();
    return {
      count,
      over,
      stop: () => {
        stopped = true;
        return over;
      },
    };

    async function send(): Promise<void> {
      const again = untold;
      untold = [];
      // What Slipstream was never told it need not know; but of a deletion it must hear before it may believe one.
      for (const { thing } of again) touched.add(thing);
      while (again.length > 0 && !stopped) answers.push(post(again.splice(0, MOST_IN_ONE)));
      for (let request = 0; request < REQUESTS && !stopped; request += 1) {
        const steps = Array.from({ length: random.integer(1, MOST_IN_ONE) }, () => change(touched));
        answers.push(post(steps));
        if (pauseMs > 0) await pause(random.integer(0, pauseMs));
      }
      untold.push(...again);
      await Promise.all(answers);
    }

    async function post(steps: Step[]): Promise<void> {
      count.sent += 1;
      const body = bodyOf(...steps.map(({ notification }) => notification));
      const status = await deliver(url(), body).then(
        (response) => response.status,
        () => undefined,
      );
      if (status !== 200) {
        untold.push(...steps);
        return;
      }
      count.acknowledged += 1;
      count.notifications += steps.length;
      for (const step of steps) step.acknowledged();
    }
  }

  /** @param touched - what this burst has changed: such things are not deleted in it, as the order of webhooks is not given. */
  function change(touched: Set<string>): Step {
    const step = changeOf(random.pick(riders), random.next(), touched);
    touched.add(step.thing);
    return step;
  }

  function changeOf(rider: number, kind: number, touched: ReadonlySet<string>): Step {
    if (kind < 0.1) return ledger.item(world.create(rider, random.pick(['route', 'trip']), named(), SILENT), 'created');
    const item = pickOf(rider);
    if (kind < 0.2 && !touched.has(ledger.nameOf(item)) && !isPinned(item)) {
      world.remove(item.type, item.id, SILENT);
      return ledger.item(item, 'deleted');
    }
    if (kind < 0.35) return pinOrUnpin(random.pick(riders), item);
    world.edit(item.type, item.id, named(), SILENT);
    return ledger.item(item, 'updated');
  }

  function pinOrUnpin(rider: number, item: Item): Step {
    if (world.pinnedAt(rider, item) === undefined) {
      world.pin(rider, item.type, item.id, SILENT);
      return ledger.pins(rider, item, 'added');
    }
    world.unpin(rider, item.type, item.id, SILENT);
    return ledger.pins(rider, item, 'removed');
  }

  const named = () => ({ name: `Change ${++changes}`, visibility: 'public' as const });
  const isPinned = (item: Item) => riders.some((rider) => world.pinnedAt(rider, item) !== undefined);

  function pickOf(rider: number): Item {
    const [first, ...rest] = world.items(rider).sort((a, b) => a.id - b.id);
    if (!first) throw new Error(`Rider ${rider} has nothing left to change.`);
    return random.pick([first, ...rest]);
  }

  return { start };
}

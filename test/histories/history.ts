import type { ItemType } from '../../src/sandbox/model.ts';
import { notification } from '../support/webhook.ts';
import { differences } from './agreement.ts';
import { type Pipeline, refOf } from './pipeline.ts';
import type { Step } from './step.ts';

/** Long enough for a confirmation at first, and for every retry later. */
const ROUNDS_MS = [...Array(6).fill(61_000), ...Array(6).fill(1_000_000)] as const;

const silent = { silent: true } as const;

/** Two riders live through a history; then it becomes quiet. @returns what is not as it should be, a sentence each. */
export async function live(pipeline: Pipeline, history: readonly Step[]): Promise<string[]> {
  const { sandbox } = pipeline;
  const { world, faults } = sandbox;
  const riders = [await pipeline.connect({ routes: 1, trips: 2 }), await pipeline.connect({ routes: 1, trips: 1 })];
  // As connecting does: from here on each change is listed with its time, and not only as a part of the library.
  for (const rider of riders) await pipeline.life.reconciler.reconcile(refOf(rider));
  /** Webhooks on their way, and all that were ever sent. */
  let air: unknown[] = [];
  const sent: unknown[] = [];
  const held = new Map<string, { release: () => void }>();
  let edits = 0;

  const riderAt = (n: number): number => riders[n % riders.length] ?? 0;
  const all = () => riders.flatMap((rider) => world.items(rider)).sort((a, b) => a.id - b.id);
  const itemAt = (n: number) => pick(all(), n);
  const isHeld = (item: string) => held.has(item);

  function announce(rider: number, type: ItemType, id: number, action: string): void {
    const collection = action === 'added' || action === 'removed' ? { collection: { type: 'pinned', id: 1 } } : {};
    const hint = notification({ user_id: rider, item_type: type, item_id: id, action, ...collection });
    air.push(hint);
    sent.push(hint);
  }

  function take(which: number): unknown {
    const hint = pick(air, which);
    air = air.filter((each) => each !== hint);
    return hint;
  }

  /** Reconciling and auditing go on beside the work, and neither waits for an answer that is held. */
  async function work(beside: Promise<unknown>[] = []): Promise<void> {
    await Promise.all([...beside, pipeline.work(isHeld)]);
    await pipeline.work(isHeld);
    if (pipeline.isWrecked) await pipeline.kill();
  }

  function release(): void {
    for (const { release } of held.values()) release();
    held.clear();
  }

  async function happen(step: Step): Promise<void> {
    switch (step.do) {
      case 'create': {
        const { id } = world.create(riderAt(step.rider), step.type, {}, silent);
        return announce(riderAt(step.rider), step.type, id, 'created');
      }
      case 'edit': {
        const item = itemAt(step.item);
        if (!item) return;
        edits += 1;
        // Provider times are whole seconds: only a later one tells an audit that something nobody spoke of has changed.
        if (step.manner === 'unlogged') pipeline.wait(1_000);
        const manner = { ordinary: {}, untouched: { untouched: true }, unlogged: { unlogged: true } }[step.manner];
        world.edit(item.type, item.id, { name: `Edit ${edits}` }, { ...silent, ...manner });
        if (step.manner !== 'unlogged') announce(item.userId, item.type, item.id, 'updated');
        return;
      }
      case 'remove': {
        const item = itemAt(step.item);
        if (!item) return;
        world.remove(item.type, item.id, { ...silent, unlogged: step.manner === 'unlogged' });
        if (step.manner !== 'unlogged') announce(item.userId, item.type, item.id, 'deleted');
        return;
      }
      case 'share': {
        const item = itemAt(step.item);
        if (!item) return;
        world.setVisibility(item.type, item.id, step.visibility, silent);
        return announce(item.userId, item.type, item.id, 'updated');
      }
      case 'pin': {
        const item = itemAt(step.item);
        if (!item) return;
        world.pin(riderAt(step.rider), item.type, item.id, { ...silent, unlogged: step.manner === 'unlogged' });
        if (step.manner !== 'unlogged') announce(riderAt(step.rider), item.type, item.id, 'added');
        return;
      }
      case 'unpin': {
        const item = pick(world.pinned(riderAt(step.rider)), step.item);
        if (!item) return;
        world.unpin(riderAt(step.rider), item.type, item.id, { ...silent, unlogged: step.manner === 'unlogged' });
        if (step.manner !== 'unlogged') announce(riderAt(step.rider), item.type, item.id, 'removed');
        return;
      }
      case 'deliver': {
        const hint = take(step.which);
        if (hint) for (let n = 0; n < step.times; n += 1) await pipeline.deliver([hint]);
        return;
      }
      case 'deliver all': {
        if (air.length > 0) await pipeline.deliver(step.order === 'sent' ? air : air.toReversed());
        air = [];
        return;
      }
      case 'lose':
        return void take(step.which);
      case 'replay': {
        const hint = pick(sent, step.which);
        if (hint) await pipeline.deliver([hint]);
        return;
      }
      case 'work':
        return work();
      case 'reconcile':
        return work([pipeline.life.reconciler.reconcile(refOf(riderAt(step.rider)))]);
      case 'audit':
        return work([pipeline.life.auditor.audit(refOf(riderAt(step.rider)))]);
      case 'wait':
        return pipeline.wait(step.seconds * 1_000);
      case 'hold': {
        const item = itemAt(step.item);
        const name = item && `${item.type}/${item.id}`;
        if (!name || held.has(name)) return;
        return void held.set(name, faults.hold(name));
      }
      case 'release':
        return release();
      case 'stumble':
        return stumble(step.how);
      case 'kill':
        return pipeline.life.fuse.burnAt(step.write, step.side);
    }
  }

  function stumble(how: Extract<Step, { do: 'stumble' }>['how']): void {
    if (how === 'cut') faults.set({ cutAnswers: 1 });
    else if (how === 'html') faults.set({ htmlInsteadOfJson: 1 });
    else faults.set({ nextStatus: [Number(how.slice(-3))], nextRetryAfter: how === 'limit 429' ? 30 : null });
  }

  for (const step of history) {
    pipeline.pass();
    await happen(step);
    if (pipeline.isWrecked) await pipeline.kill();
  }

  // From here on nothing new happens, and what is still in the air is lost.
  release();
  faults.clear();
  for (const { fuse } of pipeline.lives) fuse.burnAt(Number.POSITIVE_INFINITY, 'before');
  const needsAudit = history.some((step) => 'manner' in step && step.manner === 'unlogged');
  return quiet(pipeline, riders, work, needsAudit);
}

/** Waits, reconciles, and where something happened that nothing tells of also audits, until nothing is left to do. */
async function quiet(
  pipeline: Pipeline,
  riders: readonly number[],
  work: (beside?: Promise<unknown>[]) => Promise<void>,
  needsAudit: boolean,
): Promise<string[]> {
  const audit = async () => {
    const audits = await Promise.all(riders.map((rider) => pipeline.life.auditor.audit(refOf(rider))));
    await work();
    return audits;
  };
  let found = ['It never became quiet.'];
  for (const ms of ROUNDS_MS) {
    pipeline.wait(ms);
    await work(riders.map((rider) => pipeline.life.reconciler.reconcile(refOf(rider))));
    await agreeToDeletions(pipeline, riders);
    if (!(await idle(pipeline, riders))) continue;
    if (needsAudit) await audit();
    found = (await Promise.all(riders.map((rider) => differences(pipeline, rider)))).flat();
    if (found.length > 0 || !(await idle(pipeline, riders))) continue;
    const audits = await audit();
    const agreed = audits.every((each) => each.ok && each.different === 0);
    return agreed ? pipeline.unexpected.map(String) : [`The audit sees it otherwise: ${JSON.stringify(audits)}.`];
  }
  return found;
}

/** The brake asks a person; this one always says yes. */
async function agreeToDeletions({ mirror, now }: Pipeline, riders: readonly number[]): Promise<void> {
  for (const rider of riders) {
    const account = await mirror.accounts.find(refOf(rider));
    if (account) await mirror.items.confirmHeld(account.id, Number.MAX_SAFE_INTEGER, now());
  }
}

async function idle({ inbox }: Pipeline, riders: readonly number[]): Promise<boolean> {
  const counts = await Promise.all(riders.map((rider) => inbox.counts(refOf(rider))));
  return counts.every(({ pending, active, parked, dead }) => pending + active + parked + dead === 0);
}

function pick<T>(list: readonly T[], n: number): T | undefined {
  return list[n % Math.max(list.length, 1)];
}

import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import type { Account } from '../storage/accounts.ts';
import type { AccountSync, QueueCounts, SyncReport } from '../storage/sync.ts';
import { RIDERS, type SourceName } from '../vocabulary.ts';
import { accountsNamed } from './account.ts';
import { secondsIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import { type Control, withControl } from './control.ts';
import { reconcileSource } from './reconcile-source.ts';

const POLL_MS = 300;
/** The provider has 60 seconds for an answer; a little later there is none. */
const ANSWERED_WITHIN_S = 75;
/** Fetches that fail are tried again for hours: after this long without one that ended, nobody has to sit and wait. */
const STANDSTILL_MS = 60_000;

/** Something that the running program is asked for, and does in its own time. */
export interface Asking {
  name: 'reconcile' | 'audit';
  description: string;
  path: string;
  /** Moves when it has been done. */
  mark(sync: AccountSync): string | null;
  /** What came of it. */
  outcome(sync: AccountSync): string;
}

interface Given extends Options {
  account?: string;
  wait: boolean;
  timeout: number;
  source?: SourceName;
}

interface Done {
  account: string;
  name: string;
  ok: boolean;
  message: string;
}

type Answer = { sync: AccountSync; queue: QueueCounts };

/** `reconcile` and `audit`: ask, then wait until what was found is in the mirror. */
export function askingCommand(asking: Asking, context: Context): Command {
  return new Command(asking.name)
    .description(asking.description)
    .option('--account <id>', "the provider's user id; default: every account")
    .option('--no-wait', 'only ask; the work goes on in the running Slipstream')
    .option('--timeout <seconds>', 'how long to wait for the answer', secondsIn, ANSWERED_WITHIN_S)
    .action(async ({ account, source, wait, timeout, json }: Given) => {
      const config = context.config();
      if (source !== undefined && source !== RIDERS)
        return reconcileSource(context, source, { wait, timeout, ...(json && { json }) });
      const done = await withControl(config, async (control) => {
        await control.send('GET', '/healthz');
        const accounts = await accountsNamed(config, account);
        const work = accounts.map((each) => askFor(asking, control, each, wait ? timeout * 1_000 : undefined, context));
        return Promise.all(work);
      });
      if (json) context.json(done);
      else for (const { name, message } of done) context.say(`${name}: ${message}`);
      if (done.some(({ ok }) => !ok)) context.failed();
    });
}

async function askFor(
  asking: Asking,
  control: Control,
  { user_id, name: full, state }: Account,
  timeoutMs: number | undefined,
  context: Context,
): Promise<Done> {
  const name = full || user_id;
  const end = (ok: boolean, message: string): Done => ({ account: user_id, name, ok, message });
  if (state === 'disconnected') return end(true, 'disconnected, so there is nothing to ask for.');
  const before = await answerFor(control, user_id);
  await control.post(asking.path, user_id);
  if (timeoutMs === undefined) return end(true, 'asked for; "slipstream status" shows how far it is.');

  const bar = context.progress(name);
  try {
    const after = await answered(asking, control, user_id, before, timeoutMs);
    if (!after) return end(false, NOT_ANSWERED);
    if (after.sync.state === 'reconnect') return end(false, REFUSED);
    const left = await fetched(control, user_id, after, (done, total) => bar.update(done, total));
    const outcome = asking.outcome(after.sync);
    return end(true, left === 0 ? outcome : `${outcome} ${left} still wait: they are tried again by themselves.`);
  } finally {
    bar.end();
  }
}

const NOT_ANSWERED =
  'Ride With GPS gave no usable answer in time, so nothing was learnt and nothing changed. "slipstream doctor" says what is wrong; it is tried again on schedule.';
const REFUSED =
  'Ride With GPS refuses the token. Open Slipstream and press Reconnect; nothing that was copied is lost.';

async function answerFor(control: Control, account: string): Promise<Answer> {
  const { accounts, queue } = await control.get<SyncReport>('/api/v1/sync', account);
  const [sync] = accounts;
  if (!sync) throw new Error(`The report on ${account} has no account in it.`);
  return { sync, queue };
}

/** @returns undefined when there was no answer in time. */
async function answered(
  { mark }: Asking,
  control: Control,
  account: string,
  before: Answer,
  timeoutMs: number,
): Promise<Answer | undefined> {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until) {
    const now = await answerFor(control, account);
    if (mark(now.sync) !== mark(before.sync) || now.sync.state === 'reconnect') return now;
    await pause(POLL_MS);
  }
  return undefined;
}

/** Until nothing of the account waits any more, or nothing moves. @returns how many still wait. */
async function fetched(
  control: Control,
  account: string,
  first: Answer,
  update: (done: number, total: number) => void,
): Promise<number> {
  let left = waiting(first);
  let total = left;
  let movedAt = Date.now();
  while (left > 0 && Date.now() - movedAt < STANDSTILL_MS) {
    await pause(POLL_MS);
    const now = waiting(await answerFor(control, account));
    if (now !== left) movedAt = Date.now();
    left = now;
    total = Math.max(total, left);
    update(total - left, total);
  }
  return left;
}

const waiting = ({ queue }: Answer): number => queue.pending + queue.active;

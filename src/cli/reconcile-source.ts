import { setTimeout as pause } from 'node:timers/promises';
import type { SourceReport } from '../storage/source-report.ts';
import { SOURCE_TITLES, type SourceName } from '../vocabulary.ts';
import type { Context } from './context.ts';
import { type Control, withControl } from './control.ts';
import { Failure } from './failure.ts';

const POLL_MS = 300;

interface Given {
  wait: boolean;
  /** Seconds. */
  timeout: number;
  json?: boolean;
}

interface Done {
  account: string;
  name: string;
  ok: boolean;
  message: string;
}

/** Asks another source what changed, for all of its accounts, and waits for the answers. */
export async function reconcileSource(context: Context, source: SourceName, given: Given): Promise<void> {
  const done = await withControl(context.config(), (control) => ask(control, source, given));
  if (given.json) context.json(done);
  else for (const { name, message } of done) context.say(`${name}: ${message}`);
  if (done.some(({ ok }) => !ok)) context.failed();
}

async function ask(control: Control, source: SourceName, { wait, timeout }: Given): Promise<Done[]> {
  const before = await reportOf(control, source);
  const { accounts: asked } = await control.post<{ accounts: string[] }>(`/api/v1/sources/${source}/reconcile`);
  const accounts = before.accounts.filter(({ account }) => asked.includes(account));
  const until = Date.now() + timeout * 1_000;
  for (;;) {
    const now = wait ? await reportOf(control, source) : before;
    const done = accounts.map(({ account, name, last_reconciled_at }): Done & { open: boolean } => {
      const after = now.accounts.find((each) => each.account === account);
      const end = (ok: boolean, message: string, open = false) => ({
        ...{ account, name: name || account },
        ...{ ok, message, open },
      });
      if (!wait) return end(true, 'asked for; "slipstream status" shows how far it is.');
      if (after?.state === 'reconnect') return end(false, `${SOURCE_TITLES[source]} refuses the token.`);
      if (after && after.last_reconciled_at !== last_reconciled_at) return end(true, 'caught up.');
      return end(false, after?.trouble?.reason ?? NOT_ANSWERED, true);
    });
    if (!done.some(({ open }) => open) || Date.now() > until) return done.map(({ open: _, ...each }) => each);
    await pause(POLL_MS);
  }
}

const NOT_ANSWERED =
  'There was no usable answer in time, so nothing was learnt and nothing changed. It is tried again on schedule.';

async function reportOf(control: Control, source: SourceName): Promise<SourceReport> {
  const { items } = await control.get<{ items: SourceReport[] }>('/api/v1/sources');
  const report = items.find((each) => each.source === source);
  if (report) return report;
  throw new Failure(
    `${SOURCE_TITLES[source]} is off: set its variables (.env.example explains each), then start Slipstream again.`,
  );
}

import type { Config } from '../config.ts';
import { everyAccount } from '../status.ts';
import type { SyncReport } from '../storage/sync.ts';
import { accountsStored } from './account.ts';
import { type Control, withControl } from './control.ts';
import { withStored } from './stored.ts';

/** How every account is doing; whom it was asked of is part of the answer. */
export interface Report extends SyncReport {
  running: boolean;
}

/** From the running program, or from what is stored when it does not run. */
export function reportOfAll(config: Config): Promise<Report> {
  return withControl(config, async (control) =>
    (await control.running()) ? liveReport(config, control) : storedReport(config),
  );
}

async function liveReport(config: Config, control: Control): Promise<Report> {
  const report: Report = { running: true, accounts: [], queue: { pending: 0, active: 0, parked: 0, dead: 0 } };
  const riders = await accountsStored(config);
  // Nobody to ask as: what is stored says as much.
  if (riders.length === 0) return { ...(await storedReport(config)), running: true };
  for (const { user_id } of riders) {
    const { accounts, queue } = await control.get<SyncReport>('/api/v1/sync', user_id);
    report.accounts.push(...accounts);
    report.queue.pending += queue.pending;
    report.queue.active += queue.active;
    report.queue.parked += queue.parked;
    report.queue.dead += queue.dead;
  }
  return report;
}

async function storedReport(config: Config): Promise<Report> {
  return withStored(config, async ({ status, accounts }) => ({
    running: false,
    ...(await everyAccount(status, accounts)),
  }));
}

import { Command } from 'commander';
import type { Config } from '../config.ts';
import type { AccountSync } from '../storage/sync.ts';
import { SOURCE_TITLES } from '../vocabulary.ts';
import { ago, span } from './ago.ts';
import type { Context, Options } from './context.ts';
import { databaseName } from './database-name.ts';
import { toReconnect } from './reconnecting.ts';
import { type Report, reportOfAll } from './report.ts';

export function statusCommand(context: Context): Command {
  return new Command('status')
    .description('how the copy of every account is doing')
    .action(async ({ json }: Options) => {
      const config = context.config();
      const report = await reportOfAll(config);
      if (json) return context.json(report);
      context.say(headingOf(report, config));
      for (const account of report.accounts) context.say(`\n${linesOf(account, Date.now())}`);
      context.say(`\n${queueOf(report)}`);
    });
}

function headingOf({ running }: Report, { dataDir, databaseUrl }: Config): string {
  if (running) return `Slipstream is running for ${dataDir}.`;
  if (databaseUrl === undefined)
    return `Slipstream is not running for ${dataDir}; this is what is stored there. Start it with npm start.`;
  return `This is what is stored in ${databaseName(databaseUrl)}. "slipstream doctor" says how many processes are at work on it.`;
}

function stateOf({ state, source }: AccountSync): string {
  if (state === 'active') return 'connected';
  if (state === 'disconnected') return 'disconnected; what was copied can still be looked at';
  return `${SOURCE_TITLES[source]} refuses its token. ${toReconnect(source)}`;
}

function linesOf(account: AccountSync, now: number): string {
  const { backfill, drift, last_audit: audit, lag_ms: lag, webhooks, overdue } = account;
  const facts: Record<string, string> = {
    State: stateOf(account),
    'Changes by':
      account.mode === 'webhook' ? `webhook, the last ${ago(account.last_webhook_at, now)}` : 'looking regularly',
    Copied: copied(backfill),
    Reconciled: ago(account.last_reconciled_at, now),
    Audited: audit
      ? `${ago(audit.at, now)}: ${audit.compared} compared, ${audit.different} different`
      : 'never; "slipstream audit" does it now',
    ...(account.held > 0 && { Held: `${account.held} deletions wait for your word: "slipstream deletions" explains` }),
    ...(webhooks && { Announced: announced(webhooks) }),
    ...(overdue && { Overdue: `${overdue.changes} known and not fetched yet, the oldest ${ago(overdue.since, now)}` }),
    Unannounced: `${drift.day} within a day, ${drift.total} in all`,
    ...(lag.p50 !== null && { Delay: `half within ${lag.p50} ms, 99 of 100 within ${lag.p99} ms` }),
  };
  const lines = Object.entries(facts).map(([name, fact]) => `  ${name.padEnd(12)} ${fact}`);
  return [`${account.name || account.user_id} (${account.source} ${account.user_id})`, ...lines].join('\n');
}

function announced({ announced: { month }, quiet }: NonNullable<AccountSync['webhooks']>): string {
  const share = `${month.announced} of ${month.changes} changes in 30 days, by webhook within two minutes`;
  return quiet ? `${share}; none of the last ${quiet.changes}: look at the webhook URL of the API client` : share;
}

function copied({ done, total, seconds_left: left }: AccountSync['backfill']): string {
  if (total === 0) return 'the library is being listed';
  return `${done} of ${total}${left === null ? '' : `, about ${span(left)} left`}`;
}

function queueOf({ queue: { pending, active, parked, dead } }: Report): string {
  const waiting = `${pending} waiting, ${active} being fetched, ${parked} parked until an account reconnects`;
  if (dead === 0) return `Queue: ${waiting}.`;
  return `Queue: ${waiting}; ${dead} need${dead === 1 ? 's' : ''} a person: "slipstream dead-letters" explains.`;
}

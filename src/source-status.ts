import type { Source } from './sources/source.ts';
import { type StatusParts, statusOf } from './status.ts';
import type { Account } from './storage/accounts.ts';
import type { Records } from './storage/records.ts';
import type { SourceAccount, SourceReport } from './storage/source-report.ts';
import { type AccountRef, SOURCE_TITLES, type SourceName } from './vocabulary.ts';

export interface SourceStatusParts {
  status: StatusParts;
  records: Pick<Records, 'count'>;
  publicUrl: string;
  /** Epoch milliseconds; undefined while it is not being set up. */
  settingUpUntil: (source: SourceName) => number | undefined;
}

/** How one source is doing, put together from its accounts. */
export async function sourceStatus(
  parts: SourceStatusParts,
  source: Source,
  accounts: readonly Account[],
): Promise<SourceReport> {
  const reports = await Promise.all(accounts.map((account) => accountStatus(parts, source, account)));
  const until = parts.settingUpUntil(source.name);
  const queue = { pending: 0, active: 0, parked: 0, dead: 0 };
  for (const each of reports) {
    for (const state of ['pending', 'active', 'parked', 'dead'] as const) queue[state] += each.queue[state];
  }
  return {
    source: source.name,
    title: SOURCE_TITLES[source.name],
    catches_up: source.changesSince ? 'changes' : source.inventory ? 'listing' : null,
    cursor: source.changesSince ? source.cursor : null,
    audited: Boolean(source.inventory),
    handshake: Boolean(source.handshake),
    set_up_until: until === undefined ? null : new Date(until).toISOString(),
    enrols: Boolean(source.enrol),
    connects: Boolean(source.authorization),
    accounts: reports,
    queue,
    records: await parts.records.count(accounts.map(({ id }) => id)),
  };
}

async function accountStatus(parts: SourceStatusParts, source: Source, account: Account): Promise<SourceAccount> {
  const { sync, queue } = await statusOf(parts.status, { ...account, owner: false });
  return {
    account: account.user_id,
    name: account.name,
    state: account.state,
    mode: sync.mode,
    webhook_url: addressAt(parts.publicUrl, source, account.user_id),
    last_webhook_at: sync.last_webhook_at,
    last_reconciled_at: sync.last_reconciled_at,
    last_audit: sync.last_audit,
    trouble: sync.trouble,
    held: sync.held,
    queue,
  };
}

/** Where webhooks of this account come in, without what is secret in it. */
export function addressAt(
  publicUrl: string,
  { name, addressedByAccount }: Pick<Source, 'name' | 'addressedByAccount'>,
  account = '',
): string {
  return `${publicUrl}/webhooks/${name}${addressedByAccount ? `/${encodeURIComponent(account)}` : ''}`;
}

/** What has to be registered at the provider: as secret as what its webhooks are believed by. */
export const webhookUrl = (publicUrl: string, source: Source, { account }: Pick<AccountRef, 'account'>): string =>
  `${addressAt(publicUrl, source, account)}${source.webhookQuery?.(account) ?? ''}`;

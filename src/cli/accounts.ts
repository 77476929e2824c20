import { Command } from 'commander';
import type { Account } from '../storage/accounts.ts';
import {
  type AccountState,
  ITEM_STATES,
  type ItemState,
  SOURCE_TITLES,
  type SourceName,
  type SyncMode,
} from '../vocabulary.ts';
import type { Context, Options } from './context.ts';
import { toReconnect } from './reconnecting.ts';
import { sourceAccountCommands } from './source-accounts.ts';
import { type Stored, withStored } from './stored.ts';
import { table } from './table.ts';

interface Listed {
  source: SourceName;
  user_id: string;
  name: string;
  owner: boolean;
  state: AccountState;
  mode: SyncMode;
  items: Record<ItemState, number>;
  /** ISO 8601. */
  connected_at: string;
  last_reconciled_at: string | null;
}

export function accountsCommand(context: Context): Command {
  const accounts = new Command('accounts').description(
    'the connected accounts; those of other sources come and go here',
  );
  for (const command of sourceAccountCommands(context)) accounts.addCommand(command);
  return accounts.addCommand(listCommand(context), { isDefault: true });
}

function listCommand(context: Context): Command {
  return new Command('list').description('list them, from what is stored').action(async ({ json }: Options) => {
    const listed = await withStored(context.config(), listedIn);
    if (json) return context.json(listed);
    if (listed.length === 0) return context.say('No account is connected yet. Open Slipstream and press Connect.');
    context.say(table(HEADING, listed.map(rowOf)));
    for (const { source, state, name, user_id } of listed) {
      if (state === 'reconnect') {
        context.note(
          `${SOURCE_TITLES[source]} refuses the token of ${name || user_id}: nothing new arrives. ${toReconnect(source)}`,
        );
      }
    }
  });
}

async function listedIn(stored: Stored): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const account of await stored.accounts.list()) listed.push(await oneListed(stored, account));
  return listed;
}

async function oneListed({ inbox, library }: Stored, account: Account): Promise<Listed> {
  const { source, user_id, name, owner, state, id, connectedAt, lastReconciledAt } = account;
  const lastWebhookAt = await inbox.lastWebhookAt({ source, account: user_id });
  return {
    source,
    user_id,
    name,
    owner,
    state,
    mode: lastWebhookAt === null ? 'polling' : 'webhook',
    items: await library.count(id),
    connected_at: new Date(connectedAt).toISOString(),
    last_reconciled_at: lastReconciledAt === null ? null : new Date(lastReconciledAt).toISOString(),
  };
}

const HEADING = ['SOURCE', 'ACCOUNT', 'NAME', 'STATE', 'MODE', ...ITEM_STATES.map((state) => state.toUpperCase()), ''];

function rowOf({ source, user_id, name, state, mode, items, owner }: Listed): string[] {
  return [source, user_id, name, state, mode, ...ITEM_STATES.map((each) => String(items[each])), owner ? 'owner' : ''];
}

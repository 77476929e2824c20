import type { Config } from '../config.ts';
import type { Account } from '../storage/accounts.ts';
import type { Control } from './control.ts';
import { Failure } from './failure.ts';
import { withStored } from './stored.ts';

/** All accounts, or the one that was named. @throws Failure when there is none. */
export async function accountsNamed(config: Config, named: string | undefined): Promise<Account[]> {
  const all = await accountsStored(config);
  const chosen = named === undefined ? all : all.filter(({ user_id }) => user_id === named);
  if (chosen.length > 0) return chosen;
  if (all.length === 0)
    throw new Failure('No account is connected yet. Open Slipstream in a browser and press Connect.');
  throw new Failure(
    `There is no account ${named}. There ${all.length === 1 ? 'is' : 'are'}: ${all.map(({ user_id, name }) => `${user_id} (${name})`).join(', ')}.`,
  );
}

export const accountsStored = (config: Config): Promise<Account[]> =>
  withStored(config, ({ accounts }) => accounts.riders());

/** The one that was named, else the owner. Asks first whether Slipstream runs at all: that is the plainer answer. */
export async function accountToAsk(config: Config, control: Control, named: string | undefined): Promise<Account> {
  await control.send('GET', '/healthz');
  const accounts = await accountsNamed(config, named);
  const account = accounts.find(({ owner }) => owner) ?? accounts[0];
  if (!account) throw new Failure('No account is connected yet.');
  return account;
}

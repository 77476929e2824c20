import { Argument, Command } from 'commander';
import type { PersonalToken } from '../storage/sessions.ts';
import { accountsNamed, accountToAsk } from './account.ts';
import { idIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import { withControl } from './control.ts';
import { Failure } from './failure.ts';
import { type Stored, withStored } from './stored.ts';
import { table } from './table.ts';

interface Given extends Options {
  account?: string;
}

interface Listed {
  id: number;
  name: string;
  account: string;
  /** ISO 8601. */
  created_at: string;
}

/** Personal tokens: what a program sends as `Authorization: Bearer` to the API. */
export function tokenCommand(context: Context): Command {
  const token = new Command('token').description('personal tokens for the API');
  token.addCommand(
    new Command('create')
      .description('make one; it is shown this once')
      .argument('[name]', 'what it is for, so that you know later', 'command line')
      .option('--account <id>', "the provider's user id; default: the owner")
      .action((name: string, given: Given) => create(context, name, given)),
  );
  token.addCommand(
    new Command('list')
      .description('list them, from what is stored')
      .option('--account <id>', "the provider's user id; default: every account")
      .action((given: Given) => list(context, given)),
    { isDefault: true },
  );
  token.addCommand(
    new Command('revoke')
      .description('make one worthless at once')
      .addArgument(new Argument('<id>', 'as "slipstream token list" shows it').argParser(idIn))
      .action((id: number, given: Options) => revoke(context, id, given)),
  );
  return token;
}

async function create(context: Context, name: string, { account, json }: Given): Promise<void> {
  const config = context.config();
  const made = await withControl(config, async (control) => {
    const { user_id } = await accountToAsk(config, control, account);
    return control.post<{ id: number; name: string; token: string }>('/control/tokens', user_id, { name });
  });
  if (json) return context.json(made);
  context.say(made.token);
  context.note(
    'It is shown this once. A program sends it as "Authorization: Bearer …" and sees what its account sees.',
  );
}

async function list(context: Context, { account, json }: Given): Promise<void> {
  const config = context.config();
  const accounts = await accountsNamed(config, account);
  const named = new Set(accounts.map(({ user_id }) => user_id));
  const tokens = (await withStored(config, tokensIn)).filter((token) => named.has(token.account));
  if (json) return context.json(tokens);
  if (tokens.length === 0) return context.say('There are none. "slipstream token create <name>" makes one.');
  const rows = tokens.map(({ id, name, account: whose, created_at }) => [String(id), name, whose, created_at]);
  context.say(table(['ID', 'NAME', 'ACCOUNT', 'CREATED'], rows));
}

async function tokensIn({ accounts, sessions }: Stored): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const { id, user_id } of await accounts.riders()) {
    listed.push(...(await sessions.tokens(id)).map((token) => listedOf(token, user_id)));
  }
  return listed;
}

const listedOf = ({ id, name, createdAt }: PersonalToken, account: string): Listed => ({
  id,
  name,
  account,
  created_at: new Date(createdAt).toISOString(),
});

async function revoke(context: Context, id: number, { json }: Options): Promise<void> {
  const config = context.config();
  const token = (await withStored(config, tokensIn)).find((each) => each.id === id);
  if (!token) throw new Failure(`There is no token ${id}. "slipstream token list" shows those that there are.`);
  await withControl(config, (control) => control.remove(`/control/tokens/${id}`, token.account));
  if (json) return context.json({ revoked: id });
  context.say(`The token "${token.name}" is worthless from now on.`);
}

import { text } from 'node:stream/consumers';
import { Argument, Command } from 'commander';
import { SOURCE_TITLES, SOURCES, type SourceName } from '../vocabulary.ts';
import { minutesIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import { withControl } from './control.ts';
import { Failure } from './failure.ts';

/** What sources ask for: each takes those that it needs, and says what is missing. */
const GIVEN = {
  endpoint: '--endpoint <url>',
  'access-token': '--access-token <token>',
  'refresh-token': '--refresh-token <token>',
  account: '--account <number>',
} as const;

interface Added {
  source: SourceName;
  account: string;
  name: string;
  webhook_url: string;
  catches_up: boolean;
}

const sourceArgument = () => new Argument('<source>', 'which provider').choices(SOURCES);

/** Accounts of sources whose users do not sign in here. */
export function sourceAccountCommands(context: Context): Command[] {
  return [addCommand(context), removeCommand(context), setUpCommand(context)];
}

function addCommand(context: Context): Command {
  return new Command('add')
    .description('connect an account of another source')
    .addArgument(sourceArgument())
    .option(GIVEN.endpoint, 'pryv: its API endpoint, https://TOKEN@USER.HOST/')
    .option(GIVEN['access-token'], 'tradegecko')
    .option(GIVEN['refresh-token'], 'tradegecko')
    .option(GIVEN.account, 'tradegecko: by which number it is known here, where the provider does not tell')
    .addHelpText(
      'after',
      '\nWhatever stands on a command line can be read by every user of this machine (ps). Give "-" instead of a secret,\nand it is read from standard input, one line for each "-" in the order above:\n  slipstream accounts add pryv --endpoint - < endpoint.txt',
    )
    .action(async (source: SourceName, options: Record<string, unknown> & Options) => {
      const given = await read(options);
      const added = await withControl(context.config(), (control) =>
        control.post<Added>(`/control/sources/${source}/accounts`, undefined, given),
      );
      if (options.json) return context.json(added);
      context.say(`${SOURCE_TITLES[source]} account ${added.name || added.account} (${added.account}) is connected.`);
      context.say(`Register this webhook URL there, and treat it as a secret:\n${added.webhook_url}`);
      context.note(
        added.catches_up
          ? 'What it has is being copied; "slipstream status" shows how far it is.'
          : 'It offers nothing to ask what there is: what its webhooks bring is what is copied.',
      );
    });
}

/** What was given, by the names of the options; `-` is a line of standard input. */
async function read(options: Record<string, unknown>): Promise<Record<string, string>> {
  const names = Object.keys(GIVEN).map((name) => [name, options[camelCased(name)]] as const);
  const given = names.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (!given.some(([, value]) => value === '-')) return Object.fromEntries(given);
  const lines = (await text(process.stdin)).split(/\r?\n/);
  return Object.fromEntries(
    given.map(([name, value]) => {
      const line = value === '-' ? lines.shift()?.trim() : value;
      if (!line) throw new Failure(`Nothing came from standard input for --${name}.`);
      return [name, line];
    }),
  );
}

const camelCased = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

function removeCommand(context: Context): Command {
  return new Command('remove')
    .description('let go of an account of another source; what was copied stays unless it is erased')
    .addArgument(sourceArgument())
    .argument('<account>', 'as "slipstream accounts" lists it')
    .option('--erase', 'forget everything that was copied from it')
    .action(async (source: SourceName, account: string, { erase, json }: Options & { erase?: true }) => {
      const data = erase ? 'erase' : 'keep';
      const path = `/control/sources/${source}/accounts/${encodeURIComponent(account)}/leave`;
      const answer = await withControl(context.config(), (control) => control.post(path, undefined, { data }));
      if (json) return context.json(answer);
      const title = SOURCE_TITLES[source];
      context.say(
        erase
          ? `The account ${account} of ${title} and everything that was copied from it are erased.`
          : `The account ${account} of ${title} is disconnected. What was copied from it can still be looked at.`,
      );
      context.note(`Remove its webhook at ${title} too: what it still sends is refused or comes to nothing.`);
    });
}

function setUpCommand(context: Context): Command {
  return new Command('set-up')
    .description('for a while, answer a provider that asks unsigned whether the webhook URL is yours')
    .addArgument(sourceArgument())
    .option('--minutes <number>', 'for so long', minutesIn, 15)
    .action(async (source: SourceName, { minutes, json }: Options & { minutes: number }) => {
      const answer = await withControl(context.config(), (control) =>
        control.post<{ until: string; webhook_url: string }>(`/control/sources/${source}/set-up`, undefined, {
          minutes,
        }),
      );
      if (json) return context.json(answer);
      const title = SOURCE_TITLES[source];
      context.say(`Until ${answer.until}, ${title} may ask unsigned. Register its webhook now:\n${answer.webhook_url}`);
    });
}

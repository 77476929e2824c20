import { Argument, Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config.ts';
import type { Account } from '../storage/accounts.ts';
import { RIDERS, SOURCE_TITLES, SOURCES, type SourceName } from '../vocabulary.ts';
import { type RideAddress, readRideAddress } from '../web/ride-address.ts';
import { lagInWords, type WhyEvent } from '../web/why-events.ts';
import { type Why, whyOf } from '../web/why-verdict.ts';
import { whyFacts } from '../why.ts';
import { accountsNamed } from './account.ts';
import type { Context, Options } from './context.ts';
import { withControl } from './control.ts';
import { Failure } from './failure.ts';
import { withStored } from './stored.ts';

/** `trips/123`, or a record of another source. */
type Named = { ride: RideAddress } | { source: SourceName; type: string; id: string };

/** Why something is here or not: the same answer as the page, from the running program or from what is stored. */
export function whyCommand(context: Context): Command {
  return new Command('why')
    .description('why a ride is here, or why it is not; or a record of another source')
    .addArgument(
      new Argument('<ride>', 'trips/123, routes/123, its address at Ride With GPS, or SOURCE/TYPE/ID').argParser(named),
    )
    .option('--account <id>', "the provider's id of the account; default: the owner's, or the one that has it")
    .action(async (what: Named, { account, json }: Options & { account?: string }) => {
      const config = context.config();
      const why = 'ride' in what ? await ofRide(config, what.ride, account) : await ofRecord(config, what, account);
      if (json) return context.json(why);
      context.say(`${titleOf(why)}\n\n${why.verdict.sentence}\n${why.verdict.meaning}`);
      if (why.events.length > 0) context.say(`\n${why.events.map(lineOf).join('\n')}`);
    });
}

function named(text: string): Named {
  const [, source, type = '', id = ''] = /^(\w+)\/([^/]+)\/(.+)$/.exec(text) ?? [];
  const other = SOURCES.find((each) => each === source);
  if (other) return { source: other, type, id };
  const ride = readRideAddress(text);
  if (ride) return { ride };
  throw new InvalidArgumentError('A ride is named like trips/123 or routes/123, a record like tradegecko/order/123.');
}

async function ofRide(config: Config, { kind, id }: RideAddress, wanted: string | undefined): Promise<Why> {
  const accounts = await accountsNamed(config, wanted);
  const account = accounts.find(({ owner }) => owner) ?? accounts[0];
  if (!account) throw new Failure('No account is connected yet.');
  const type = kind === 'routes' ? 'route' : 'trip';
  return tell(config, account, `/api/v1/${kind}/${id}/why`, type, id);
}

async function ofRecord(
  config: Config,
  { source, type, id }: { source: SourceName; type: string; id: string },
  wanted: string | undefined,
): Promise<Why> {
  const account = await withStored(config, async ({ accounts, records }) => {
    const all = (await accounts.list()).filter(
      (each) => each.source === source && (wanted === undefined || each.user_id === wanted),
    );
    const ids = all.map((each) => each.id);
    const record = await records.find(ids, type, id);
    return all.find((each) => each.id === record?.accountId) ?? all[0];
  });
  if (!account) throw new Failure(`No such account of ${SOURCE_TITLES[source]} is here.`);
  const path = `/api/v1/sources/${source}/records/${encodeURIComponent(type)}/${encodeURIComponent(id)}/why`;
  return tell(config, account, `${path}?account=${encodeURIComponent(account.user_id)}`, type, id);
}

function tell(config: Config, account: Account, path: string, type: string, id: string): Promise<Why> {
  return withControl(config, async (control) => {
    const asker = account.source === RIDERS ? account.user_id : undefined;
    if (await control.running()) return control.get<Why>(path, asker);
    return withStored(config, async ({ status, records }) =>
      whyOf(await whyFacts({ ...status, records }, account, type, id)),
    );
  });
}

const titleOf = ({ type, id, name }: Why): string =>
  `${type.charAt(0).toUpperCase()}${type.slice(1)} ${id}${name === null ? '' : `: ${oneLine(name)}`}`;

function lineOf(event: WhyEvent): string {
  const { at, kind, attention, what, meaning } = event;
  const when = kind === 'now' ? 'now'.padEnd(19) : at.slice(0, 19).replace('T', ' ');
  const lag = kind === 'now' ? '' : lagInWords(event);
  const words = `${attention ? '! ' : ''}${what}${lag === '' ? '' : `, ${lag}`}`;
  return `  ${when}  ${oneLine(words)}${meaning === '' ? '' : `\n${' '.repeat(23)}${oneLine(meaning)}`}`;
}

/** A name is a rider's own text; a terminal obeys control characters. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

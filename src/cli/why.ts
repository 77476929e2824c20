import { Argument, Command, InvalidArgumentError } from 'commander';
import type { Config } from '../config.ts';
import type { Account } from '../storage/accounts.ts';
import { type RideAddress, readRideAddress } from '../web/ride-address.ts';
import { lagInWords, type WhyEvent } from '../web/why-events.ts';
import { type Why, whyOf } from '../web/why-verdict.ts';
import { whyFacts } from '../why.ts';
import { accountsNamed } from './account.ts';
import type { Context, Options } from './context.ts';
import { withControl } from './control.ts';
import { Failure } from './failure.ts';
import { withStored } from './stored.ts';

/** Why a ride is here or not: the same answer as the page, from the running program or from what is stored. */
export function whyCommand(context: Context): Command {
  return new Command('why')
    .description('why a ride is here, or why it is not')
    .addArgument(new Argument('<ride>', 'trips/123, routes/123, or its address at Ride With GPS').argParser(rideIn))
    .option('--account <id>', "the provider's user id; default: the owner")
    .action(async (ride: RideAddress, { account: named, json }: Options & { account?: string }) => {
      const config = context.config();
      const accounts = await accountsNamed(config, named);
      const account = accounts.find(({ owner }) => owner) ?? accounts[0];
      if (!account) throw new Failure('No account is connected yet.');
      const why = await tell(config, account, ride);
      if (json) return context.json(why);
      context.say(`${titleOf(why)}\n\n${why.verdict.sentence}\n${why.verdict.meaning}`);
      if (why.events.length > 0) context.say(`\n${why.events.map(lineOf).join('\n')}`);
    });
}

function rideIn(text: string): RideAddress {
  const ride = readRideAddress(text);
  if (ride) return ride;
  throw new InvalidArgumentError('A ride is named like trips/123 or routes/123.');
}

function tell(config: Config, account: Account, { kind, id }: RideAddress): Promise<Why> {
  return withControl(config, async (control) => {
    if (await control.running()) return control.get<Why>(`/api/v1/${kind}/${id}/why`, account.user_id);
    const type = kind === 'routes' ? 'route' : 'trip';
    return withStored(config, async ({ status, records }) =>
      whyOf(await whyFacts({ ...status, records }, account, type, id)),
    );
  });
}

const titleOf = ({ type, id, name }: Why): string =>
  `${type === 'route' ? 'Route' : 'Trip'} ${id}${name === null ? '' : `: ${oneLine(name)}`}`;

function lineOf(event: WhyEvent): string {
  const { at, kind, attention, what, meaning } = event;
  const when = kind === 'now' ? 'now'.padEnd(19) : at.slice(0, 19).replace('T', ' ');
  const lag = kind === 'now' ? '' : lagInWords(event);
  const words = `${attention ? '! ' : ''}${what}${lag === '' ? '' : `, ${lag}`}`;
  return `  ${when}  ${oneLine(words)}${meaning === '' ? '' : `\n${' '.repeat(23)}${oneLine(meaning)}`}`;
}

/** A name is a rider's own text; a terminal obeys control characters. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

import { Command } from 'commander';
import type { DeletionsReport, Held } from '../storage/sync.ts';
import { accountsNamed, accountToAsk } from './account.ts';
import { ago } from './ago.ts';
import type { Context, Options } from './context.ts';
import { type Control, withControl } from './control.ts';
import { table } from './table.ts';

interface Given extends Options {
  account?: string;
  kept?: true;
}

interface Answer extends Given {
  through: string;
}

interface OfAccount extends DeletionsReport {
  account: string;
  name: string;
}

/** What the deletion brake holds, and the two answers to it. */
export function deletionsCommand(context: Context): Command {
  const deletions = new Command('deletions').description(
    'deletions that Slipstream did not carry out, and your word on them',
  );
  deletions.addCommand(
    new Command('list')
      .description('list them, and why')
      .option('--account <id>', "the provider's user id; default: every account")
      .option('--kept', 'what you decided to keep instead')
      .action((given: Given) => list(context, given)),
    { isDefault: true },
  );
  deletions.addCommand(
    answerCommand('confirm', 'you deleted them: they become deleted here too, and stay readable')
      .option('--kept', 'what you had decided to keep')
      .action((given: Answer) => confirm(context, given)),
  );
  deletions.addCommand(
    answerCommand('refuse', 'you did not: they stay as they are, and are asked for again').action((given: Answer) =>
      refuse(context, given),
    ),
  );
  return deletions;
}

/** `--through` makes it an answer to what was listed: what was held since is not touched. */
const answerCommand = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .requiredOption('--through <time>', 'as "slipstream deletions list" says it')
    .option('--account <id>', "the provider's user id; default: the owner");

async function list(context: Context, { account, kept, json }: Given): Promise<void> {
  const reports = await withControl(context.config(), (control) => reportsOf(context, control, account));
  if (json) return context.json(reports);
  const shown = reports.filter((report) => (kept ? report.kept.items : report.items).length > 0);
  if (shown.length === 0) return context.say(kept ? 'You keep nothing that is gone.' : 'No deletion is held.');
  for (const report of shown) context.say(kept ? keptOf(report, Date.now()) : heldOf(report, Date.now()));
}

async function confirm(context: Context, given: Answer): Promise<void> {
  const path = given.kept ? '/api/v1/deletions/kept/confirm' : '/api/v1/deletions/confirm';
  const { confirmed } = await send<{ confirmed: number }>(context, path, given);
  if (given.json) return context.json({ confirmed });
  context.say(`${confirmed} deleted. They can still be looked at under Deleted.`);
}

async function refuse(context: Context, given: Answer): Promise<void> {
  const { kept } = await send<{ kept: number }>(context, '/api/v1/deletions/refuse', given);
  if (given.json) return context.json({ kept });
  context.say(`${kept} kept. "slipstream deletions list --kept" lists what Ride With GPS still does not have.`);
}

function send<T>(context: Context, path: string, { account, through }: Answer): Promise<T> {
  const config = context.config();
  return withControl(config, async (control) => {
    const { user_id } = await accountToAsk(config, control, account);
    return control.post<T>(path, user_id, { through });
  });
}

async function reportsOf(context: Context, control: Control, named: string | undefined): Promise<OfAccount[]> {
  await control.send('GET', '/healthz');
  const reports: OfAccount[] = [];
  for (const { user_id, name } of await accountsNamed(context.config(), named)) {
    const report = await control.get<DeletionsReport>('/api/v1/deletions', user_id);
    reports.push({ account: user_id, name: name || user_id, ...report });
  }
  return reports;
}

function heldOf({ account, name, items, meta }: OfAccount, now: number): string {
  const answer = `--account ${account} --through ${meta.through}`;
  return [
    `${name}: ${meta.reason}\n`,
    rowsOf(items, 'GONE', now),
    '\nIf you deleted them:      slipstream deletions confirm ',
    answer,
    '\nIf you did not:           slipstream deletions refuse ',
    answer,
  ].join('');
}

function keptOf({ account, name, kept: { items, meta } }: OfAccount, now: number): string {
  return `${name}: kept, although Ride With GPS does not have them any more.\n${rowsOf(items, 'KEPT', now)}\nIf you deleted them after all: slipstream deletions confirm --kept --account ${account} --through ${meta.through}`;
}

function rowsOf(items: readonly Held[], since: string, now: number): string {
  const rows = items.map((item) => [
    `${item.type} ${item.id}`,
    item.happened_at.slice(0, 10),
    item.distance === null ? '' : `${(item.distance / 1_000).toFixed(1)} km`,
    ago(item.since, now),
    oneLine(item.name),
  ]);
  return `\n${table(['ITEM', 'DATE', 'DISTANCE', since, 'NAME'], rows)}\n`;
}

/** A name is a rider's own text; a terminal obeys control characters. */
const oneLine = (name: string): string => name.replace(/\p{Cc}+/gu, ' ');

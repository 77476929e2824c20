import { Argument, Command, Option } from 'commander';
import type { RecordItem, RecordPage, RecordQuery } from '../storage/records.ts';
import { ITEM_STATES, SOURCE_TITLES, SOURCES, type SourceName } from '../vocabulary.ts';
import { ago } from './ago.ts';
import { pageIn } from './arguments.ts';
import type { Context, Options } from './context.ts';
import { Failure } from './failure.ts';
import { type Stored, withStored } from './stored.ts';
import { table } from './table.ts';

interface Given extends Options, Pick<RecordQuery, 'type' | 'state' | 'q'> {
  page: number;
  account?: string;
}

const PAGE_SIZE = 50;
const LONGEST = 60;

/** What is stored of a source, as a list or one whole. */
export function recordsCommand(context: Context): Command {
  return new Command('records')
    .description('list what was copied from a source, or show one of it, from what is stored')
    .addArgument(new Argument('<source>', 'which provider').choices(SOURCES))
    .argument('[record]', 'type/id: this one alone, with its whole body')
    .option('--type <type>', 'only those of this type')
    .addOption(new Option('--state <state>', 'default: active').choices(ITEM_STATES))
    .option('--q <words>', 'words of it, each at least begun')
    .option('--account <id>', "the provider's id of the account; default: all of them")
    .option('--page <number>', 'fifty at a time', pageIn, 1)
    .action(async (source: SourceName, record: string | undefined, given: Given) => {
      const { config, json, say, note } = context;
      await withStored(config(), async (stored) => {
        const ids = await accountIds(stored, source, given.account);
        if (record !== undefined) {
          const { item, body } = await oneRecord(stored, ids, record);
          if (given.json) return json({ item: { ...entryOf(item), body: JSON.parse(body) } });
          note(`${item.title}${item.summary && `, ${item.summary}`} (${item.state})`);
          return say(body);
        }
        const { page, type, state, q } = given;
        const answer = await stored.records.list(ids, { type, state, q, page, pageSize: PAGE_SIZE });
        if (given.json) return json({ ...answer, items: answer.items.map(entryOf) });
        say(rowsOf(answer));
        return note(pagesOf(answer));
      });
    });
}

async function accountIds({ accounts }: Stored, source: SourceName, named: string | undefined): Promise<number[]> {
  const all = (await accounts.list()).filter((account) => account.source === source);
  const chosen = all.filter(({ user_id }) => named === undefined || user_id === named);
  if (chosen.length > 0) return chosen.map(({ id }) => id);
  throw new Failure(`There is no ${named === undefined ? '' : 'such '}account of ${SOURCE_TITLES[source]} here.`);
}

async function oneRecord(
  { records }: Stored,
  ids: number[],
  named: string,
): Promise<{ item: RecordItem; body: string }> {
  const [, type = '', id = ''] = /^([^/]+)\/(.+)$/.exec(named) ?? [];
  const item = await records.find(ids, type, id);
  const body = item && (await records.body(item.accountId, type, id));
  if (!body) throw new Failure(`There is no record ${named} here. One is named by its type and id, as in order/123.`);
  return { item, body: Buffer.from(body).toString() };
}

function rowsOf({ items }: RecordPage): string {
  if (items.length === 0) return 'There is nothing of that kind here.';
  const now = Date.now();
  const rows = items.map(({ type, id, state, title, summary, updated_at, fetched_at }) => [
    `${type}/${id}`,
    state,
    ago(updated_at ?? fetched_at, now),
    short(title),
    short(summary),
  ]);
  return table(['RECORD', 'STATE', 'CHANGED', 'TITLE', 'SUMMARY'], rows);
}

const pagesOf = ({ meta: { total, page, page_size } }: RecordPage): string =>
  `Page ${page} of ${Math.max(1, Math.ceil(total / page_size))}, ${total} in all.`;

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

const entryOf = ({ accountId: _, ...entry }: RecordItem) => entry;

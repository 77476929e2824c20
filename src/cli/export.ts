import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { exportItem, FILE_FORMATS, type FileFormat } from '../export/index.ts';
import { listWhole } from '../export/list-whole.ts';
import type { Account } from '../storage/accounts.ts';
import type { Library, LibraryItem, RideType } from '../storage/library.ts';
import { ITEM_STATES, type ItemState } from '../vocabulary.ts';
import { accountsNamed } from './account.ts';
import type { Context, Options } from './context.ts';
import { createExportFolder, type Put } from './export-folder.ts';
import { withStored } from './stored.ts';

const TYPES: Record<string, readonly RideType[]> = { routes: ['route'], trips: ['trip'], all: ['route', 'trip'] };

interface Given extends Options {
  format: FileFormat;
  out: string;
  type: string;
  state: ItemState | 'all';
  account?: string;
}

export function exportCommand(context: Context): Command {
  return new Command('export')
    .description('write the library as files, from what is stored; run it again to go on or to refresh')
    .addOption(new Option('--format <format>', 'of the files').choices(FILE_FORMATS).default('gpx'))
    .option('--out <folder>', 'where to', 'export')
    .addOption(new Option('--type <type>').choices(Object.keys(TYPES)).default('all'))
    .addOption(
      new Option('--state <state>', 'hidden: no longer visible to the account')
        .choices([...ITEM_STATES, 'all'])
        .default('active'),
    )
    .option('--account <id>', "the provider's user id; default: the owner")
    .action(async (given: Given) => {
      const config = context.config();
      const named = await accountsNamed(config, given.account);
      const account = named.find(({ owner }) => owner) ?? named[0];
      if (!account) return;
      const counts = await withStored(config, ({ library }) => exportAll(context, library, account, given));
      const out = resolve(given.out);
      if (given.json) return context.json({ ...counts, out });
      context.say(
        `${counts.written} written, ${counts.there} were there already${counts.empty ? `, ${counts.empty} never had a body` : ''}: ${out}`,
      );
    });
}

async function exportAll(
  context: Context,
  library: Library,
  { id: accountId, user_id }: Account,
  { format, out, type, state }: Given,
): Promise<Record<Put, number>> {
  const items = await itemsOf(library, accountId, TYPES[type] ?? [], state === 'all' ? ITEM_STATES : [state]);
  const folder = createExportFolder(resolve(out), user_id);
  const counts: Record<Put, number> = { written: 0, there: 0, empty: 0 };
  const bar = context.progress('Exporting');
  try {
    for (const [index, item] of items.entries()) {
      const make = () => exportItem(library, { accountId, type: item.type, id: item.id, format });
      counts[await folder.put(item, format, make)] += 1;
      bar.update(index + 1, items.length);
    }
  } finally {
    bar.end();
    folder.close();
  }
  return counts;
}

async function itemsOf(
  library: Library,
  accountId: number,
  types: readonly RideType[],
  states: readonly ItemState[],
): Promise<LibraryItem[]> {
  const found: LibraryItem[] = [];
  for (const state of states) found.push(...(await listWhole(library, accountId, { types, state }, (item) => item)));
  return found;
}

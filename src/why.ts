import type { StatusParts } from './status.ts';
import { statusOf } from './status.ts';
import type { Account } from './storage/accounts.ts';
import type { KnownOfKey } from './storage/inbox.ts';
import type { Fetch, Standing } from './storage/items.ts';
import type { Records } from './storage/records.ts';
import type { AccountSync, QueueCounts } from './storage/sync.ts';
import type { ItemState } from './vocabulary.ts';

/** Older ones say nothing about why it is as it is now. */
const MOST_FETCHES = 100;

/** Everything that is known here of one item, whether it is here or not. */
export interface WhyFacts {
  type: string;
  id: string;
  /** Epoch milliseconds. */
  now: number;
  account: Pick<Account, 'state' | 'tokenKind' | 'connectedAt'>;
  sync: AccountSync;
  queue: QueueCounts;
  /** Null: it has no body here. */
  item: { name: string; state: ItemState; owned: boolean } | null;
  standing: Standing | undefined;
  /** Newest first. */
  fetches: readonly Fetch[];
  known: KnownOfKey;
}

export interface WhyParts extends StatusParts {
  records: Pick<Records, 'find'>;
}

/** What an address of an item has for an id, and nothing else is asked about. */
export const isItemId = (id: string): boolean => /^[1-9]\d{0,18}$/.test(id);

/** Puts together what the inbox and the mirror know. */
export async function whyFacts(parts: WhyParts, account: Account, type: string, id: string): Promise<WhyFacts> {
  const { inbox, items, records, now } = parts;
  const ref = { accountId: account.id, type, id };
  const [known, standing, fetches, item, status] = await Promise.all([
    inbox.about({ source: account.source, account: account.user_id, type, id }),
    items.standing(ref),
    items.fetches(ref, MOST_FETCHES),
    records.find([account.id], type, id),
    statusOf(parts, account),
  ]);
  return {
    type,
    id,
    now: now(),
    account,
    ...status,
    item: item ? { name: item.title, state: item.state, owned: standing?.owned ?? false } : null,
    standing,
    fetches,
    known,
  };
}

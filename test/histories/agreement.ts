import type { Sandbox } from '../../src/sandbox/index.ts';
import type { AccountReader } from '../../src/storage/accounts.ts';
import type { Library, LibraryItem, RideType } from '../../src/storage/library.ts';
import { ITEM_STATES } from '../../src/vocabulary.ts';

const PAGE = 200;

export interface Compared {
  sandbox: Sandbox;
  mirror: { accounts: Pick<AccountReader, 'find'>; library: Library };
}

/** What the mirror has that the provider does not say to this rider, and the other way round; a sentence each. */
export async function differences({ sandbox, mirror }: Compared, rider: number): Promise<string[]> {
  const account = await mirror.accounts.find({ source: 'ridewithgps', account: String(rider) });
  if (!account) return [`Rider ${rider} is not connected.`];
  const { world } = sandbox;
  const token = world.issueToken(rider, 'test-key');
  const found: string[] = [];

  const here = new Map((await everything(mirror.library, account.id)).map((item) => [nameOf(item), item]));

  const pins = new Set(world.pinned(rider).map(nameOf));
  const there = new Map([...world.items(rider), ...world.pinned(rider)].map((item) => [nameOf(item), item]));
  for (const [name, item] of there) {
    const answer = await fetch(`${sandbox.url}/api/v1/${item.type}s/${item.id}.json`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await answer.text();
    const copy = here.get(name);
    if (!answer.ok) {
      if (copy && copy.state !== 'hidden')
        found.push(`${name} cannot be seen there (${answer.status}), here it is ${copy.state}.`);
    } else if (copy?.state !== 'active') {
      found.push(`${name} is there, here it is ${copy?.state ?? 'missing'}.`);
    } else if (copy.owned !== (item.userId === rider) || copy.pinned !== pins.has(name)) {
      found.push(`${name} is owned: ${copy.owned}, pinned: ${copy.pinned} here, and not so there.`);
    } else {
      const body = await mirror.library.body(account.id, item.type as RideType, String(item.id));
      if (new TextDecoder().decode(body) !== text) found.push(`${name} has another body here.`);
    }
  }
  for (const [name, { state, owned }] of here) {
    if (there.has(name)) continue;
    const expected = owned ? 'deleted' : 'hidden';
    if (state !== expected) found.push(`${name} is not there; here it is ${state} instead of ${expected}.`);
  }
  return found;
}

async function everything(library: Library, accountId: number): Promise<LibraryItem[]> {
  const all: LibraryItem[] = [];
  for (const state of ITEM_STATES) {
    for (let page = 1, total = 1; (page - 1) * PAGE < total; page += 1) {
      const { items, meta } = await library.list(accountId, { types: ['route', 'trip'], state, page, pageSize: PAGE });
      all.push(...items);
      total = meta.total;
    }
  }
  return all;
}

const nameOf = ({ type, id }: { type: string; id: string | number }): string => `${type}/${id}`;

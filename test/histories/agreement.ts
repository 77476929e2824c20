import type { Sandbox } from '../../src/sandbox/index.ts';
import type { Item } from '../../src/sandbox/model.ts';
import type { AccountReader } from '../../src/storage/accounts.ts';
import type { Library, RideType } from '../../src/storage/library.ts';
import { ITEM_STATES } from '../../src/vocabulary.ts';

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

  const here = new Map<string, { state: string; owned: boolean; pinned: boolean }>();
  for (const state of ITEM_STATES) {
    const { items } = await mirror.library.list(account.id, {
      types: ['route', 'trip'],
      state,
      page: 1,
      pageSize: 200,
    });
    for (const { type, id, owned, pinned } of items) here.set(`${type}/${id}`, { state, owned, pinned });
  }

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
      if (body?.toString() !== text) found.push(`${name} has another body here.`);
    }
  }
  for (const [name, { state, owned }] of here) {
    if (there.has(name)) continue;
    const expected = owned ? 'deleted' : 'hidden';
    if (state !== expected) found.push(`${name} is not there; here it is ${state} instead of ${expected}.`);
  }
  return found;
}

const nameOf = ({ type, id }: Pick<Item, 'type' | 'id'>): string => `${type}/${id}`;

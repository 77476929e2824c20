import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ask, CLIENT, firstOf, listOf, objectOf, sandboxFor, TWO_RIDERS } from './support.ts';

const START = Date.UTC(2026, 4, 1, 12);

/** A sandbox whose clock the test moves. */
async function ticking(options = {}) {
  let time = START;
  const sandbox = await sandboxFor({ now: () => time, riders: TWO_RIDERS, ...options });
  return {
    sandbox,
    token: sandbox.world.issueToken(1, CLIENT.apiKey),
    tick: (seconds: number) => (time += seconds * 1_000),
  };
}
const sync = async (sandbox: Sandbox, token: string, query: string) => {
  const answer = await ask(sandbox, `/api/v1/sync.json?${query}`, token);
  return { ...answer, items: answer.status === 200 ? listOf(answer.body.items) : [] };
};
const brief = (items: Record<string, unknown>[]) =>
  items.map(({ item_type, item_id, action }) => `${action} ${item_type} ${item_id}`);

describe('sync since 1970', () => {
  test('lists the library as it is now', async () => {
    const { sandbox, token, tick } = await ticking();
    const [doomed] = sandbox.world.items(1, 'trip');
    sandbox.world.remove('trip', doomed?.id ?? 0);
    const fresh = sandbox.world.create(1, 'route');
    sandbox.world.edit('route', fresh.id, { name: 'x' });
    tick(5);
    const foreign = firstOf(sandbox.world.items(2, 'trip'));
    sandbox.world.pin(1, 'trip', foreign.id);
    const { items } = await sync(sandbox, token, 'since=1970-01-01&assets=routes,trips');
    const expected = sandbox.world.items(1).map(({ type, id }) => `created ${type} ${id}`);
    expect(brief(items).toSorted()).toEqual([...expected, `added trip ${foreign.id}`].toSorted());
    expect(items.find(({ action }) => action === 'added')).toEqual({
      item_type: 'trip',
      item_id: foreign.id,
      item_user_id: 2,
      item_url: `${sandbox.url}/api/v1/trips/${foreign.id}.json`,
      action: 'added',
      datetime: '2026-05-01T12:00:05Z',
      collection: { id: 500_001, type: 'pinned', name: 'Pinned', url: `${sandbox.url}/api/v1/collections/500001.json` },
    });
    const created = items.find(({ item_id, item_type }) => item_id === fresh.id && item_type === 'route');
    expect(created).toMatchObject({ collection: null, datetime: '2026-05-01T12:00:00Z', item_user_id: 1 });
    expect(created).not.toHaveProperty('user_id');
  });
});

describe('sync since a time', () => {
  test('lists what was done since, in order, also what is gone again', async () => {
    const { sandbox, token, tick } = await ticking();
    tick(10);
    const route = sandbox.world.create(1, 'route');
    tick(10);
    sandbox.world.edit('route', route.id, { name: 'x' });
    sandbox.world.pin(1, 'route', route.id);
    tick(10);
    sandbox.world.unpin(1, 'route', route.id);
    sandbox.world.remove('route', route.id);
    const { items } = await sync(sandbox, token, 'since=2026-05-01T12:00:05Z');
    expect(brief(items)).toEqual(
      ['created', 'updated', 'added', 'removed', 'deleted'].map((action) => `${action} route ${route.id}`),
    );
    const later = await sync(sandbox, token, 'since=2026-05-01T12:00:15Z');
    expect(later.items).toHaveLength(4);
    expect((await sync(sandbox, token, 'since=2026-05-01T12:01:00Z')).items).toEqual([]);
  });

  test('has the time as the next since, and a URL that asks for just that', async () => {
    const { sandbox, token, tick } = await ticking();
    tick(10);
    const { body } = await sync(sandbox, token, 'since=1970-01-01&assets=routes,trips');
    expect(body.meta).toEqual({
      rwgps_datetime: '2026-05-01T12:00:10Z',
      next_sync_url: `${sandbox.url}/api/v1/sync.json?since=2026-05-01T12%3A00%3A10Z&assets=routes%2Ctrips`,
    });
    sandbox.world.create(1, 'trip');
    const next = String(objectOf(body.meta).next_sync_url).split('?')[1] ?? '';
    expect((await sync(sandbox, token, next)).items).toHaveLength(1);
  });

  test.each([
    '2026-05-01T12:00:05Z',
    '2026-05-01T12%3A00%3A05%2B00%3A00',
    '2026-05-01T12:00:05%2B00:00',
    '2026-05-01T12:00:05+00:00',
    '2026-05-01T14:00:05%2B0200',
  ])('understands since=%s', async (since) => {
    const { sandbox, token, tick } = await ticking();
    tick(4);
    sandbox.world.create(1, 'trip');
    tick(2);
    const late = sandbox.world.create(1, 'trip');
    const { items } = await sync(sandbox, token, `since=${since}&assets=routes%2Ctrips`);
    expect(items.map(({ item_id }) => item_id)).toEqual([late.id]);
  });

  test('refuses a since that is missing or no time, and assets nobody knows', async () => {
    const { sandbox, token } = await ticking();
    for (const query of ['', 'since=yesterday', 'since=1970-01-01&assets=segments']) {
      const answer = await sync(sandbox, token, query);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toEqual(expect.any(String));
    }
  });

  test('limits to the assets asked for, or else to the client’s setting', async () => {
    const { sandbox, token } = await ticking({ clients: [{ ...CLIENT, assets: ['trips'] }] });
    const types = async (query: string) =>
      new Set((await sync(sandbox, token, query)).items.map(({ item_type }) => item_type));
    expect(await types('since=1970-01-01&assets=routes,trips')).toEqual(new Set(['route', 'trip']));
    expect(await types('since=1970-01-01&assets=routes')).toEqual(new Set(['route']));
    expect(await types('since=1970-01-01')).toEqual(new Set(['trip']));
  });

  test('says of others’ items only that they were pinned and unpinned', async () => {
    const { sandbox, token, tick } = await ticking();
    tick(10);
    const foreign = sandbox.world.create(2, 'trip');
    sandbox.world.pin(1, 'trip', foreign.id);
    sandbox.world.edit('trip', foreign.id, { name: 'y' });
    sandbox.world.unpin(1, 'trip', foreign.id);
    sandbox.world.remove('trip', foreign.id);
    const { items } = await sync(sandbox, token, 'since=2026-05-01T12:00:05Z');
    expect(items.map(({ action }) => action)).toEqual(['added', 'removed']);
  });

  test('leaves out what was done unlogged, and has what was done silently', async () => {
    const { sandbox, token, tick } = await ticking();
    tick(10);
    const trip = firstOf(sandbox.world.items(1, 'trip'));
    sandbox.world.edit('trip', trip.id, { name: 'silent' }, { silent: true });
    sandbox.world.remove('trip', trip.id, { unlogged: true });
    const { items } = await sync(sandbox, token, 'since=2026-05-01T12:00:05Z');
    expect(items.map(({ action }) => action)).toEqual(['updated']);
  });
});

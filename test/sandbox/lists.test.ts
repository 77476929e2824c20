import { describe, expect, test } from 'vitest';
import { ask, CLIENT, listOf, objectOf, sandboxFor, TWO_RIDERS } from './support.ts';

const many = async () => {
  const sandbox = await sandboxFor({ riders: [{ id: 1, name: 'Robin Field', routes: 4, trips: 45, points: 60 }] });
  return { sandbox, token: sandbox.world.issueToken(1, CLIENT.apiKey) };
};

describe('lists', () => {
  test('are newest first, in pages that end', async () => {
    const { sandbox, token } = await many();
    const seen: Record<string, unknown>[] = [];
    let path: string | null = '/api/v1/trips.json';
    while (path !== null) {
      const { body }: { body: Record<string, unknown> } = await ask(sandbox, path, token);
      seen.push(...listOf(body.trips));
      const pagination = objectOf(objectOf(body.meta).pagination);
      expect(pagination).toMatchObject({ record_count: 45, page_count: 3, page_size: 20 });
      const next = pagination.next_page_url;
      path = typeof next === 'string' ? next.replace(sandbox.url, '') : null;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(45);
    const times = seen.map((entry) => String(entry.updated_at));
    expect(times).toEqual(times.toSorted().reverse());
  });

  test.each([
    ['5', 20],
    ['0', 20],
    ['abc', 20],
    ['33', 33],
    ['200', 200],
    ['5000', 200],
  ])('page_size=%s is taken as %i', async (asked, size) => {
    const { sandbox, token } = await many();
    const { body } = await ask(sandbox, `/api/v1/trips.json?page_size=${asked}`, token);
    expect(objectOf(objectOf(body.meta).pagination).page_size).toBe(size);
    expect(listOf(body.trips)).toHaveLength(Math.min(45, size));
  });

  test('a page past the end is empty and names no next', async () => {
    const { sandbox, token } = await many();
    const { body } = await ask(sandbox, '/api/v1/trips.json?page=99', token);
    expect(body.trips).toEqual([]);
    expect(body.meta).toMatchObject({ pagination: { next_page_url: null } });
  });

  test('leave out track points, cues, places and gear', async () => {
    const { sandbox, token } = await many();
    const routes = listOf((await ask(sandbox, '/api/v1/routes.json', token)).body.routes);
    const trips = listOf((await ask(sandbox, '/api/v1/trips.json', token)).body.trips);
    for (const key of ['track_points', 'course_points', 'points_of_interest', 'gear']) {
      for (const entry of [...routes, ...trips]) expect(entry).not.toHaveProperty(key);
    }
  });

  test('filter by name, visibility and distance, and keep the filter in the next page', async () => {
    const { sandbox, token } = await many();
    for (const trip of sandbox.world.items(1, 'trip').slice(0, 25))
      sandbox.world.edit('trip', trip.id, { name: 'Kaffee und Kuchen', visibility: 'private' });
    const named = await ask(sandbox, '/api/v1/trips.json?name=kaffee', token);
    expect(named.body.meta).toMatchObject({
      pagination: { record_count: 25, next_page_url: expect.stringContaining('name=kaffee') },
    });
    const open = await ask(sandbox, '/api/v1/trips.json?visibility=private&page_size=200', token);
    for (const trip of listOf(open.body.trips)) expect(trip.visibility).toBe('private');
    expect((await ask(sandbox, '/api/v1/trips.json?distance_min=10000000', token)).body.trips).toEqual([]);
    expect((await ask(sandbox, '/api/v1/trips.json?stationary=true', token)).body.trips).toEqual([]);
  });

  test('have only what is one’s own, and credentials in the query do not get into links', async () => {
    const sandbox = await sandboxFor({
      riders: [{ id: 1, name: 'A', routes: 0, trips: 30, points: 20 }, ...TWO_RIDERS.slice(1)],
    });
    const token = sandbox.world.issueToken(1, CLIENT.apiKey);
    const { body } = await ask(sandbox, `/api/v1/trips.json?apikey=${CLIENT.apiKey}&auth_token=${token}`);
    for (const trip of listOf(body.trips)) expect(trip.user_id).toBe(1);
    expect(JSON.stringify(body)).not.toContain(token);
  });
});

describe('the pinned collection', () => {
  test('is not there without pins, then has summaries, and is nobody else’s', async () => {
    const sandbox = await sandboxFor({ riders: TWO_RIDERS });
    const [one, two] = [sandbox.world.issueToken(1, CLIENT.apiKey), sandbox.world.issueToken(2, CLIENT.apiKey)];
    const missing = await ask(sandbox, '/api/v1/collections/pinned.json', one);
    expect([missing.status, missing.body]).toEqual([404, { error: 'Pinned collection not found' }]);
    expect((await ask(sandbox, '/api/v1/collections.json', one)).body.collections).toEqual([]);

    const foreign = sandbox.world.create(2, 'route');
    const own = sandbox.world.create(1, 'trip');
    sandbox.world.pin(1, 'route', foreign.id);
    sandbox.world.pin(1, 'trip', own.id);
    const collection = objectOf((await ask(sandbox, '/api/v1/collections/pinned.json', one)).body.collection);
    expect(listOf(collection.routes).map(({ id, user_id }) => [id, user_id])).toEqual([[foreign.id, 2]]);
    expect(listOf(collection.trips).map(({ id }) => id)).toEqual([own.id]);
    expect((await ask(sandbox, `/api/v1/collections/${collection.id}.json`, one)).status).toBe(200);
    expect((await ask(sandbox, `/api/v1/collections/${collection.id}.json`, two)).status).toBe(403);
    expect(listOf((await ask(sandbox, '/api/v1/collections.json', one)).body.collections)).toHaveLength(1);

    sandbox.world.setVisibility('route', foreign.id, 'private');
    sandbox.world.remove('trip', own.id);
    expect((await ask(sandbox, '/api/v1/collections/pinned.json', one)).status).toBe(404);
  });
});

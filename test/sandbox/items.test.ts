import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { ask, CLIENT, firstOf, listOf, objectOf, sandboxFor, TWO_RIDERS } from './support.ts';

const both = async () => {
  const sandbox = await sandboxFor({ riders: TWO_RIDERS });
  return {
    sandbox,
    owner: sandbox.world.issueToken(1, CLIENT.apiKey),
    other: sandbox.world.issueToken(2, CLIENT.apiKey),
  };
};
const anyTrip = (sandbox: Sandbox, riderId = 1) => firstOf(sandbox.world.items(riderId, 'trip'));

describe('one item', () => {
  test('has what a list has and its points', async () => {
    const { sandbox, owner } = await both();
    const trip = anyTrip(sandbox);
    const { body } = await ask(sandbox, `/api/v1/trips/${trip.id}.json`, owner);
    const whole = objectOf(body.trip);
    expect(whole).toMatchObject({
      id: trip.id,
      user_id: 1,
      name: trip.name,
      is_stationary: false,
      stationary: false,
      gear: { id: expect.any(Number) },
    });
    expect(firstOf(listOf(whole.track_points))).toMatchObject({
      x: expect.any(Number),
      y: expect.any(Number),
      d: 0,
      e: expect.any(Number),
      t: expect.any(Number),
    });
    const list = await ask(sandbox, '/api/v1/trips.json', owner);
    const entry = listOf(list.body.trips).find(({ id }) => id === trip.id);
    const { track_points, gear, collections, ...summary } = whole;
    expect(entry).toEqual(summary);
  });

  test('a route has cues whose index and place are those of a track point', async () => {
    const sandbox = await sandboxFor({ riders: [{ id: 1, name: 'A', routes: 2, trips: 0 }] });
    const token = sandbox.world.issueToken(1, CLIENT.apiKey);
    const { id } = firstOf(sandbox.world.items(1, 'route'));
    const route = objectOf((await ask(sandbox, `/api/v1/routes/${id}.json`, token)).body.route);
    const points = listOf(route.track_points);
    const cues = listOf(route.course_points);
    expect(cues.length).toBeGreaterThan(3);
    for (const cue of cues) expect(points[Number(cue.i)]).toMatchObject({ x: cue.x, y: cue.y, d: cue.d });
    expect(points[5]).toMatchObject({ S: expect.any(Number), R: expect.any(Number) });
    expect(points[5]).not.toHaveProperty('t');
  });

  test('answers the same bytes until it is edited, compressed or not', async () => {
    const { sandbox, owner } = await both();
    const trip = anyTrip(sandbox);
    const get = async (encoding: string) => {
      const answer = await request(`${sandbox.url}/api/v1/trips/${trip.id}.json`, {
        headers: { authorization: `Bearer ${owner}`, 'accept-encoding': encoding },
      });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      expect(answer.headers['content-encoding']).toBe(encoding === 'gzip' ? 'gzip' : undefined);
      return encoding === 'gzip' ? gunzipSync(bytes).toString() : bytes.toString();
    };
    const first = await get('identity');
    expect(await get('identity')).toBe(first);
    expect(await get('gzip')).toBe(first);
    sandbox.world.edit('trip', trip.id, { name: 'Ünders Dach' });
    expect(await get('gzip')).toContain('Ünders Dach');
  });

  test('the 2022 path answers the object under its type, or bare', async () => {
    const { sandbox, owner } = await both();
    const trip = anyTrip(sandbox);
    const expected = (await ask(sandbox, `/api/v1/trips/${trip.id}.json`, owner)).body.trip;
    expect((await ask(sandbox, `/trips/${trip.id}.json`, owner)).body).toEqual({ type: 'trip', trip: expected });
    sandbox.faults.set({ legacyShape: 'root' });
    expect((await ask(sandbox, `/trips/${trip.id}.json`, owner)).body).toEqual(expected);
  });

  test('its polyline leads through its ends, longitude first', async () => {
    const { sandbox, owner } = await both();
    const trip = sandbox.world.create(1, 'trip', {
      points: [
        { x: -120.2, y: 38.5 },
        { x: -120.95, y: 40.7 },
        { x: -126.453, y: 43.252 },
      ],
    });
    const { body } = await ask(sandbox, `/api/v1/trips/${trip.id}/polyline.json`, owner);
    // The example of the format's own description, with its pairs turned round.
    expect(body).toEqual({
      polyline: { parent_type: 'trip', parent_id: trip.id, data: '~ps|U_p~iFnnqC_ulLvxq`@_mqN' },
    });
  });

  test('has an original GPX file and no other', async () => {
    const { sandbox, owner } = await both();
    const route = firstOf(sandbox.world.items(1, 'route'));
    const gpx = await fetch(`${sandbox.url}/routes/${route.id}.gpx`, { headers: { authorization: `Bearer ${owner}` } });
    expect(await gpx.text()).toContain('<trkpt lat=');
    expect((await ask(sandbox, `/routes/${route.id}.fit`, owner)).status).toBe(404);
  });

  test('keeps attributes nobody knows, and null where a ride had no place', async () => {
    const { sandbox, owner } = await both();
    const trip = sandbox.world.create(1, 'trip', {
      future_key: { deep: [1] },
      points: [
        { t: 1, h: 90, d: 0 },
        { t: 61, h: 120, d: 500 },
      ],
    });
    const whole = objectOf((await ask(sandbox, `/api/v1/trips/${trip.id}.json`, owner)).body.trip);
    expect(whole).toMatchObject({
      future_key: { deep: [1] },
      first_lat: null,
      sw_lng: null,
      is_stationary: true,
      distance: 500,
      avg_hr: 105,
      duration: 60,
    });
  });
});

describe('what others see', () => {
  test('a public item without its ends and without what is the owner’s', async () => {
    const sandbox = await sandboxFor({
      riders: [
        { id: 1, name: 'A', routes: 1, trips: 1, points: 800 },
        { id: 2, name: 'B', routes: 0, trips: 0 },
      ],
    });
    const [owner, other] = [sandbox.world.issueToken(1, CLIENT.apiKey), sandbox.world.issueToken(2, CLIENT.apiKey)];
    const route = firstOf(sandbox.world.items(1, 'route'));
    sandbox.world.setVisibility('route', route.id, 'public');
    const mine = objectOf((await ask(sandbox, `/api/v1/routes/${route.id}.json`, owner)).body.route);
    const theirs = objectOf((await ask(sandbox, `/api/v1/routes/${route.id}.json`, other)).body.route);
    expect(theirs.archived).toBeNull();
    expect(mine.archived).toEqual(expect.any(Boolean));
    expect(listOf(theirs.track_points).length).toBeLessThan(listOf(mine.track_points).length);
    expect(theirs.first_lat).not.toBe(mine.first_lat);
    expect(firstOf(listOf(theirs.track_points)).d).toBe(0);
  });

  test('403 for what is private, unless they have its code; 404 for what is gone', async () => {
    const { sandbox, other } = await both();
    const trip = anyTrip(sandbox);
    for (const visibility of ['private', 'friends_only'] as const) {
      sandbox.world.setVisibility('trip', trip.id, visibility);
      const answer = await ask(sandbox, `/api/v1/trips/${trip.id}.json`, other);
      expect([answer.status, answer.body]).toEqual([403, { error: 'Forbidden' }]);
    }
    expect((await ask(sandbox, `/trips/${trip.id}.json?privacy_code=wrong`, other)).status).toBe(403);
    expect((await ask(sandbox, `/trips/${trip.id}.json?privacy_code=${trip.privacyCode}`, other)).status).toBe(200);
    sandbox.world.remove('trip', trip.id);
    const gone = await ask(sandbox, `/api/v1/trips/${trip.id}.json`, other);
    expect([gone.status, gone.body]).toEqual([404, { error: 'Trip not found' }]);
  });
});

describe('changing by HTTP', () => {
  test('DELETE is for the owner, answers 204, and counts as a deletion', async () => {
    const { sandbox, owner, other } = await both();
    const trip = anyTrip(sandbox);
    const remove = (token: string) => ask(sandbox, `/api/v1/trips/${trip.id}.json`, token, { method: 'DELETE' });
    expect((await remove(other)).status).toBe(403);
    expect(await remove(owner)).toMatchObject({ status: 204, body: {} });
    expect((await remove(owner)).status).toBe(404);
    const since = new Date(Date.now() - 60_000).toISOString();
    const sync = await ask(sandbox, `/api/v1/sync.json?since=${since}&assets=trips`, owner);
    expect(listOf(sync.body.items).at(-1)).toMatchObject({ action: 'deleted', item_id: trip.id });
  });

  test('PUT changes name and visibility, and refuses a visibility that does not exist', async () => {
    const { sandbox, owner } = await both();
    const trip = anyTrip(sandbox);
    const put = (body: unknown) =>
      ask(sandbox, `/api/v1/trips/${trip.id}.json`, owner, {
        method: 'PUT',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    expect((await put({ trip: { name: 'New', visibility: 'private' } })).body.trip).toMatchObject({
      name: 'New',
      visibility: 'private',
    });
    expect((await put({ trip: { visibility: 'secret' } })).status).toBe(422);
  });
});

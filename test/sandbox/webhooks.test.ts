import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CLIENT, firstOf, objectOf, receiver, sandboxFor, TWO_RIDERS } from './support.ts';

type Answer = Parameters<typeof receiver>[0];

/** A sandbox whose riders are connected, and what its client's receiver gets. */
async function wired(answer?: Answer, client = {}) {
  const hook = await receiver(answer);
  const sandbox = await sandboxFor({ riders: TWO_RIDERS, clients: [{ ...CLIENT, webhookUrl: hook.url, ...client }] });
  sandbox.world.issueToken(1, CLIENT.apiKey);
  return { sandbox, hook };
}

describe('what a webhook says', () => {
  test('is signed over its raw bytes and carries the documented headers', async () => {
    const { sandbox, hook } = await wired();
    sandbox.world.create(1, 'trip', { name: 'Größe' });
    await sandbox.webhooks.drain();
    const { headers, body } = firstOf(hook.received);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'RideWithGPS',
      'x-rwgps-api-key': CLIENT.apiKey,
    });
    expect(headers['x-rwgps-signature']).toBe(createHmac('sha256', CLIENT.clientSecret).update(body).digest('hex'));
  });

  test('in the v1 dialect names owner and collection', async () => {
    const { sandbox, hook } = await wired();
    const own = sandbox.world.create(1, 'trip');
    const foreign = firstOf(sandbox.world.items(2, 'route'));
    sandbox.world.pin(1, 'route', foreign.id);
    sandbox.world.unpin(1, 'route', foreign.id);
    await sandbox.webhooks.drain();
    const collection = { id: 500_001, type: 'pinned', url: `${sandbox.url}/api/v1/collections/500001.json` };
    const route = {
      user_id: 1,
      item_type: 'route',
      item_id: foreign.id,
      item_user_id: 2,
      item_url: `${sandbox.url}/api/v1/routes/${foreign.id}.json`,
      collection,
    };
    expect(hook.notifications()).toEqual([
      {
        user_id: 1,
        item_type: 'trip',
        item_id: own.id,
        item_user_id: 1,
        item_url: `${sandbox.url}/api/v1/trips/${own.id}.json`,
        action: 'created',
        collection: null,
      },
      { ...route, action: 'added' },
      { ...route, action: 'removed' },
    ]);
  });

  test('in the 2022 dialect says pinned and puts the code of a private trip into its URL', async () => {
    const { sandbox, hook } = await wired(undefined, { dialect: '2022' });
    const trip = sandbox.world.create(1, 'trip', { visibility: 'private' });
    const route = sandbox.world.create(1, 'route');
    sandbox.world.pin(1, 'route', route.id);
    sandbox.world.unpin(1, 'route', route.id);
    await sandbox.webhooks.drain();
    const about = {
      user_id: 1,
      item_type: 'route',
      item_id: route.id,
      item_url: `${sandbox.url}/routes/${route.id}.json`,
    };
    expect(hook.notifications()).toEqual([
      {
        user_id: 1,
        item_type: 'trip',
        item_id: trip.id,
        item_url: `${sandbox.url}/trips/${trip.id}.json?privacy_code=${trip.privacyCode}`,
        action: 'created',
      },
      { ...about, action: 'created' },
      { ...about, action: 'pinned' },
      { ...about, action: 'unpinned' },
    ]);
  });

  test('can name another origin in its links', async () => {
    const { sandbox, hook } = await wired();
    sandbox.faults.set({ urlOrigin: 'http://evil.example' });
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    expect(firstOf(hook.notifications()).item_url).toMatch(/^http:\/\/evil\.example\/api/);
  });
});

describe('how webhooks are sent', () => {
  test('at most 100 notifications go into a request, and nothing is left out', async () => {
    const { sandbox, hook } = await wired();
    const ids = Array.from({ length: 250 }, () => sandbox.world.create(1, 'trip').id);
    await sandbox.webhooks.drain();
    expect(sandbox.webhooks.sent.map(({ notifications }) => notifications).toSorted()).toEqual([100, 100, 50]);
    expect(new Set(hook.notifications().map(({ item_id }) => item_id))).toEqual(new Set(ids));
  });

  test('only to clients the acting rider has connected, and no more after that ends', async () => {
    const { sandbox, hook } = await wired();
    sandbox.world.create(2, 'trip');
    const token = sandbox.world.issueToken(2, CLIENT.apiKey);
    sandbox.world.create(2, 'trip');
    sandbox.world.revokeToken(token);
    sandbox.world.create(2, 'trip');
    await sandbox.webhooks.drain();
    expect(hook.notifications()).toHaveLength(1);
  });

  test('each client hears in its own dialect, with its own key and secret, of the assets it syncs', async () => {
    const hook = await receiver();
    const second = {
      apiKey: 'key-2',
      clientId: 'client-2',
      clientSecret: 'secret-2',
      dialect: '2022' as const,
      assets: ['routes' as const],
    };
    const sandbox = await sandboxFor({
      clients: [
        { ...CLIENT, webhookUrl: hook.url },
        { ...second, webhookUrl: hook.url },
      ],
    });
    for (const { apiKey } of [CLIENT, second]) sandbox.world.issueToken(1, apiKey);
    sandbox.world.create(1, 'trip');
    sandbox.world.create(1, 'route');
    await sandbox.webhooks.drain();
    const counts = sandbox.webhooks.sent.map(({ apiKey, notifications }) => [apiKey, notifications]);
    expect(counts.toSorted()).toEqual([
      ['key-1', 2],
      ['key-2', 1],
    ]);
    for (const { headers, body } of hook.received) {
      const secret = headers['x-rwgps-api-key'] === 'key-1' ? 'secret-1' : 'secret-2';
      expect(headers['x-rwgps-signature']).toBe(createHmac('sha256', secret).update(body).digest('hex'));
    }
  });

  test('a receiver slower than a second is given up, and nothing is sent again', async () => {
    const { sandbox, hook } = await wired(() => ({ afterMs: 5_000 }));
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    const sent = firstOf(sandbox.webhooks.sent);
    expect(sent).toMatchObject({ status: null, error: 'timeout' });
    expect(sent.ms).toBeGreaterThan(900);
    expect(sent.ms).toBeLessThan(4_500);
    await pause(800);
    expect(hook.received).toHaveLength(1);
  });

  test.each([500, 503, 410])('an answer of %i is not tried again', async (status) => {
    const { sandbox, hook } = await wired(() => ({ status }));
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    await pause(100);
    expect(hook.received).toHaveLength(1);
    expect(firstOf(sandbox.webhooks.sent).status).toBe(status);
  });

  test('a redirect is not followed', async () => {
    const elsewhere = await receiver();
    const { sandbox } = await wired(() => ({ status: 307, location: elsewhere.url }));
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    expect(firstOf(sandbox.webhooks.sent).status).toBe(307);
    expect(elsewhere.received).toHaveLength(0);
  });

  test('a receiver that is not there is told with its error', async () => {
    const { sandbox } = await wired(undefined, { webhookUrl: 'http://127.0.0.1:9/hook' });
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    expect(firstOf(sandbox.webhooks.sent)).toMatchObject({
      status: null,
      error: expect.stringMatching(/ECONNREFUSED|bad port/i),
    });
  });
});

describe('what can happen to webhooks', () => {
  test('the next n are lost', async () => {
    const { sandbox, hook } = await wired();
    sandbox.webhooks.lose(1);
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    const kept = sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    expect(hook.notifications().map(({ item_id }) => item_id)).toEqual([kept.id]);
    expect(firstOf(sandbox.webhooks.sent)).toMatchObject({ error: 'lost', notifications: 1 });
  });

  test('the next n come twice, byte for byte', async () => {
    const { sandbox, hook } = await wired();
    sandbox.webhooks.duplicate(1);
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    expect(hook.received).toHaveLength(2);
    expect(hook.received[0]?.body).toBe(hook.received[1]?.body);
  });

  test('the next n wait for each other and come last first, or at the latest when drained', async () => {
    const { sandbox, hook } = await wired();
    sandbox.webhooks.reorder(2);
    const first = sandbox.world.create(1, 'trip');
    await pause(60);
    expect(hook.received).toHaveLength(0);
    const second = sandbox.world.create(1, 'trip');
    await pause(100);
    expect(hook.notifications().map(({ item_id }) => item_id)).toEqual([second.id, first.id]);
    sandbox.webhooks.reorder(5);
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    expect(hook.received).toHaveLength(3);
  });

  test('pausing keeps them, resuming sends them', async () => {
    const { sandbox, hook } = await wired();
    sandbox.webhooks.pause();
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    expect(hook.received).toHaveLength(0);
    sandbox.webhooks.resume();
    await sandbox.webhooks.drain();
    expect(hook.notifications()).toHaveLength(1);
  });

  test('an old one can be replayed, and any text can be sent with a right or wrong signature', async () => {
    const { sandbox, hook } = await wired();
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    sandbox.webhooks.replay(0);
    sandbox.webhooks.sendRaw(CLIENT.apiKey, '{"notifications":[,]}');
    sandbox.webhooks.sendRaw(CLIENT.apiKey, '{}', { 'x-rwgps-signature': 'forged' });
    await sandbox.webhooks.drain();
    const bodies = hook.received.map(({ body }) => body);
    expect(bodies.filter((body) => body === bodies[0])).toHaveLength(2);
    const broken = hook.received.find(({ body }) => body === '{"notifications":[,]}');
    expect(broken?.headers['x-rwgps-signature']).toBe(
      createHmac('sha256', CLIENT.clientSecret).update('{"notifications":[,]}').digest('hex'),
    );
    expect(hook.received.find(({ body }) => body === '{}')?.headers['x-rwgps-signature']).toBe('forged');
  });

  test('the place they go to can change, and silent changes go nowhere', async () => {
    const { sandbox, hook } = await wired();
    const other = await receiver();
    sandbox.webhooks.setUrl(CLIENT.apiKey, other.url);
    sandbox.world.create(1, 'trip');
    sandbox.world.create(1, 'trip', {}, { silent: true });
    await sandbox.webhooks.drain();
    expect([hook.received.length, other.notifications().length]).toEqual([0, 1]);
    sandbox.webhooks.setUrl(CLIENT.apiKey, undefined);
    sandbox.world.create(1, 'trip');
    await sandbox.webhooks.drain();
    expect(other.notifications()).toHaveLength(1);
  });

  test('an upload is announced as created and, after the device has completed it, as updated', async () => {
    const { sandbox, hook } = await wired();
    const { item, later } = sandbox.world.upload(1, {}, { delayMs: 40 });
    await sandbox.webhooks.drain();
    expect(objectOf(hook.notifications()[0])).toMatchObject({ item_id: item.id, action: 'created' });
    await later;
    await sandbox.webhooks.drain();
    expect(hook.notifications().map(({ action }) => action)).toEqual(['created', 'updated']);
    expect(sandbox.object('trip', item.id)).toMatchObject({ gear: { id: 11 } });
  });

  test('closing in the middle of everything leaves nothing behind', async () => {
    const { sandbox } = await wired(() => ({ afterMs: 5_000 }));
    const { later } = sandbox.world.upload(1, {}, { delayMs: 60_000 });
    sandbox.world.create(1, 'trip');
    await pause(50);
    const began = performance.now();
    await sandbox.close();
    await later;
    expect(performance.now() - began).toBeLessThan(4_000);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EcoveloConfig } from '../../src/config.ts';
import { type EcoveloSandbox, startEcovelo } from '../../src/sandbox/ecovelo/index.ts';
import { createEcovelo } from '../../src/sources/ecovelo/index.ts';
import { type Browser, type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';

const CONFIG: EcoveloConfig = {
  baseUrl: 'http://127.0.0.1:9',
  apiKey: 'the key',
  apiKeyHeader: 'X-Api-Key',
  webhookSecret: 'in-the-address/ü',
};
const source = createEcovelo(CONFIG);
const read = (event: unknown) => source.read(event, 1_000, 'default');
const keyOf = (event: unknown) => read(event).notifications.map(({ key }) => `${key.type}/${key.id}`);
const trip = { id: 'trip_8Fq2', status: 'running' };

describe('the secret in the address', () => {
  const verify = (secret?: string) =>
    source.verify({ headers: {}, body: Buffer.from('{}'), ...(secret !== undefined && { secret }) }).ok;

  test('is taken as it is, and nothing else is', () => {
    expect(verify(CONFIG.webhookSecret)).toBe(true);
    for (const wrong of [undefined, '', 'in-the-address', 'in-the-address/ü ', 'in-the-address/u', 'undefined']) {
      expect(verify(wrong), String(wrong)).toBe(false);
      expect(source.refuses({ headers: {}, ...(wrong !== undefined && { secret: wrong }) })).toBeDefined();
    }
  });

  test('must not be empty', () => {
    expect(() => createEcovelo({ ...CONFIG, webhookSecret: '' })).toThrow(/empty/);
  });

  test('is sealed where an event repeats its own subscription', () => {
    const address = 'https://here.example/webhooks/ecovelo?secret=in-the-address%2F%C3%BC';
    expect(source.holdsSecret(Buffer.from(JSON.stringify({ topic: 'trip.created', subscription: address })))).toBe(
      true,
    );
    expect(source.withoutSecret(address)).toBe('https://here.example/webhooks/ecovelo?secret=…');
    expect(source.holdsSecret(Buffer.from('{"topic":"trip.created"}'))).toBe(false);
  });
});

describe('an event', () => {
  test('is read in either envelope, and wrapped once more', () => {
    for (const event of [
      { topic: 'trip.created', data: trip },
      { type: 'trip.created', payload: trip },
      { topic: 'trip.created', object: trip },
      { type: 'trip.created', object: 'event', data: { object: trip } },
      { topic: 'trip.created', type: 'event', payload: { trip } },
      { topic: 'event', type: 'trip.created', object: { name: 'event' }, data: trip },
      { topic: 'trip.created', data: {}, payload: trip },
      { topic: 'trip.created', data: { sent_by: 'Ecovelo' }, payload: { object: trip } },
    ]) {
      expect(keyOf(event), JSON.stringify(event)).toEqual(['trip/trip_8Fq2']);
    }
  });

  test('is about what the prefix of its id says, or else the first word of its topic', () => {
    expect(keyOf({ topic: 'vehicule.position.forbidden', data: { id: 'v-17' } })).toEqual(['vehicule/v-17']);
    expect(keyOf({ topic: 'dock.broken', data: { id: 12 } })).toEqual(['dock/12']);
    expect(keyOf({ topic: 'abonnement.something.new', data: { id: 'abo_1' } })).toEqual(['abonnement/abo_1']);
    expect(keyOf({ topic: 'event', type: 'dock.broken', data: { id: 12 } })).toEqual(['dock/12']);
    expect(keyOf({ topic: 'zone.entered', data: trip })).toEqual(['trip/trip_8Fq2']);
    expect(keyOf({ topic: 'trip.created', data: { id: 'cycl_3' } })).toEqual(['cyclist/cycl_3']);
  });

  test('announces a deletion by its last word only, and no end of a ride is one', () => {
    const announces = (topic: string) => read({ topic, data: trip }).notifications[0]?.announcesDeletion;
    expect(announces('trip.deleted')).toBe(true);
    expect(announces('trip.terminated')).toBe(false);
    expect(announces('trip.deleted.undone')).toBe(false);
  });

  test('that cannot be read says why in a sentence, and never gets into a path', () => {
    for (const [event, why] of [
      [{ data: trip }, /names no topic/],
      [{ topic: 7, data: trip }, /names no topic/],
      [{ topic: 'trip.created' }, /has no object/],
      [{ topic: 'trip.created', data: [trip] }, /has no object/],
      [{ topic: 'trip.created', data: {} }, /without an id/],
      [{ topic: 'trip.created', data: { id: '../cyclists' } }, /without an id/],
      [{ topic: 'trip.created', data: { id: 'a'.repeat(65) } }, /without an id/],
      [{ topic: 'trip.created', data: { id: 'trip_1\n' } }, /without an id/],
      [{ topic: 'account.created', data: { id: 'token' } }, /kind of object/],
      [{ topic: 'constructor.created', data: { id: 'x' } }, /kind of object/],
    ] as const) {
      const { notifications, rejections } = read(event);
      expect(notifications, JSON.stringify(event)).toEqual([]);
      expect(rejections[0]?.problem.sentence).toMatch(why);
    }
  });

  test('that is no JSON object is answered with 400', () => {
    for (const body of ['', '{', 'null', '[]', '"trip.created"'])
      expect(source.parse(Buffer.from(body)).ok).toBe(false);
  });
});

describe('an object', () => {
  const describeIt = (object: object, type = 'trip') =>
    source.describe(Buffer.from(JSON.stringify(object)), { source: 'ecovelo', account: 'default', type, id: 'x_1' });

  test('has the version that it tells in one of the usual ways, in UTC', () => {
    const versionOf = (fields: object) => describeIt({ id: 'x_1', ...fields }).version;
    expect(versionOf({ updated_at: '2026-05-01T12:00:00+02:00' })).toBe('2026-05-01T10:00:00.000Z');
    expect(versionOf({ updatedAt: '2026-05-01T10:00:00Z' })).toBe('2026-05-01T10:00:00.000Z');
    expect(versionOf({ modified: 1_777_629_600 })).toBe('2026-05-01T10:00:00.000Z');
    expect(versionOf({ modified: 1_777_629_600_000 })).toBe('2026-05-01T10:00:00.000Z');
    for (const none of [{}, { updated_at: 'lately' }, { updated_at: null }, { modified: 1e300 }])
      expect(versionOf(none)).toBe('');
  });

  test('is called by its name where it has one, and found by all its texts', () => {
    expect(
      describeIt({ id: 'x_1', name: 'Gare', status: 'open', address: { city: 'Nantes' } }, 'station'),
    ).toMatchObject({
      title: 'Gare',
      record: { summary: 'Station, open', words: expect.stringContaining('Nantes') },
    });
    expect(describeIt({ id: 'x_1' })).toMatchObject({ title: 'Trip x_1', record: { summary: 'Trip' } });
  });

  test('is taken out of the usual wrappings, and only when it is the one that was asked for', () => {
    expect(describeIt({ data: { id: 'x_1', name: 'Wrapped' } }).title).toBe('Wrapped');
    expect(describeIt({ trip: { id: 'x_1', name: 'Named' } }).title).toBe('Named');
    expect(() => describeIt({ id: 'x_2' })).toThrow(/not the object/);
  });
});

test('lists are read from their first page to their last, whatever their form and wherever their pages begin', async () => {
  const provider = await startEcovelo({ apiKey: CONFIG.apiKey, apiKeyHeader: 'x-api-key', pageSize: 2 });
  const asking = createEcovelo({ ...CONFIG, baseUrl: provider.url });
  const credentials = { headers: asking.present('', { tokenKind: 'auth-token', client: '', user_id: 'default' }) };
  try {
    const ids = [1, 2].map(() => provider.world.add('trip').id);
    // A whole page of what nobody could ask for is not the end.
    for (const id of ['trip one', 'trip two']) provider.world.add('trip', { id });
    ids.push(...[3, 4, 5].map(() => provider.world.add('trip').id));
    for (const envelope of ['bare', 'data', 'items', 'results'] as const) {
      for (const firstPage of [0, 1]) {
        Object.assign(provider.settings, { envelope, firstPage, listsVersions: envelope !== 'items' });
        const listed = await asking.inventory?.(credentials);
        const place = `${envelope}, from page ${firstPage}`;
        expect(listed?.owned.map(({ id }) => id).toSorted(), place).toEqual(ids);
        expect(
          listed?.owned.every(({ version }) => (version === null) === (envelope === 'items')),
          place,
        ).toBe(true);
        expect(listed?.notListed, place).toEqual(['abonnement', 'dock', 'station']);
      }
    }
  } finally {
    await asking.close();
    await provider.close();
  }
});

test('a list ends where its pages do, however that is said, and trips are listed whatever is said of the rest', async () => {
  for (const [behind, before] of [
    [404, 500],
    [422, 404],
    [400, 302],
    [200, 500],
  ] as const) {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const page = Number(url.searchParams.get('page'));
      if (url.pathname === '/docks') return response.writeHead(500).end();
      if (url.pathname === '/stations') return response.end('<h1>Welcome</h1>');
      const status = url.pathname !== '/trips' ? 404 : page < 1 ? before : page > 2 ? behind : 200;
      const trips = page === 1 || page === 2 ? [{ id: `trip_${page}` }] : [];
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status === 200 ? trips : { detail: 'Invalid page.' }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const asking = createEcovelo({ ...CONFIG, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const listed = await asking.inventory?.({ headers: {} }).finally(async () => {
      await asking.close();
      server.close();
    });
    expect(listed?.owned.map(({ id }) => id)).toEqual(['trip_1', 'trip_2']);
    expect(listed?.notListed).toEqual(['cyclist', 'vehicule', 'abonnement', 'dock', 'station']);
  }
});

test('the made-up service sends five times more, and what is below 400 is enough', async () => {
  const answers = [500, 404, 410, 302];
  const server = createServer((_, response) => void response.writeHead(answers.shift() ?? 503).end()).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const provider = await startEcovelo({ retryScale: 0.00001, webhookUrl: `http://127.0.0.1:${port}/?secret=s` });
  try {
    expect(await provider.announce('trip.created', trip)).toBe(true);
    expect(provider.sent.map(({ status }) => status)).toEqual([500, 404, 410, 302]);
    expect(await provider.announce('trip.created', trip)).toBe(false);
    expect(provider.sent).toHaveLength(4 + 6);
  } finally {
    await provider.close();
    server.close();
  }
});

describe('the real program beside the made-up service', () => {
  let provider: EcoveloSandbox;
  let here: Installation;
  let owner: Browser;
  const KEY = 'Bearer what-the-operator-was-given';
  const ref = { source: 'ecovelo', account: 'default' } as const;

  beforeAll(async () => {
    provider = await startEcovelo({ apiKey: KEY, apiKeyHeader: 'x-key', pageSize: 2, retryScale: 0.0002 });
    for (const bike of ['V-1', 'V-2', 'V-3']) provider.world.add('trip', { bike });
    here = await startInstallation({
      env: {
        ECOVELO_BASE_URL: provider.url,
        ECOVELO_API_KEY: KEY,
        ECOVELO_API_KEY_HEADER: 'X-Key',
        ECOVELO_WEBHOOK_SECRET: 'shared',
      },
    });
    provider.setWebhook(`${here.app.url}/webhooks/ecovelo?secret=shared`);
    owner = await here.connect();
  });
  afterAll(async () => {
    await here.close();
    await provider.close();
  });

  const standing = async (type: string, id: string) => {
    const account = await here.app.accounts.find(ref);
    return account && here.app.items.standing({ accountId: account.id, type, id });
  };
  const versionOf = async (type: string, id: string) => {
    const account = await here.app.accounts.find(ref);
    const all = account ? await here.app.items.audited(account.id) : [];
    return all.find((each) => each.type === type && each.id === id)?.version;
  };
  const historyOf = async (type: string, id: string) => {
    const account = await here.app.accounts.find(ref);
    return account ? here.app.items.fetches({ accountId: account.id, type, id }, 20) : [];
  };

  test('has what was there before, without a webhook', async () => {
    for (const { id } of provider.world.list('trip'))
      expect(await standing('trip', id)).toMatchObject({ hasBody: true });
  });

  test('follows a ride that is told out of order to the bill after its end', async () => {
    const { id, updated_at: version } = await provider.ride();
    await here.settled();
    const { item } = await owner.json<{ item: { title: string; body: unknown } }>(
      `/api/v1/sources/ecovelo/records/trip/${id}`,
    );
    expect(item).toMatchObject({ version, body: { status: 'billed', price: { amount: 350 } } });
    expect(provider.sent.map((each) => each.status)).toEqual([200, 200, 200, 200]);
    expect(await versionOf('trip', id)).toBe(version);
    // Said once more, and late: looked at, and nothing comes of it.
    await provider.announce('trip.created', { id, status: 'created' });
    await here.settled();
    expect(await versionOf('trip', id)).toBe(version);
    expect((await historyOf('trip', id)).at(0)).toMatchObject({ action: 'trip.created', outcome: 'unchanged' });
  });

  test('finds by sweeping what no webhook told', async () => {
    const { id } = provider.world.add('trip', { bike: 'unheard of' });
    await here.app.reconciler.reconcile(ref);
    await here.settled();
    expect(await standing('trip', id)).toMatchObject({ hasBody: true, deletedAt: null });
  });

  test('looks one by one at what no list has, and counts it as no difference', async () => {
    const { id } = provider.world.add('abonnement', { plan: 'yearly' });
    await provider.announce('abonnement.created', { id });
    await here.settled();
    const { updated_at: version } = provider.world.change(id, { plan: 'monthly' });
    await here.app.reconciler.reconcile(ref);
    await here.settled();
    expect(await versionOf('abonnement', id)).toBe(version);
    expect(await here.app.auditor.audit(ref)).toMatchObject({ ok: true, different: 0 });
  });

  test.each([404, 200] as const)(
    'keeps copying trips where an undocumented address leads to a page for people, sent as %s',
    async (status) => {
      provider.settings.proxyAnswers = status;
      await provider.announce('dock.broken', { id: `dock_${status}` });
      const { id } = provider.world.add('trip');
      await provider.announce('trip.created', { id });
      await here.settled();
      provider.settings.proxyAnswers = false;
      expect(await standing('trip', id)).toMatchObject({ hasBody: true });
      expect((await historyOf('dock', `dock_${status}`)).at(0)).toMatchObject({ outcome: 'failed' });
    },
  );

  test('buries what is gone: at once when that was announced, else not before it was asked again', async () => {
    const [told, untold] = [provider.world.add('trip').id, provider.world.add('trip').id];
    for (const id of [told, untold]) await provider.announce('trip.created', { id });
    await here.settled();
    for (const id of [told, untold]) provider.world.remove(id);
    await provider.announce('trip.deleted', { id: told });
    await provider.announce('trip.updated', { id: untold });
    await until(async () => (await standing('trip', told))?.deletedAt !== null);
    await until(async () => (await standing('trip', untold))?.missingAt !== null);
    expect(await standing('trip', untold)).toMatchObject({ deletedAt: null });
  });
});

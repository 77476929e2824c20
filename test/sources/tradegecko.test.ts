import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../src/http/client.ts';
import { NotTheProvider, ProviderDown, RateLimited, Unacceptable, Unauthorized } from '../../src/http/errors.ts';
import { startTradeGecko } from '../../src/sandbox/tradegecko/index.ts';
import { titleOf } from '../../src/sources/source.ts';
import { createApi } from '../../src/sources/tradegecko/api.ts';
import { createTradeGecko } from '../../src/sources/tradegecko/index.ts';
import { listAll } from '../../src/sources/tradegecko/lists.ts';
import { createPace } from '../../src/sources/tradegecko/pace.ts';
import { hasExpired, tokenOf, tokensAnswered } from '../../src/sources/tradegecko/token.ts';
import type { Thing, WebhookRequest } from '../conformance/dialect.ts';
import { CLIENT_SECRET, signed, startTradeGeckoDialect } from '../support/dialects/tradegecko.ts';
import { type Browser, createBrowser, type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';

const ORIGIN = 'https://api.tradegecko.com';
const PATH = '/webhooks/tradegecko/7067';
const REF = { source: 'tradegecko', account: '7067' } as const;

describe('the signature', () => {
  const verifyWith = (secret: string, body: string, signature: string, account = '7067') => {
    const source = createTradeGecko({ baseUrl: ORIGIN, clientId: 'id', clientSecret: secret });
    const headers = { 'x-gecko-signature': signature };
    const verified = source.verify({ headers, account, body: Buffer.from(body) });
    void source.close();
    return verified;
  };
  const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

  test.each([
    ["It's a Secret to Everybody", 'Hello, World!', '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'],
    // RFC 4231, test case 2.
    ['Jefe', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  ])('of a public vector is true in base64 (%s)', (secret, body, hex) => {
    expect(verifyWith(secret, body, base64(hex))).toEqual({ ok: true, client: '7067' });
    expect(verifyWith(secret, `${body} `, base64(hex))).toMatchObject({ ok: false });
    expect(verifyWith(secret, body, hex)).toMatchObject({ ok: false });
  });

  test('never counts for an address that names no account, and no empty secret is taken', () => {
    const good = createHmac('sha256', 'secret').update('{}').digest('base64');
    expect(verifyWith('secret', '{}', good)).toMatchObject({ ok: true });
    for (const account of ['acme', '', '1.2', '-1', '7067x', '1'.repeat(20)])
      expect(verifyWith('secret', '{}', good, account), account).toMatchObject({ ok: false });
    expect(() => verifyWith('', '{}', good)).toThrow(/empty/);
  });
});

describe('an event', () => {
  const source = createTradeGecko({ baseUrl: ORIGIN, clientId: 'id', clientSecret: 'secret' });
  afterAll(() => source.close());
  const read = (event: string, over: Record<string, unknown> = {}, account = '7067') =>
    source.read({ object_id: 1234567, event, timestamp: 1546272000, ...over }, 5, account);
  const urlOf = (resource_url: unknown) => read('fulfillments.create', { resource_url });

  test('names its resource in the plural or in the singular, and the record is the same', () => {
    for (const event of ['fulfillments.create', 'fulfillment.create']) {
      const resource_url = 'https://api.tradegecko.com/fulfillments/1234567.json';
      expect(read(event, { resource_url })).toEqual({
        notifications: [
          {
            key: { source: 'tradegecko', account: '7067', type: 'fulfillment', id: '1234567' },
            origin: 'webhook',
            action: 'create',
            learntAt: 5,
            announcesDeletion: false,
          },
        ],
        rejections: [],
      });
    }
    const typeOf = (event: string) => read(event).notifications[0]?.key.type;
    expect(['companies.update', 'addresses.update', 'currencies.update'].map(typeOf)).toEqual([
      'company',
      'address',
      'currency',
    ]);
  });

  test('announces a deletion with either word, and nothing else does', () => {
    const announces = (event: string) => read(event).notifications[0]?.announcesDeletion;
    expect(
      ['product.destroy', 'products.delete', 'order.fulfilled', 'variant.stock_level_update'].map(announces),
    ).toEqual([true, true, false, false]);
  });

  test('gives an address that has to agree with the record; its host is nobody’s concern, since it is never followed', () => {
    for (const right of [
      'https://api.tradegecko.com/fulfillments/1234567',
      'https://behind.a.proxy.example/fulfillments/1234567.json',
      undefined,
    ])
      expect(urlOf(right).notifications).toHaveLength(1);
    for (const wrong of [
      'https://api.tradegecko.com/fulfillments/1234568.json',
      'https://api.tradegecko.com/orders/1234567.json',
      'https://api.tradegecko.com/x/../fulfillments/1234567/../9.json',
      'not an address',
      7,
    ]) {
      const { notifications, rejections } = urlOf(wrong);
      expect([wrong, notifications]).toEqual([wrong, []]);
      expect(rejections[0]?.problem.sentence).toMatch(/address that is not that of its record.*next reconciliation/);
    }
  });

  test('of an unknown kind or without a record is told, and changes nothing', () => {
    for (const [event, over, what] of [
      ['unicorns.create', {}, /does not know \(unicorns\)/],
      ['account.update', {}, /does not know \(account\)/],
      ['pinned.create', {}, /does not know/],
      ['order', {}, /names no event/],
      ['order.create\u0007', {}, /names no event/],
      ['order.create', { object_id: '../1' }, /names no record/],
      ['order.create', { object_id: null }, /names no record/],
      ['order.create', { object_id: 2 ** 53, resource_url: null }, /names no record/],
    ] as const) {
      const { notifications, rejections } = read(event, over);
      expect([event, notifications]).toEqual([event, []]);
      expect(rejections[0]?.problem.sentence).toMatch(what);
    }
    expect(read('order.create', {}, '../8').notifications).toEqual([]);
  });

  test('that is not an object in JSON is answered with 400', () => {
    const codeOf = (text: string) => {
      const parsed = source.parse(Buffer.from(text));
      return parsed.ok ? 'ok' : parsed.problem.code;
    };
    expect(['{"event":', '[]', '7', '{}'].map(codeOf)).toEqual(['not-json', 'not-an-event', 'not-an-event', 'ok']);
  });
});

describe('a record', () => {
  const source = createTradeGecko({ baseUrl: ORIGIN, clientId: 'id', clientSecret: 'secret' });
  afterAll(() => source.close());
  const describeAs = (type: string, id: string, answer: unknown) =>
    source.describe(Buffer.from(JSON.stringify(answer)), { ...REF, type, id });

  test('is described as people know it, out of the answer that wraps it or bare', () => {
    const order = {
      id: 5706,
      order_number: 'SO0211',
      email: 'hello@bikesmoore.com',
      status: 'fulfilled',
      payment_status: 'unpaid',
      issued_at: '2013-03-28',
      created_at: '2013-03-28T08:02:43.377Z',
      updated_at: '2013-11-14T12:02:23.404+08:00',
    };
    const described = describeAs('order', '5706', { order });
    expect(described).toMatchObject({
      version: '2013-11-14T04:02:23.404Z',
      owned: true,
      title: 'Order SO0211',
      happenedAt: '2013-03-28T00:00:00.000Z',
      record: { summary: 'Order SO0211, fulfilled, unpaid' },
    });
    expect(described.record?.words).toContain('hello@bikesmoore.com');
    expect(describeAs('order', '5706', order)).toEqual(described);
  });

  test('has a title whatever it has', () => {
    const titleOf = (type: string, fields: object) => describeAs(type, '1', { [type]: { id: 1, ...fields } }).title;
    expect(titleOf('product', { name: 'Geckotron\u001b[31m' })).toBe('Geckotron [31m');
    expect(titleOf('contact', { first_name: 'Kim', last_name: 'Brook', email: 'k@b' })).toBe('Kim Brook');
    expect(titleOf('order_line_item', { label: null })).toBe('Order line item 1');
    expect(titleOf('invoice', { invoice_number: 'INV0042' })).toBe('Invoice INV0042');
  });

  test('that is another one is not believed', () => {
    expect(() => describeAs('order', '1', { order: { id: 2 } })).toThrow(/not the record/);
  });
});

test('a kind of record that there is not is nothing that the provider could be down for', async () => {
  const nobody = { get: () => Promise.reject(new Error('not asked')) };
  const { fetch } = createApi({ ...nobody, getInTime: nobody.get });
  const key = { source: 'tradegecko', account: '7067', type: 'constructor', id: '1' } as const;
  await expect(fetch(key, { headers: {} })).rejects.toThrow(Unacceptable);
  expect(titleOf(key)).toBe('Constructor 1');
});

describe('the token', () => {
  const token = (over: object) => tokenOf({ access: 'a', refresh: 'r', expiresAt: 100_000, ...over });

  const answered = (over: object) => tokensAnswered({ access_token: 'a', refresh_token: 'r', ...over }, 'before', 0);
  const expiryOf = (expires_in: unknown) => answered({ expires_in })?.expiresAt;

  test('has to be renewed a minute before its end, where it has one, and a tenth of its life where that is short', () => {
    expect([99_999, 100_000, 200_000].map((now) => hasExpired(token({}), now))).toEqual([false, true, true]);
    expect(hasExpired(token({ expiresAt: null }), 200_000)).toBe(false);
    expect(hasExpired(token({ refresh: null }), 200_000)).toBe(false);
    expect([7_200, 600, 30, 2].map(expiryOf)).toEqual([7_140_000, 540_000, 27_000, 1_800]);
  });

  test('is not lost for what is said beside it: its refresh token came for one that is worth nothing any more', () => {
    expect(expiryOf('7200')).toBe(7_140_000);
    expect([undefined, null, 0, -1, 1e300, 'soon', {}].map(expiryOf)).toEqual(Array(7).fill(null));
    expect([undefined, null, '', 5].map((refresh_token) => answered({ refresh_token })?.refresh)).toEqual(
      Array(4).fill('before'),
    );
    expect([undefined, '', 7].map((access_token) => answered({ access_token }))).toEqual(Array(3).fill(undefined));
  });
});

describe('the rate limit', () => {
  const answer = (headers: Record<string, string>): Answer => ({
    status: 200,
    headers,
    body: Buffer.from('{}'),
    beganAt: 0,
    clockOffset: 0,
  });
  const mine = { authorization: 'Bearer mine' };

  test('that is used up keeps this account from asking before the reset, and no other', async () => {
    let now = 1_412_078_690_000;
    let asked = 0;
    const told = { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '1412078700' };
    const http = {
      async get() {
        asked += 1;
        return answer(told);
      },
    };
    const pace = createPace(http, () => now);
    await pace.get('/orders', mine);
    const refusal = await pace.get('/orders', mine).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RateLimited);
    expect(refusal).toHaveProperty('wait', 11_000);
    expect(asked).toBe(1);
    await pace.get('/orders', { authorization: 'Bearer another' });
    now += 11_000;
    await pace.get('/orders', mine);
    expect(asked).toBe(3);
  });

  test('is not used up by a listing: a fifth is left to what a webhook announces', async () => {
    const told = { 'x-rate-limit-limit': '300', 'x-rate-limit-remaining': '60', 'x-rate-limit-reset': '1412078700' };
    let asked = 0;
    const http = {
      async get() {
        asked += 1;
        return answer(told);
      },
    };
    const pace = createPace(http, () => 1_412_078_690_000);
    await pace.getInTime('/orders', mine);
    const listing = pace.getInTime('/orders?page=2', mine).catch((error: unknown) => error);
    await pace.get('/orders/1', mine);
    expect(asked).toBe(2);
    pace.close();
    expect(await listing).toBeInstanceOf(ProviderDown);
    expect(asked).toBe(2);
  });

  test('of a 429 obeys Retry-After, and the reset where there is none', async () => {
    const now = 1_412_078_690_000;
    const waitFor = async (headers: Record<string, string>) => {
      const http = { get: () => Promise.reject(new RateLimited(7_000, headers)) };
      const refusal = await createPace(http, () => now)
        .get('/orders', mine)
        .catch((error: unknown) => error);
      return refusal instanceof RateLimited ? refusal.wait : undefined;
    };
    expect(await waitFor({ 'retry-after': '7', 'x-rate-limit-reset': '1412078700' })).toBe(7_000);
    expect(await waitFor({ 'x-rate-limit-reset': '1412078700' })).toBe(11_000);
    // The provider's clock is half a minute ahead of ours.
    expect(await waitFor({ 'x-rate-limit-reset': '1412078730', date: new Date(now + 30_000).toUTCString() })).toBe(
      11_000,
    );
    expect(await waitFor({ 'x-rate-limit-reset': '99999999999' })).toBe(3_600_000);
    expect(await waitFor({ 'x-rate-limit-reset': 'soon' })).toBe(7_000);
  });

  test('that a listing waits for ends with the program', async () => {
    const pace = createPace({ get: () => Promise.reject(new RateLimited(600_000)) }, Date.now);
    const listing = pace.getInTime('/orders', mine);
    pace.close();
    await expect(listing).rejects.toThrow(ProviderDown);
  });
});

describe('a list', () => {
  const stock = (count: number) => Array.from({ length: count }, (_, index) => ({ id: index + 1 }));
  /** Answers as the provider does; `onPage` comes after each page. */
  const paceOf = (records: { id: number }[], onPage: (page: number) => void, told = true) => {
    const asked: string[] = [];
    const getInTime = async (path: string) => {
      asked.push(path);
      const page = Number(/&page=(\d+)/.exec(path)?.[1]);
      const list = records.slice((page - 1) * 100, page * 100);
      const meta = told ? { meta: { total: records.length } } : {};
      onPage(asked.length);
      const body = Buffer.from(JSON.stringify({ orders: list, ...meta }));
      return { status: 200, headers: {}, body, beganAt: 7, clockOffset: 0 };
    };
    return { pace: { getInTime }, asked };
  };
  const list = (pace: Parameters<typeof listAll>[0]) => listAll(pace, 'order', null, { headers: {} });

  test('is read to its end, whether or not its length is told', async () => {
    const told = paceOf(stock(200), () => {});
    expect((await list(told.pace)).records.size).toBe(200);
    expect(told.asked).toHaveLength(2);
    const untold = paceOf(stock(150), () => {}, false);
    expect((await list(untold.pace)).records.size).toBe(150);
    expect(untold.asked).toHaveLength(3);
  });

  test('that moves while it is read is read again, so that nothing slips over the edge of a page', async () => {
    const records = stock(150);
    const { pace, asked } = paceOf(records, (page) => void (page === 1 && records.shift()));
    const { records: found } = await list(pace);
    expect(found.has('101')).toBe(true);
    expect(asked).toHaveLength(4);
  });

  test('of a kind that is not there is empty, and one in another form is no list', async () => {
    const answering = (status: number, body: string) => ({
      getInTime: async () => ({ status, headers: {}, body: Buffer.from(body), beganAt: 7, clockOffset: 0 }),
    });
    expect((await list(answering(404, '{"message":"Not found"}'))).records.size).toBe(0);
    expect((await list(answering(403, '{"message":"Not yours"}'))).records.size).toBe(0);
    expect(await list(answering(404, '<h1>Not found</h1>'))).toMatchObject({ isOffered: false });
    await expect(list(answering(403, '<h1>Forbidden</h1>'))).rejects.toThrow(NotTheProvider);
    await expect(list(answering(200, '{"trips":[]}'))).rejects.toThrow(NotTheProvider);
    await expect(list(answering(401, '{"message":"expired"}'))).rejects.toThrow(Unauthorized);
  });
});

describe('the running program', () => {
  let provider: Awaited<ReturnType<typeof startTradeGeckoDialect>>;
  let here: Installation;
  let owner: Browser;
  /** How far the program's clock is ahead. */
  let ahead = 0;

  beforeAll(async () => {
    provider = await startTradeGeckoDialect({ lacking: ['fulfillment_returns'], retryScale: 0.002 });
    // More than two pages.
    for (let n = 0; n < 230; n += 1) {
      const updated_at = new Date(Date.parse('2019-01-01') + n).toISOString();
      provider.sandbox.world.add(7067, 'products', { name: `Geckotron ${n}`, updated_at });
    }
    const env = { ...provider.env, WORKER_THREADS: '2' };
    const riders = [
      { id: 1, name: 'Robin Field', routes: 0, trips: 1, points: 20 },
      { id: 2, name: 'Kim Brook', routes: 0, trips: 1, points: 20 },
    ];
    here = await startInstallation({
      env: { ...env, SIGNUP: 'open' },
      riders,
      connectsWebhooks: false,
      appNow: () => Date.now() + ahead,
    });
    owner = await here.connect(1);
  }, 30_000);
  afterAll(async () => {
    await here.close();
    await provider.close();
  });

  const post = ({ path, headers, body }: WebhookRequest) =>
    fetch(`${here.app.url}${path}`, { method: 'POST', headers, body });
  const accountState = async () => (await here.app.accounts.find(REF))?.state;
  const stored = (sql: string, ...values: unknown[]) => {
    const db = new Database(join(here.dataDir, 'mirror.db'), { readonly: true });
    try {
      return db
        .prepare(`${sql} AND account_id = (SELECT id FROM accounts WHERE source = 'tradegecko' AND user_id = '7067')`)
        .all(...values) as { type: string; id: string; title: string; state: string }[];
    } finally {
      db.close();
    }
  };
  const record = ({ type, id }: Thing) =>
    stored('SELECT type, item_id AS id, title, state FROM items WHERE type = ? AND item_id = ?', type, id)[0];
  const received = () => {
    const db = new Database(join(here.dataDir, 'inbox.db'), { readonly: true });
    try {
      return db.prepare("SELECT count(*) FROM deliveries WHERE source = 'tradegecko'").pluck().get() as number;
    } finally {
      db.close();
    }
  };
  const product = (name: string): Thing & { ref: { account: number; path: string; id: number } } => {
    const ref = provider.sandbox.world.add(7067, 'products', { name });
    return { ref, type: 'product', id: String(ref.id) };
  };

  /** Presses Authorize on the page of the provider. @returns where that sends the browser, as a path here. */
  async function authorize(away: string, decision = 'authorize'): Promise<string> {
    const query = new URL(away).searchParams;
    const form = new URLSearchParams({
      redirect_uri: query.get('redirect_uri') ?? '',
      state: query.get('state') ?? '',
      account: '7067',
      decision,
    });
    const response = await fetch(away.split('?', 1)[0] ?? '', { method: 'POST', body: form, redirect: 'manual' });
    const { pathname, search } = new URL(response.headers.get('location') ?? '');
    return `${pathname}${search}`;
  }
  const begin = async (browser: Browser) =>
    (await browser.get('/connect/tradegecko')).headers.get('location') ?? 'nowhere';

  test('lets only the owner connect, in the browser where it was begun', async () => {
    const visitor = createBrowser(here.app.url);
    expect(await begin(visitor)).toBe('/');
    const guest = createBrowser(here.app.url);
    await guest.connect(2);
    expect((await guest.get('/connect/tradegecko')).status).toBe(404);
    expect((await owner.get('/connect/ecovelo')).status).toBe(404);

    const away = await begin(owner);
    expect(away.startsWith(`${provider.sandbox.url}/oauth/authorize?`)).toBe(true);
    expect(await (await fetch(away)).text()).toContain('Gecko Inc.');
    const back = await authorize(away);
    expect((await guest.get(back)).status).toBe(404);
    expect((await visitor.get(back)).headers.get('location')).toBe('/');
    expect((await owner.get(back.replace('state=', 'state=x'))).status).toBe(400);
    // The cookie is good for one way back.
    expect((await owner.get(back)).status).toBe(400);
    expect(await here.app.accounts.find(REF)).toBeUndefined();
    // A state that a rider signs in with is none for this.
    const riding = (await owner.get('/connect/ridewithgps')).headers.get('location') ?? '';
    const state = new URL(riding).searchParams.get('state');
    owner.cookies.set('slipstream_connect_source', owner.cookies.get('slipstream_connect') ?? '');
    expect((await owner.get(`/connect/tradegecko/callback?code=1&state=${state}`)).status).toBe(400);

    const refused = await owner.get(await authorize(await begin(owner), 'cancel'));
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('TradeGecko says that you')]);
  });

  test('copies everything that the connected account has, whatever kinds the system lacks', async () => {
    const response = await owner.get(await authorize(await begin(owner)));
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sources/tradegecko']);
    await here.settled();
    expect(await here.app.accounts.find(REF)).toMatchObject({
      name: 'Gecko Inc.',
      state: 'active',
      backfillTotal: 232,
    });
    expect(stored("SELECT * FROM items WHERE type = 'product' AND state = 'active'")).toHaveLength(230);
    const lists = provider.sandbox.requests.filter((path) => path.startsWith('/products?'));
    expect(lists.map((path) => /page=(\d+)/.exec(path)?.[1])).toEqual(['1', '2', '3']);
    const sealed = await here.app.accounts.sealedToken(REF);
    for (const secret of provider.secrets()) expect(sealed?.includes(secret)).toBe(false);
  });

  test('fetches what an event names, singular or plural', async () => {
    provider.sandbox.sender.register(7067, null, `${here.app.url}${PATH}`);
    for (const plural of [true, false]) {
      provider.sandbox.plural = plural;
      const thing = product(`Announced ${plural}`);
      await provider.sandbox.sender.announce(thing.ref, 'create');
      await here.settled();
      expect(record(thing)).toMatchObject({ title: `Announced ${plural}`, state: 'active' });
    }
  });

  test('takes the very same request once, and two events under one delivery id both', async () => {
    const before = received();
    const [one, other] = [product('One'), product('Other')];
    const bodyOf = ({ id }: Thing) => JSON.stringify({ object_id: Number(id), event: 'product.create' });
    const request = signed(PATH, bodyOf(one), 'same-id');
    expect((await post(request)).status).toBe(200);
    await here.settled();
    expect((await post(request)).status).toBe(200);
    expect((await post(signed(PATH, bodyOf(other), 'same-id'))).status).toBe(200);
    await here.settled();
    expect(received() - before).toBe(2);
    expect([record(one)?.title, record(other)?.title]).toEqual(['One', 'Other']);
    // Another id is another delivery, though its bytes are the same; so is one of another account, and a forged one is none.
    provider.sandbox.world.change(one.ref, { name: 'One more' });
    expect((await post(signed(PATH, bodyOf(one), 'another-id'))).status).toBe(200);
    await here.settled();
    expect(record(one)?.title).toBe('One more');
    expect((await post({ ...request, path: '/webhooks/tradegecko/8' })).status).toBe(200);
    expect(received() - before).toBe(4);
    const forged = { ...request, headers: { ...request.headers, 'x-gecko-signature': 'AAAA' } };
    expect((await post(forged)).status).toBe(401);
  });

  test('finds what no event announced by the lists of what was updated since, and asks for nothing else', async () => {
    const thing = product('Missed');
    provider.sandbox.requests.length = 0;
    expect(await here.app.reconciler.reconcile(REF)).toMatchObject({ ok: true });
    await here.settled();
    expect(record(thing)?.title).toBe('Missed');
    const asked = provider.sandbox.requests;
    expect(asked.filter((path) => path.startsWith('/products?'))).toEqual([
      expect.stringMatching(/&updated_at_min=\d{4}-\d\d-\d\dT/),
    ]);
    expect(asked.filter((path) => path.includes('?') && !path.includes('updated_at_min'))).toEqual([]);
  });

  test('believes a deletion that an event announces, and never a page of somebody else', async () => {
    const thing = product('To be deleted');
    await provider.sandbox.sender.announce(thing.ref, 'create');
    await here.settled();
    provider.sandbox.answerInstead(`/products/${thing.id}.json`, { status: 404, body: '<h1>Not found</h1>' });
    await provider.sandbox.sender.announce(thing.ref, 'destroy');
    await here.app.intake.settled();
    await until(async () => (await here.app.inbox.counts(REF)).pending > 0);
    expect(record(thing)).toMatchObject({ state: 'active' });
    provider.sandbox.answerInstead(`/products/${thing.id}.json`, undefined);
    provider.sandbox.world.remove(thing.ref);
    await until(async () => {
      await here.settled();
      return record(thing)?.state === 'deleted';
    }, 10_000);
  });

  test('finds by a sweep of ids what was deleted unannounced', async () => {
    const thing = product('Deleted behind our back');
    await provider.sandbox.sender.announce(thing.ref, 'create');
    await here.settled();
    provider.sandbox.world.remove(thing.ref);
    expect(await here.app.auditor.audit(REF)).toMatchObject({ ok: true, different: 1 });
    await here.settled();
    const account = await here.app.accounts.find(REF);
    const standing = () => here.app.items.standing({ accountId: account?.id ?? 0, type: 'product', id: thing.id });
    expect(await standing()).toMatchObject({ missingAt: expect.any(Number), deletedAt: null });
    ahead += 61_000;
    await here.settled();
    expect(await standing()).toMatchObject({ deletedAt: expect.any(Number) });
  });

  const expired = () => {
    const { access_token: access, refresh_token: refresh } = provider.sandbox.tokens.grant(7067);
    return tokenOf({ access, refresh, expiresAt: Date.now() });
  };

  test('renews the token exactly once, however many fetches in two threads find it expired, and never uses a refresh token twice', async () => {
    const { counts } = provider.sandbox.tokens;
    const things = Array.from({ length: 24 }, (_, n) => product(`Under load ${n}`));
    for (let round = 1; round <= 5; round += 1) {
      const before = { ...counts };
      for (const { ref } of things) provider.sandbox.world.change(ref, { name: `Round ${round}` });
      // By the clock, or by its refusal.
      if (round === 3) await here.app.connectSource.store('tradegecko', { id: '7067', name: '', token: expired() });
      else provider.sandbox.tokens.expire();
      // So long that all who ask at once are told so before the first of them has a new one.
      provider.slow?.(50);
      const reconciled = here.app.reconciler.reconcile(REF);
      const announced = things.map(({ ref }) => provider.sandbox.sender.announce(ref, 'update'));
      await until(() => counts.refreshes > before.refreshes);
      provider.slow?.(0);
      await Promise.all([reconciled, ...announced]);
      await until(async () => {
        await here.settled();
        return things.every((thing) => record(thing)?.title === `Round ${round}`);
      }, 15_000);
      expect([round, counts.refreshes - before.refreshes]).toEqual([round, 1]);
      if (round !== 3) expect(counts.rejected - before.rejected).toBeGreaterThan(1);
    }
    expect(counts.reuses).toBe(0);
    expect(await accountState()).toBe('active');
  }, 60_000);

  /** It is asked about once more, some seconds later. */
  const isParked = async () => {
    ahead += 1_000;
    await here.settled();
    return (await accountState()) === 'reconnect';
  };

  test('parks the account when its refresh token is refused, and goes on when it is accepted or connected again', async () => {
    ahead += 61_000;
    provider.refuse();
    const thing = product('While refused');
    await provider.sandbox.sender.announce(thing.ref, 'create');
    await until(isParked, 10_000);
    expect(record(thing)).toBeUndefined();
    provider.accept();
    // The token is probed once an hour.
    ahead += 3_700_000;
    await until(async () => {
      await here.settled();
      return record(thing)?.title === 'While refused';
    }, 10_000);
    expect(await accountState()).toBe('active');

    ahead += 61_000;
    provider.refuse();
    await provider.sandbox.sender.announce(thing.ref, 'update');
    await until(isParked, 10_000);
    provider.sandbox.world.change(thing.ref, { name: 'Connected again' });
    provider.accept();
    await owner.get(await authorize(await begin(owner)));
    await until(async () => {
      await here.settled();
      return record(thing)?.title === 'Connected again';
    }, 10_000);
    expect(await accountState()).toBe('active');
  });
});

describe('a small quota', () => {
  test('makes listing and fetching wait for the reset, and everything arrives', async () => {
    const provider = await startTradeGeckoDialect({ quota: { requests: 25, windowMs: 1_000 } });
    const here = await startInstallation({ env: provider.env, riders: [], connectsWebhooks: false });
    try {
      for (let n = 0; n < 8; n += 1) await provider.add();
      await provider.connect(here);
      const arrived = async () => {
        await here.settled();
        const account = await here.app.accounts.find(REF);
        return account?.backfillTotal === 10 && (await here.app.inbox.counts(REF)).pending === 0;
      };
      await until(arrived, 20_000);
      // 30 lists and 10 records: at least once it had to wait, and was hardly ever told so by a refusal.
      expect(provider.sandbox.requests.length).toBeGreaterThan(40);
      expect(provider.sandbox.refused()).toBeLessThan(10);
      expect((await here.app.accounts.find(REF))?.state).toBe('active');
    } finally {
      await here.close();
      await provider.close();
    }
  }, 30_000);
});

describe('an account from the command line', () => {
  let provider: Awaited<ReturnType<typeof startTradeGeckoDialect>>;
  let source: ReturnType<typeof createTradeGecko>;
  beforeAll(async () => {
    provider = await startTradeGeckoDialect();
    const { TRADEGECKO_CLIENT_ID: clientId = '', TRADEGECKO_CLIENT_SECRET: clientSecret = '' } = provider.env;
    source = createTradeGecko({ baseUrl: provider.sandbox.url, clientId, clientSecret });
  });
  afterAll(async () => {
    await source.close();
    await provider.close();
  });
  const refusalOf = (given: Record<string, string>) =>
    source.enrol?.(given).then(
      () => undefined,
      (error: unknown) => (error instanceof Unacceptable ? error.message : error),
    );

  test('is the one that the provider says the tokens are for', async () => {
    const { access_token, refresh_token } = provider.sandbox.tokens.grant(7067);
    const enrolled = await source.enrol?.({ 'access-token': access_token, 'refresh-token': refresh_token });
    expect(enrolled).toMatchObject({ id: '7067', name: 'Gecko Inc.' });
    expect(source.present(enrolled?.token ?? '', { tokenKind: 'bearer', client: '', user_id: '7067' })).toEqual({
      authorization: `Bearer ${access_token}`,
    });
  });

  test('has the number that the operator gives it, or that of the only one where the provider does not tell whose tokens are', async () => {
    const { access_token, refresh_token } = provider.sandbox.tokens.grant(7067);
    const given = { 'access-token': access_token, 'refresh-token': refresh_token };
    expect(await source.enrol?.({ ...given, account: '12' })).toMatchObject({ id: '12' });
    expect(await refusalOf({ ...given, account: 'acme' })).toMatch(/must be a number/);
    const silent = createServer((_, response) => void response.writeHead(404).end('nothing here'));
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const other = createTradeGecko({ baseUrl: `http://127.0.0.1:${port}`, clientId: 'id', clientSecret: 'secret' });
    expect(await other.enrol?.(given)).toMatchObject({ id: '1' });
    await other.close();
    silent.close();
  });

  test('may come with an access token that has run out, or with a privileged one alone', async () => {
    const { access_token, refresh_token } = provider.sandbox.tokens.grant(7067);
    provider.sandbox.tokens.expire();
    const enrolled = await source.enrol?.({ 'access-token': access_token, 'refresh-token': refresh_token });
    expect(enrolled?.token).not.toContain(refresh_token);
    const privileged = provider.sandbox.tokens.grant(7067).access_token;
    expect(await source.enrol?.({ 'access-token': privileged })).toMatchObject({ id: '7067' });
  });

  test('that was named is not lost where the provider falls over right after the renewal', async () => {
    let asked = 0;
    const falling = createServer((request, response) => {
      asked += 1;
      const renewed = JSON.stringify({ access_token: 'new', refresh_token: 'newer', expires_in: 7_200 });
      if (request.url === '/oauth/token') response.end(renewed);
      else response.writeHead(asked === 1 ? 401 : 500).end('{"message":"No"}');
    });
    await new Promise<void>((resolve) => void falling.listen(0, '127.0.0.1', resolve));
    const { port } = falling.address() as AddressInfo;
    const other = createTradeGecko({ baseUrl: `http://127.0.0.1:${port}`, clientId: 'id', clientSecret: 'secret' });
    const enrolled = await other.enrol?.({ 'access-token': 'old', 'refresh-token': 'old', account: '12' });
    expect([enrolled?.id, enrolled?.token]).toEqual(['12', expect.stringContaining('newer')]);
    await other.close();
    falling.close();
  });

  test('is refused with a sentence when something is missing or wrong', async () => {
    expect(await refusalOf({})).toMatch(/--access-token and --refresh-token.*Nothing was stored/);
    expect(await refusalOf({ 'access-token': 'wrong', 'refresh-token': 'wrong' })).toMatch(/refuses these tokens/);
    expect(await refusalOf({ 'access-token': 'wrong' })).toMatch(/refuses these tokens/);
  });
});

describe('the stand-in provider', () => {
  let stop: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const each of stop.reverse()) await each();
    stop = [];
  });

  async function startBoth(retryScale: number, answer: (attempt: number) => number) {
    const { createServer } = await import('node:http');
    const attempts: { at: number; delivery: unknown }[] = [];
    const receiver = createServer((request, response) => {
      attempts.push({ at: Date.now(), delivery: request.headers['x-gecko-delivery'] });
      request.resume().on('end', () => response.writeHead(answer(attempts.length)).end());
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as { port: number };
    const gecko = await startTradeGecko({ clientId: 'id', clientSecret: CLIENT_SECRET, retryScale });
    stop.push(
      () => gecko.close(),
      () => new Promise((resolve) => void receiver.close(() => resolve()).closeAllConnections()),
    );
    gecko.sender.register(7067, 'order.create', `http://127.0.0.1:${port}/`);
    return { gecko, attempts, order: gecko.world.add(7067, 'orders') };
  }

  test('retries with the same delivery id and growing pauses until it gets through', async () => {
    const { gecko, attempts, order } = await startBoth(0.002, (attempt) => (attempt < 4 ? 500 : 204));
    await gecko.sender.announce(order, 'create');
    expect(attempts).toHaveLength(4);
    expect(new Set(attempts.map(({ delivery }) => delivery)).size).toBe(1);
    const [first = 0, second = 0, third = 0, fourth = 0] = attempts.map(({ at }) => at);
    expect(second - first).toBeGreaterThanOrEqual(28);
    expect(fourth - third).toBeGreaterThan(45);
    expect(gecko.sender.hooks()).toMatchObject([{ failingSince: null }]);
  });

  test('takes a redirect for success, and is not led anywhere', async () => {
    const { gecko, attempts, order } = await startBoth(0.001, () => 302);
    await gecko.sender.announce(order, 'create');
    expect([attempts.length, gecko.sender.hooks().length]).toEqual([1, 1]);
  });

  test('deletes the webhook at the first 410, and after three days without success', async () => {
    const gone = await startBoth(0.001, () => 410);
    await gone.gecko.sender.announce(gone.order, 'create');
    expect([gone.attempts.length, gone.gecko.sender.hooks().length]).toEqual([1, 0]);
    // A day is less than a tenth of a second.
    const failing = await startBoth(0.000_001, () => 401);
    await failing.gecko.sender.announce(failing.order, 'create');
    expect(failing.gecko.sender.hooks()).toEqual([]);
    expect(failing.attempts.length).toBeGreaterThan(5);
  });

  test('has the verbs of the API, and tells of what is changed by them', async () => {
    const { gecko, attempts } = await startBoth(0.001, () => 200);
    const { access_token } = gecko.tokens.grant(7067);
    const ask = async (method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
      const response = await fetch(`${gecko.url}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    };
    const made = await ask('POST', '/orders', { order: { order_number: 'SO1' } });
    expect(made).toMatchObject({ status: 201, body: { order: { order_number: 'SO1' } } });
    await gecko.sender.drain();
    expect(attempts).toHaveLength(1);
    const { id } = made.body.order;
    expect((await ask('PUT', `/orders/${id}`, { order: { status: 'draft' } })).body.order).toMatchObject({
      status: 'draft',
    });
    expect((await ask('DELETE', `/orders/${id}`)).status).toBe(204);
    expect(await ask('GET', `/orders/${id}.json`)).toMatchObject({ status: 404, body: { type: 'Not Found' } });
    const hook = { webhook: { event: 'order.update', address: 'http://127.0.0.1:9/' } };
    expect((await ask('POST', '/webhooks', hook)).status).toBe(201);
    expect((await ask('GET', '/webhooks')).body.webhooks).toHaveLength(2);
  });
});

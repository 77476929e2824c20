import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Control, createControl } from '../src/cli/control.ts';
import { startTradeGecko, type TradeGeckoSandbox } from '../src/sandbox/tradegecko/index.ts';
import { addressAt, webhookUrl } from '../src/source-status.ts';
import { createEcovelo } from '../src/sources/ecovelo/index.ts';
import type { Revision } from '../src/storage/history.ts';
import type { RecordItem, RecordPage } from '../src/storage/records.ts';
import type { SourceReport } from '../src/storage/source-report.ts';
import type { SyncReport } from '../src/storage/sync.ts';
import type { Why } from '../src/web/why-verdict.ts';
import { createProgram, type Program } from './cli/program.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';
import { until } from './support/until.ts';

const SHOP = 7067;
const SECRETS = { client: 'the-client-secret-of-the-shop', rye: 'the-secret-that-signs-events' };

let here: Installation;
let shop: TradeGeckoSandbox;
let control: Control;
let program: Program;
let owner: Browser;
let other: Browser;

beforeAll(async () => {
  program = createProgram();
  shop = await startTradeGecko({ clientId: 'shop', clientSecret: SECRETS.client });
  shop.world.add(SHOP, 'orders', { order_number: 'SO-1', status: 'draft', notes: 'for Zoë', lines: [{ sku: 'B-1' }] });
  shop.world.add(SHOP, 'orders', { order_number: 'SO-2', status: 'finalized' });
  shop.world.add(SHOP, 'products', { name: 'Bolt', tags: ['small', 'steel'] });
  here = await startInstallation({
    riders: [
      { id: 1, name: 'Robin Field', routes: 1, trips: 2, points: 20 },
      { id: 2, name: 'Kim Brook', routes: 0, trips: 1, points: 20 },
    ],
    env: {
      SIGNUP: 'open',
      TRADEGECKO_BASE_URL: shop.url,
      TRADEGECKO_CLIENT_ID: 'shop',
      TRADEGECKO_CLIENT_SECRET: SECRETS.client,
      RYE_HMAC_SECRET: SECRETS.rye,
    },
  });
  control = createControl({ dataDir: here.dataDir });
});
afterAll(async () => {
  program.close();
  await control.close();
  await here.close();
  await shop.close();
});

const slipstream = (...args: string[]) => program.run(args, { DATA_DIR: here.dataDir });
const list = (query = '') => owner.json<RecordPage>(`/api/v1/sources/tradegecko/records${query}`);
const titles = async (query = '') => (await list(query)).items.map(({ title }) => title);
const reportOf = async (source: string) =>
  (await owner.json<{ items: SourceReport[] }>('/api/v1/sources')).items.find((each) => each.source === source);
const idOf = async (title: string) => (await list()).items.find((each) => each.title.includes(title))?.id ?? '';
const at = async (title: string) => `/api/v1/sources/tradegecko/records/order/${await idOf(title)}`;

describe('before any rider has connected', () => {
  test('the operator adds an account with tokens from standard input, and is told what to register', async () => {
    const { access_token, refresh_token } = shop.tokens.grant(SHOP);
    const typed = ['bash', '-c', `printf '%s\\n%s\\n' ${access_token} ${refresh_token} | "$0" "$@"`];
    const added = await program.run(
      ['accounts', 'add', 'tradegecko', '--access-token', '-', '--refresh-token', '-'],
      { DATA_DIR: here.dataDir },
      typed,
    );
    expect(added).toMatchObject({ code: 0 });
    expect(added.stdout).toContain(`http://localhost:3000/webhooks/tradegecko/${SHOP}`);
    expect(added.stdout + added.stderr).not.toContain(access_token);
    await here.settled();
    const { items } = await control.get<{ items: SourceReport[] }>('/api/v1/sources');
    expect(items.map(({ source }) => source)).toEqual(expect.arrayContaining(['ridewithgps', 'tradegecko', 'rye']));
    const page = await control.get<RecordPage>('/api/v1/sources/tradegecko/records');
    expect(page.meta.total).toBe(3);
  });

  test('what cannot be added, removed or set up is answered with a sentence', async () => {
    const add = (source: string, given: object = {}) => ask(`${source}/accounts`, given);
    const ask = async (path: string, body: object) => {
      const answer = await control.send('POST', `/control/sources/${path}`, undefined, body);
      return [answer.status, JSON.stringify(answer.body)];
    };
    expect(await add('tradegecko')).toEqual([422, expect.stringMatching(/needs --access-token/)]);
    expect(await add('tradegecko', { 'access-token': 'no' })).toEqual([422, expect.stringMatching(/refuses these/)]);
    expect(await add('tradegecko', { token: 1 })).toEqual([400, expect.any(String)]);
    expect(await add('rye')).toEqual([409, expect.stringMatching(/the environment configures it/)]);
    expect(await add('ecovelo')).toEqual([404, expect.stringMatching(/Ecovelo is off: set its variables/)]);
    expect(await add('ridewithgps')).toEqual([409, expect.stringMatching(/press Connect/)]);
    expect(await ask('tradegecko/set-up', { minutes: 5 })).toEqual([409, expect.stringMatching(/no handshake/)]);
    expect(await ask('tradegecko/set-up', { minutes: 500 })).toEqual([400, expect.any(String)]);
    for (const path of ['tradegecko/accounts/nobody/leave', 'ridewithgps/accounts/1/leave'])
      expect(await ask(path, { data: 'erase' })).toEqual([404, expect.stringMatching(/no such account/)]);
    const { code, stderr } = await slipstream('accounts', 'add', 'rye');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/the environment configures it/) });
  });

  test('status tells of the account', async () => {
    expect((await slipstream('status')).stdout).toMatch(/is running[\s\S]*Gecko Inc\.[\s\S]*connected/);
  });
});

test('what has to be registered has the secret in it, and what programs are told has not', async () => {
  const config = {
    baseUrl: 'http://127.0.0.1:9',
    apiKey: 'key',
    apiKeyHeader: 'Authorization',
    webhookSecret: 'a b&c',
  };
  const bikes = createEcovelo(config);
  const here = 'https://rides.example.org';
  expect(webhookUrl(here, bikes, { account: 'default' })).toBe(`${here}/webhooks/ecovelo?secret=a%20b%26c`);
  expect(addressAt(here, bikes, 'default')).toBe(`${here}/webhooks/ecovelo`);
  await bikes.close();
});

describe('with riders', () => {
  beforeAll(async () => {
    owner = await here.connect(1);
    other = await here.connect(2);
  });

  test('the owner lists, filters and searches what was copied', async () => {
    const page = await list();
    expect(page.meta).toEqual({ total: 3, page: 1, page_size: 50 });
    expect(Object.keys(page.items[0] ?? {}).sort()).toEqual(
      [
        'account',
        'deleted_at',
        'fetched_at',
        'id',
        'source',
        'state',
        'summary',
        'title',
        'type',
        'updated_at',
        'version',
      ].sort(),
    );
    expect(page.items.find(({ title }) => title.includes('SO-1'))).toMatchObject({
      ...{ source: 'tradegecko', account: String(SHOP), type: 'order', state: 'active', deleted_at: null },
      updated_at: expect.stringMatching(/^20.*Z$/),
    });
    expect(page.counts).toEqual([
      { type: 'order', state: 'active', count: 2 },
      { type: 'product', state: 'active', count: 1 },
    ]);
    expect(await titles('?type=product')).toEqual(['Bolt']);
    // As a form sends it whose other fields were left empty.
    expect(await titles('?type=product&q=&state=')).toEqual(['Bolt']);
    expect(await titles('?q=zoe')).toEqual([expect.stringContaining('SO-1')]);
    expect(await titles('?state=deleted')).toEqual([]);
    expect((await list('?page=2&page_size=2')).items).toHaveLength(1);
  });

  test.each(['page=0', 'page_size=201', 'state=gone'])('?%s is answered 400', async (query) => {
    const response = await owner.get(`/api/v1/sources/tradegecko/records?${query}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(query.split('=')[0]);
  });

  test('one record comes whole', async () => {
    const { item } = await owner.json<{ item: RecordItem & { body: object } }>(await at('SO-1'));
    expect(item).toMatchObject({ type: 'order', account: String(SHOP), version: item.updated_at });
    expect(JSON.stringify(item.body)).toContain('"lines":[{"sku":"B-1"}]');
    const same = await owner.json<{ item: RecordItem }>(`${await at('SO-1')}?account=${SHOP}`);
    expect(same.item.id).toBe(item.id);
    expect((await owner.get(`${await at('SO-1')}?account=another`)).status).toBe(404);
  });

  test('what changed is found by reconciliation, and its versions and its story are told', async () => {
    const id = Number(await idOf('SO-2'));
    shop.world.change({ account: SHOP, path: 'orders', id }, { order_number: 'SO-2', status: 'shipped' });
    const asked = await owner.post('/api/v1/sources/tradegecko/reconcile');
    expect(asked.status).toBe(202);
    expect(await asked.json()).toEqual({ started: 'reconciliation', accounts: [String(SHOP)] });
    await here.settled();
    expect(await titles('?q=shipped')).toHaveLength(1);
    const { items } = await owner.json<{ items: Revision[] }>(`${await at('SO-2')}/revisions`);
    expect(items.map(({ revision }) => revision)).toEqual([2, 1]);
    const first = await owner.json<{ revision: { body: unknown } }>(`${await at('SO-2')}/revisions/1`);
    expect(JSON.stringify(first.revision.body)).toContain('finalized');
    expect((await owner.get(`${await at('SO-2')}/revisions/3`)).status).toBe(404);
    const why = await owner.json<Why>(`${await at('SO-2')}/why`);
    expect(why).toMatchObject({ type: 'order', state: 'active', verdict: { tone: 'good' } });
    expect(JSON.stringify(why)).toMatch(/TradeGecko was asked what had changed/);
    expect(JSON.stringify(why)).not.toMatch(/Ride With GPS|rider/);
  });

  test('one can be asked for again, whether it is here or not', async () => {
    const before = (await owner.json<Why>(`${await at('SO-1')}/why`)).events.length;
    expect((await owner.post(`${await at('SO-1')}/refetch`)).status).toBe(202);
    await here.settled();
    expect((await owner.json<Why>(`${await at('SO-1')}/why`)).events.length).toBeGreaterThan(before);
    const absent = '/api/v1/sources/tradegecko/records/order/999999';
    expect(await owner.json<Why>(`${absent}/why`)).toMatchObject({ state: 'absent' });
    expect((await owner.post(`${absent}/refetch`)).status).toBe(202);
    await here.settled();
    const why = await owner.json<Why>(`${absent}/why`);
    expect(why.verdict.sentence).toMatch(/TradeGecko says there is no such order/);
    for (const type of ['account', 'changes', 'pinned'])
      expect((await owner.post(`/api/v1/sources/tradegecko/records/${type}/all/refetch`)).status).toBe(404);
  });

  test('each source tells how it is doing', async () => {
    expect(await reportOf('tradegecko')).toMatchObject({
      ...{ title: 'TradeGecko', catches_up: 'changes', cursor: 'time', audited: true, handshake: false, enrols: true },
      accounts: [
        {
          ...{ account: String(SHOP), name: 'Gecko Inc.', state: 'active', mode: 'polling', trouble: null },
          webhook_url: `http://localhost:3000/webhooks/tradegecko/${SHOP}`,
          last_reconciled_at: expect.stringMatching(/Z$/),
        },
      ],
      records: expect.arrayContaining([{ type: 'product', state: 'active', count: 1 }]),
    });
    const nothing = { catches_up: null, cursor: null, audited: false };
    expect(await reportOf('rye')).toMatchObject({ ...nothing, handshake: true, set_up_until: null, accounts: [{}] });
    const asked = await owner.post('/api/v1/sources/rye/reconcile');
    expect([asked.status, await asked.text()]).toEqual([409, expect.stringContaining('nothing at Rye to ask')]);
    expect(await reportOf('ecovelo')).toBeUndefined();
    const { accounts } = await owner.json<SyncReport>('/api/v1/sync');
    expect(accounts.map(({ source }) => source)).toEqual(['ridewithgps', expect.any(String), expect.any(String)]);
  });

  test('what secures a webhook is in no answer', async () => {
    for (const path of ['/api/v1/sources', '/api/v1/sync', '/api/v1/sources/tradegecko/records']) {
      const text = await (await owner.get(path)).text();
      for (const secret of Object.values(SECRETS))
        expect([path, text]).toEqual([path, expect.not.stringContaining(secret)]);
    }
  });

  test('somebody else has no other source, and of rides the own alone', async () => {
    const paths = ['tradegecko/records', `tradegecko/records/order/${await idOf('SO-1')}`, 'rye/records'];
    for (const path of [
      ...paths,
      `tradegecko/records/order/${await idOf('SO-1')}/why`,
      'rye/records',
      'nonsense/records',
    ]) {
      expect([path, (await other.get(`/api/v1/sources/${path}`)).status]).toEqual([path, 404]);
      expect([path, (await fetch(`${here.app.url}/api/v1/sources/${path}`)).status]).toEqual([path, 401]);
    }
    expect((await other.post('/api/v1/sources/tradegecko/reconcile')).status).toBe(404);
    const { items } = await other.json<{ items: SourceReport[] }>('/api/v1/sources');
    expect(items).toMatchObject([{ source: 'ridewithgps', accounts: [{ account: '2' }] }]);
    expect((await other.json<SyncReport>('/api/v1/sync')).accounts).toHaveLength(1);
    const own = await other.json<RecordPage>('/api/v1/sources/ridewithgps/records');
    expect(own.items.map(({ account, type }) => [account, type])).toEqual([['2', 'trip']]);
    const [ride] = (await owner.json<RecordPage>('/api/v1/sources/ridewithgps/records?type=route')).items;
    expect(ride).toMatchObject({ account: '1', source: 'ridewithgps', type: 'route' });
    const path = `/api/v1/sources/ridewithgps/records/route/${ride?.id}`;
    expect([(await owner.get(path)).status, (await other.get(path)).status]).toEqual([200, 404]);
  });

  test('the command line tells the same', async () => {
    const id = await idOf('SO-1');
    const [accounts, listed, found, whole, none, why, asked, off] = await Promise.all([
      slipstream('accounts'),
      slipstream('records', 'tradegecko', '--type', 'product'),
      slipstream('records', 'tradegecko', '--q', 'zoe', '--json'),
      slipstream('records', 'tradegecko', `order/${id}`),
      slipstream('records', 'tradegecko', 'order/0'),
      slipstream('why', `tradegecko/order/${id}`),
      slipstream('reconcile', '--source', 'tradegecko'),
      slipstream('reconcile', '--source', 'ecovelo'),
    ]);
    expect(accounts.stdout).toMatch(/tradegecko +7067 +Gecko Inc\. +active +polling +3 +0 +0/);
    expect(listed.stdout).toMatch(/product\/\d+ +active .*Bolt/);
    expect(JSON.parse(found.stdout)).toMatchObject({ items: [{ type: 'order' }], meta: { total: 1 } });
    expect(JSON.stringify(JSON.parse(whole.stdout))).toContain('B-1');
    expect(none.stderr).toMatch(/no record order\/0/);
    expect(why.stdout).toMatch(/Order \d+: .*SO-1[\s\S]*It is here/);
    expect(asked).toMatchObject({ code: 0, stdout: 'Gecko Inc.: caught up.\n' });
    expect(off.stderr).toMatch(/Ecovelo is off/);
  });

  test('the owner alone has the pages, with what has to be registered', async () => {
    const page = async (path: string) => (await owner.get(path)).text();
    expect(await page('/sync')).toContain('href="/sources"');
    const sources = await page('/sources');
    for (const words of [
      'TradeGecko',
      'Rye',
      `/webhooks/tradegecko/${SHOP}`,
      'All that is known of it is here',
      'Order: 2',
    ])
      expect(sources).toContain(words);
    expect(await page('/sources/tradegecko?q=zoe')).toMatch(/number">1<\/span>[\s\S]*SO-1/);
    expect(await page('/sources/tradegecko?q=zoe')).not.toContain('Bolt');
    expect(await page('/sources/tradegecko?type=&state=&q=&page=x')).toContain('Bolt');
    expect(await page('/sources/tradegecko?q=nothing+like+it')).toContain('Nothing here is like that');
    expect(await page('/sources/rye')).toContain('Nothing has come from Rye yet');
    const record = await page(`/sources/tradegecko/order/${await idOf('SO-2')}`);
    expect(record).toMatch(/Version 2[\s\S]*Status<\/strong> <del>finalized<\/del>[\s\S]*<ins>shipped<\/ins>/);
    expect(record).toMatch(/TradeGecko was asked what had changed/);
    expect(await page('/sources/tradegecko/order/999999')).toMatch(/no copy of it here[\s\S]*no such order/);
    const paths = ['/sources', '/sources/tradegecko', `/sources/tradegecko/order/${await idOf('SO-2')}`];
    for (const path of paths) {
      expect([path, (await other.get(path)).status]).toEqual([path, 404]);
      expect([path, (await fetch(`${here.app.url}${path}`, { redirect: 'manual' })).status]).toEqual([path, 303]);
    }
    expect((await owner.get('/sources/ridewithgps')).status).toBe(404);
    expect((await owner.get('/sources/ecovelo')).status).toBe(404);
    expect(await (await other.get('/sync')).text()).not.toContain('href="/sources"');
  });

  test('the owner reconciles, asks again and sets a source up by a button', async () => {
    expect((await owner.post('/sources/tradegecko/reconcile')).headers.get('location')).toBe('/sources');
    expect((await owner.post('/sources/rye/reconcile')).status).toBe(400);
    const path = `/sources/tradegecko/order/${await idOf('SO-1')}`;
    const back = (await owner.post(`${path}/refetch?account=${SHOP}`)).headers.get('location');
    expect(back).toBe(`${path}?account=${SHOP}`);
    expect((await owner.post('/sources/tradegecko/set-up')).status).toBe(400);
    expect((await other.post('/sources/rye/set-up')).status).toBe(404);
    expect((await reportOf('rye'))?.set_up_until).toBeNull();
    expect((await owner.post('/sources/rye/set-up')).headers.get('location')).toBe('/sources');
    expect((await reportOf('rye'))?.set_up_until).toMatch(/Z$/);
    expect(await (await owner.get('/sources')).text()).toContain('It may ask unsigned');
    const deletions = `/sources/tradegecko/accounts/${SHOP}/deletions/confirm`;
    const through = '2026-01-01T00:00:00.000Z';
    expect((await owner.post(deletions, { through })).headers.get('location')).toBe('/sources/tradegecko');
    expect((await other.post(deletions, { through })).status).toBe(404);
    const api = `/api/v1/sources/tradegecko/accounts/${SHOP}/deletions`;
    expect(await owner.json<object>(api)).toMatchObject({ items: [], meta: { total: 0, deleted: 0 } });
    expect((await owner.post(`${api}/confirm`)).status).toBe(400);
    expect((await other.get(api)).status).toBe(404);
    const send = { method: 'POST', body: JSON.stringify({ through }), headers: { 'content-type': 'application/json' } };
    expect((await fetch(`${here.app.url}${api}/confirm`, send)).status).toBe(401);
    await here.settled();
  });

  test('what cannot be copied is set aside for the owner, by the name of its provider', async () => {
    const id = await idOf('SO-1');
    shop.answerInstead(`/orders/${id}.json`, {
      status: 422,
      body: '{"type":"Unprocessable","message":"It is locked."}',
    });
    await owner.post(`${await at('SO-1')}/refetch`);
    await here.settled();
    const sync = await (await owner.get('/sync')).text();
    expect(sync).toContain(`<a href="/sources/tradegecko/order/${id}?account=${SHOP}">TradeGecko, order ${id}</a>`);
    expect(await (await other.get('/sync')).text()).not.toContain('TradeGecko');
    const [letter] = JSON.parse((await slipstream('dead-letters', '--json')).stdout) as { id: number }[];
    expect((await slipstream('dead-letters')).stdout).toContain(`tradegecko order ${id}`);
    shop.answerInstead(`/orders/${id}.json`, undefined);
    expect((await slipstream('replay', String(letter?.id))).code).toBe(0);
    await here.settled();
    expect((await owner.json<{ items: object[] }>('/api/v1/dead-letters')).items).toEqual([]);
  });

  test('metrics tell of records by source and type', async () => {
    const text = await (await fetch(`${here.app.url}/metrics`)).text();
    expect(text).toMatch(/slipstream_records\{source="tradegecko",type="order",state="active"\} 2/);
    expect(text).toMatch(/slipstream_accounts\{source="tradegecko",state="active"\} 1/);
    expect(text).toMatch(/slipstream_source_tasks\{source="tradegecko",state="pending"\} \d/);
  });

  test('an account that is removed keeps its records until they are erased', async () => {
    expect((await slipstream('accounts', 'remove', 'tradegecko', String(SHOP))).code).toBe(0);
    expect(await reportOf('tradegecko')).toMatchObject({ accounts: [{ state: 'disconnected' }] });
    expect((await list()).meta.total).toBe(3);
    const asked = await owner.post('/api/v1/sources/tradegecko/reconcile');
    expect([asked.status, await asked.json()]).toMatchObject([409, { error: { code: 'no_account' } }]);
    expect((await owner.post(`${await at('SO-1')}/refetch`)).status).toBe(409);
    expect((await slipstream('accounts', 'remove', 'tradegecko', String(SHOP), '--erase')).code).toBe(0);
    await until(async () => (await list()).meta.total === 0);
    expect((await owner.json<SyncReport>('/api/v1/sync')).accounts.map(({ source }) => source)).not.toContain(
      'tradegecko',
    );
    expect((await list('?q=bolt')).items).toEqual([]);
  });
});

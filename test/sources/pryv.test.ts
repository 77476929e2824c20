import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TooLarge } from '../../src/http/errors.ts';
import { type PryvOptions, type PryvSandbox, startPryv } from '../../src/sandbox/pryv/index.ts';
import { createSender } from '../../src/sandbox/pryv/sender.ts';
import { createSeal } from '../../src/seal.ts';
import { createApi } from '../../src/sources/pryv/api.ts';
import { createClients } from '../../src/sources/pryv/clients.ts';
import { describe as described } from '../../src/sources/pryv/describe.ts';
import { accountOf, isAccount, readEndpoint } from '../../src/sources/pryv/endpoint.ts';
import { createPryv } from '../../src/sources/pryv/index.ts';
import { listEvents } from '../../src/sources/pryv/lists.ts';
import { parse, read, withoutSecret } from '../../src/sources/pryv/read.ts';
import { createVerify } from '../../src/sources/pryv/verify.ts';
import type { AccountRef } from '../../src/vocabulary.ts';
import { connectPryv, webhook } from '../support/dialects/pryv.ts';
import { type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';

const SEAL = createSeal(['a key of the tests']);
const ACCOUNT = 'alice.pryv.me';

describe('the endpoint', () => {
  test.each([
    ['https://ctoken@alice.pryv.me/', 'alice.pryv.me'],
    ['https://ctoken@alice.pryv.me', 'alice.pryv.me'],
    ['https://ctoken@Alice.Pryv.me:8443/', 'alice.pryv.me_8443'],
    ['https://ctoken@pryv.example.org/alice/', 'pryv.example.org__alice'],
    ['https://ctoken@pryv.example.org/alice', 'pryv.example.org__alice'],
    ['http://ctoken@localhost:3003/alice/', 'localhost_3003__alice'],
    ['http://ctoken@127.0.0.1:3003/', '127.0.0.1_3003'],
  ])('%s is the account %s', (text, account) => {
    const endpoint = readEndpoint(text);
    expect(endpoint.token).toBe('ctoken');
    expect(endpoint.url).not.toContain('ctoken');
    expect(accountOf(endpoint)).toBe(account);
    expect(isAccount(account)).toBe(true);
    expect(account).toMatch(/^[\w.-]{1,128}$/);
  });

  test.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['alice.pryv.me', 'must be an address'],
    ['ftp://ctoken@alice.pryv.me/', 'must be an address'],
    ['http://ctoken@alice.pryv.me/', 'https://'],
    ['https://alice.pryv.me/', 'no token'],
    ['https://ctoken:more@alice.pryv.me/', 'Only the token'],
    ['https://ctoken@alice.pryv.me/?a=b', 'Only the token'],
    ['https://c%20token@alice.pryv.me/', 'cannot be a token'],
    ['https://c%0D%0Atoken@alice.pryv.me/', 'cannot be a token'],
    ['https://ctoken@alice.pryv.me/a/b/', 'After the host'],
    ['https://ctoken@pryv.me/a_b/', 'After the host'],
    ['https://ctoken@al_ice.pryv.me/', 'After the host'],
    ['http://ctoken@[::1]:3003/alice/', ''],
  ])('%s is refused with a sentence, and the sentence has no token in it', (text, why) => {
    const error = (() => {
      try {
        readEndpoint(text);
      } catch (error) {
        return error as Error;
      }
    })();
    expect(error?.message).toMatch(/^The endpoint cannot be used\. /);
    expect(error?.message).toContain(why);
    expect(error?.message).not.toContain('ctoken');
  });

  test.each([
    '',
    '..',
    '.',
    'a..b',
    'a b',
    'a/b',
    'a___b',
    '__alice',
    'alice_',
    'a_123456',
    'ü.me',
    `${'a'.repeat(129)}`,
  ])('no account is called "%s"', (text) => expect(isAccount(text)).toBe(false));
});

describe('the secret in the address', () => {
  const { refuses, verify, webhookQuery, isAddressOf } = createVerify(SEAL);
  const secret = webhookQuery(ACCOUNT).replace('?secret=', '');
  const request = (over: { account?: string; secret?: string }) => ({ headers: {}, body: Buffer.from('{}'), ...over });

  test('opens one account and no other', () => {
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(verify(request({ account: ACCOUNT, secret }))).toEqual({ ok: true, client: ACCOUNT });
    expect(refuses(request({ account: ACCOUNT, secret }))).toBeUndefined();
    for (const wrong of [
      { account: ACCOUNT },
      { account: ACCOUNT, secret: '' },
      { account: ACCOUNT, secret: `${secret}=` },
      { account: ACCOUNT, secret: secret.slice(1) },
      { account: 'mallory.pryv.me', secret },
      { account: '..', secret: webhookQuery('..').replace('?secret=', '') },
      { secret },
    ]) {
      expect(verify(request(wrong))).toMatchObject({ ok: false });
      expect(refuses(request(wrong))).toMatch(/secret/);
    }
  });

  test('of an earlier key is good while that key is there, and a new address has the first key’s', () => {
    const both = createVerify(createSeal(['the newer key of the tests', 'a key of the tests']));
    const newer = createVerify(createSeal(['the newer key of the tests']));
    expect(both.verify(request({ account: ACCOUNT, secret }))).toMatchObject({ ok: true });
    expect(both.webhookQuery(ACCOUNT)).toBe(newer.webhookQuery(ACCOUNT));
    expect(newer.verify(request({ account: ACCOUNT, secret }))).toMatchObject({ ok: false });
  });

  test('tells our address in a list of webhooks from others', () => {
    const ours = `https://any.example/webhooks/pryv/${ACCOUNT}?secret=${secret}`;
    expect(isAddressOf(ACCOUNT, ours)).toBe(true);
    expect(isAddressOf(ACCOUNT, ours.replace('?', '/?'))).toBe(true);
    for (const other of [
      ours.slice(0, -1),
      `${ours}&secret=${secret}`,
      ours.replace('alice', 'bob'),
      'nothing',
      7,
      null,
    ])
      expect(isAddressOf(ACCOUNT, other)).toBe(false);
  });
});

describe('a body', () => {
  const readOf = (body: unknown) => read(body, 1_000, ACCOUNT);
  const KEY = { source: 'pryv', account: ACCOUNT, type: 'changes' };

  test.each([
    [
      { messages: ['eventsChanged', 'streamsChanged'], meta: { apiVersion: '1.4.8', serial: 20190810 } },
      'eventsChanged, streamsChanged',
    ],
    [{ messages: ['eventsChanged'], meta: { serverTime: 1 } }, 'eventsChanged'],
    [{ messages: ['test'] }, 'test'],
    [{ messages: [null], meta: {} }, 'changed'],
    [{ messages: [null, 'accessesChanged'] }, 'accessesChanged'],
    [{ messages: ['my-own-scope', { odd: true }, 7] }, 'my-own-scope'],
    [{ messages: [] }, 'changed'],
    [{ messages: 'eventsChanged' }, 'changed'],
    [{}, 'changed'],
    [[], 'changed'],
    [null, 'changed'],
    ['text', 'changed'],
  ])('%j says that something changed, once', (body, action) => {
    expect(readOf(body)).toEqual({
      notifications: [
        { key: { ...KEY, id: 'all' }, origin: 'webhook', action, learntAt: 1_000, announcesDeletion: false },
      ],
      rejections: [],
    });
  });

  test('of a server that was started asks for everything', () => {
    expect(readOf({ messages: ['eventsChanged', 'webhooksServiceBoot'] }).notifications).toMatchObject([
      { key: { ...KEY, id: 'everything' }, action: 'eventsChanged, webhooksServiceBoot' },
    ]);
  });

  test('cannot fill a column or steer a terminal', () => {
    const [long] = readOf({ messages: ['x'.repeat(500)] }).notifications;
    expect(long?.action).toHaveLength(80);
    expect(readOf({ messages: ['a\u001b[2Jb'] }).notifications[0]?.action).toBe('a\uFFFD[2Jb');
  });

  test('that is not JSON is the only one that cannot be read', () => {
    expect(parse(Buffer.from('{"messages":'))).toMatchObject({ ok: false, problem: { code: 'not-json' } });
    expect(parse(Buffer.from('null'))).toEqual({ ok: true, value: null });
  });

  test('without an account is kept for a person', () => {
    expect(read({ messages: [] }, 1_000, '')).toMatchObject({
      notifications: [],
      rejections: [{ problem: { code: 'no-account' } }],
    });
  });

  test('is shown without what opens files or our address', () => {
    expect(withoutSecret('{"readToken": "cabc-def","url":"https://x/?secret=abc-_1&a=b","token":"t"}')).toBe(
      '{"readToken": "…","url":"https://x/?secret=…&a=b","token":"…"}',
    );
  });
});

describe('what the mirror keeps', () => {
  const of = (type: string, item: object) => described(Buffer.from(JSON.stringify(item)), { type, id: 'c1' });
  const note = {
    id: 'c1',
    type: 'note/txt',
    content: 'Lake\nand back',
    streamIds: ['diary'],
    time: 1,
    modified: 1_557_927_701.6984,
  };

  test('of an event is what it says, where, and when', () => {
    expect(of('event', note)).toMatchObject({
      version: '2019-05-15T13:41:41.698Z',
      title: 'Lake',
      happenedAt: '1970-01-01T00:00:01.000Z',
      record: { summary: 'note/txt in diary', words: expect.stringContaining('and back') },
    });
    expect(of('event', { ...note, type: 'mass/kg', content: 70.5 }).title).toBe('70.5 kg');
    expect(of('event', { id: 'c1' })).toMatchObject({ version: '', title: 'c1', record: { summary: 'Event' } });
  });

  test('tells what is in the trash', () => {
    expect(of('event', { ...note, trashed: true }).record?.summary).toBe('note/txt in diary, in the trash');
    expect(of('stream', { id: 'c1', name: 'Diary', parentId: 'all', trashed: true })).toMatchObject({
      title: 'Diary',
      record: { summary: 'Stream within all, in the trash' },
    });
  });

  test('is of that item and no other', () => {
    expect(() => described(Buffer.from('{"id":"c2"}'), { type: 'event', id: 'c1' })).toThrow('not the item');
  });
});

describe('a list', () => {
  const credentials = { headers: {}, endpoint: 'https://alice.pryv.me/' };
  const event = (n: number) => ({ id: `c${n}`, time: n, modified: n });

  test('from which something was deleted between two pages is read again', async () => {
    let events = Array.from({ length: 700 }, (_, n) => event(n + 1));
    let deletions: { id: string; deleted: number }[] = [];
    let asked = 0;
    const listed = await listEvents(
      {
        get: () => Promise.reject(new Error('not asked')),
        put: () => Promise.reject(new Error('not asked')),
        async object(path) {
          const query = new URLSearchParams(path.split('?')[1]);
          const skip = Number(query.get('skip'));
          const since = Number(query.get('modifiedSince') ?? 0);
          const found = events
            .filter(({ modified }) => modified > since)
            .slice(skip, skip + Number(query.get('limit')));
          const object = {
            events: found,
            eventDeletions: deletions.filter(({ deleted }) => deleted > since),
            meta: { serverTime: 1_000 },
          };
          asked += 1;
          if (asked === 1) {
            events = events.slice(1);
            deletions = [{ id: 'c1', deleted: 1_001 }];
          }
          return { object, beganAt: 0, clockOffset: 0 };
        },
      },
      0,
      credentials,
    );
    // The one that slipped over the edge of the first page.
    expect(listed.items.map(({ id }) => id)).toContain('c501');
    expect(listed.items).toHaveLength(699);
    expect(listed.deletions).toEqual([{ id: 'c1', deleted: 1_001 }]);
  });
});

test('a server that gives fewer than were asked for is asked until it has no more, of events and of what was deleted', async () => {
  const events = Array.from({ length: 250 }, (_, n) => ({ id: `c${n}`, time: n, modified: n + 1 }));
  const deletions = Array.from({ length: 330 }, (_, n) => ({ id: `cgone${n}`, deleted: n + 1 }));
  const skips: number[] = [];
  const listed = await listEvents(
    {
      get: () => Promise.reject(new Error('not asked')),
      put: () => Promise.reject(new Error('not asked')),
      async object(path) {
        const skip = Number(new URLSearchParams(path.split('?')[1]).get('skip'));
        skips.push(skip);
        const page = (list: object[]) => list.slice(skip, skip + 100);
        return { object: { events: page(events), eventDeletions: page(deletions) }, beganAt: 0, clockOffset: 0 };
      },
    },
    0,
    { headers: {}, endpoint: 'https://alice.pryv.me/' },
  );
  expect(listed.items).toHaveLength(250);
  expect(listed.deletions).toHaveLength(330);
  expect(skips).toEqual([0, 100, 200, 250]);
});

describe('what changed', () => {
  const AT_S = 1_800_000_000;
  const deep: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  const event = (id: string, over: object = {}) => ({ id, type: 'note/txt', time: AT_S, modified: AT_S, ...over });

  /** The API over answers of a server that says nothing of its time but in HTTP. */
  function apiOver(events: object[], streams: object[] = []) {
    const answer = { beganAt: (AT_S + 60) * 1_000, clockOffset: 0, status: 200, headers: {}, body: Buffer.alloc(0) };
    return createApi({
      get: async (path) => ({
        ok: true,
        object: { event: events.find(({ id }: { id?: string }) => path.endsWith(`/${id}`)) },
        answer,
      }),
      put: () => Promise.reject(new Error('not asked')),
      object: async (path) => ({ ...answer, object: path.startsWith('streams') ? { streams } : { events } }),
    });
  }
  const credentials = { headers: {}, endpoint: 'https://alice.pryv.me/' };
  const keyOf = (id: string) => ({ source: 'pryv', account: ACCOUNT, type: 'event', id }) as const;

  test('is told of all but what cannot be written: that is asked for alone, and set aside alone', async () => {
    const { changesSince, fetch } = apiOver([event('cdeep', { content: deep }), event('cplain')]);
    const { changes } = await changesSince(null, credentials);
    expect(changes.map(({ id, statement }) => [id, statement !== undefined])).toEqual([
      ['cdeep', false],
      ['cplain', true],
    ]);
    await expect(fetch(keyOf('cdeep'), credentials, undefined)).rejects.toThrow('nested too deeply');
  });

  test('does not end with what is stamped in the future, also where the server does not tell its time', async () => {
    const { changesSince } = apiOver([event('c1'), event('cfuture', { modified: 4_000_000_000_000 })]);
    expect((await changesSince(String(AT_S), credentials)).cursor).toBe(String(AT_S + 60));
  });

  test('has any id that the provider lets an app choose for a stream, and none that leads elsewhere', async () => {
    const good = ['-', 'two words', 'a/b', 'é', ':_system:account', ':store:a/b', '...'];
    const bad = ['', '.', '..', 'a\u0000', 'a\n', '\ud800', 'x'.repeat(201), 7, null];
    const { changesSince } = apiOver(
      [],
      [...good, ...bad].map((id) => ({ id, name: 'S', modified: AT_S })),
    );
    expect((await changesSince(null, credentials)).changes.map(({ id }) => id)).toEqual(good);
  });
});

test('a page that is too large is asked for in smaller ones', async () => {
  const events = Array.from({ length: 120 }, (_, n) => ({ id: `c${n}`, time: n, modified: n + 1 }));
  const limits: number[] = [];
  const listed = await listEvents(
    {
      get: () => Promise.reject(new Error('not asked')),
      put: () => Promise.reject(new Error('not asked')),
      async object(path) {
        const query = new URLSearchParams(path.split('?')[1]);
        const [skip, limit] = [Number(query.get('skip')), Number(query.get('limit'))];
        limits.push(limit);
        if (limit > 50) throw new TooLarge(1);
        return { object: { events: events.slice(skip, skip + limit) }, beganAt: 0, clockOffset: 0 };
      },
    },
    null,
    { headers: {}, endpoint: 'https://alice.pryv.me/' },
  );
  expect(listed.items.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  expect(limits).toEqual([500, 50, 50, 50]);
});

test('of many providers only some connections stay open, and none that is in use is closed', async () => {
  const closed: string[] = [];
  const clients = createClients(2, (origin) => ({
    get: () => Promise.reject(new Error(origin)),
    postJson: () => Promise.reject(new Error(origin)),
    putJson: () => Promise.reject(new Error(origin)),
    close: async () => void closed.push(origin),
  }));
  let end = () => {};
  const long = clients.use('https://one.example', () => new Promise<void>((resolve) => (end = resolve)));
  for (const name of ['two', 'three', 'two', 'four']) await clients.use(`https://${name}.example`, async () => {});
  expect(closed).toEqual(['https://two.example', 'https://three.example', 'https://two.example']);
  end();
  await long;
  await clients.close();
  expect(closed.toSorted()).toEqual(['four', 'one', 'three', 'two', 'two'].map((name) => `https://${name}.example`));
});

describe('beside a server', () => {
  let sandbox: PryvSandbox;
  const source = createPryv(SEAL);
  afterEach(() => sandbox.close());
  afterAll(() => source.close());

  async function begin(options: PryvOptions = {}) {
    sandbox = await startPryv(options);
    return { headers: { authorization: sandbox.token }, endpoint: sandbox.endpoint.replace(`${sandbox.token}@`, '') };
  }
  const account = () => accountOf(readEndpoint(sandbox.endpoint));
  const inactive = () => {
    const [access] = sandbox.accesses.values();
    const url = `https://elsewhere.example/webhooks/pryv/${account()}${source.webhookQuery?.(account())}`;
    const webhook = sandbox.sender.register(url, access?.type === 'app' ? access.id : 'cother');
    webhook.state = 'inactive';
    return webhook;
  };

  test('an account is made of its endpoint, once the token is good', async () => {
    await begin();
    expect(await source.enrol?.({ endpoint: sandbox.endpoint })).toEqual({
      id: account(),
      name: 'alice',
      token: JSON.stringify({ token: sandbox.token, url: `${sandbox.url}/alice/` }),
    });
    await expect(source.enrol?.({ endpoint: sandbox.endpoint.replace(sandbox.token, 'cwrong') })).rejects.toThrow(
      'Pryv refuses the token in the endpoint.',
    );
    await expect(source.enrol?.({})).rejects.toThrow('missing');
  });

  test('more than one page is listed whole, and the mark is the greatest change and not the server’s time', async () => {
    const credentials = await begin();
    for (let n = 0; n < 1_100; n += 1) sandbox.world.addEvent({ content: `Note ${n}`, silent: true });
    const answer = await source.changesSince?.(null, credentials);
    const events = [...sandbox.world.events.values()];
    expect(answer?.changes.filter(({ type }) => type === 'event')).toHaveLength(events.length);
    const greatest = Math.max(...events.map(({ modified }) => modified));
    expect(Number(answer?.cursor)).toBeLessThanOrEqual(greatest);
    expect(Number(answer?.cursor)).toBeGreaterThan(0);
    const inventory = await source.inventory?.(credentials);
    expect(inventory?.owned).toHaveLength(events.length + sandbox.world.streams.size);
    expect(inventory?.owned.every(({ version }) => version !== null)).toBe(true);
  });

  test('an event is asked for by its id, and is gone only in the provider’s own words', async () => {
    const credentials = await begin();
    const { id } = sandbox.world.addEvent({ content: 'Here', silent: true });
    const key = { source: 'pryv', account: account(), type: 'event', id } as const;
    expect(await source.fetch(key, credentials)).toMatchObject({ kind: 'present' });
    expect(await source.fetch({ ...key, id: 'cgone' }, credentials)).toEqual({ kind: 'gone' });
    expect(await source.fetch({ ...key, type: 'stream', id: 'weight' }, credentials)).toMatchObject({
      kind: 'present',
    });
    expect(await source.fetch({ ...key, type: 'stream', id: 'none' }, credentials)).toEqual({ kind: 'gone' });
    await expect(source.fetch({ ...key, id: '../access-info' }, credentials)).rejects.toThrow('not one of Pryv');
    // 403 with `invalid-access-token` is about the token, and not about the item.
    await expect(source.fetch(key, { ...credentials, headers: { authorization: 'x' } })).rejects.toThrow(
      'refuses the token',
    );
  });

  test.each(['bare', 'wrapped'] as const)('an inactive webhook is made active in the form "%s"', async (updateForm) => {
    const credentials = await begin({ updateForm });
    sandbox.sender.register('https://elsewhere.example/other', 'cslipstream').state = 'inactive';
    const webhook = inactive();
    expect(await source.reviveWebhook?.(account(), credentials)).toEqual({ kind: 'revived' });
    expect(webhook.state).toBe('active');
    expect([...sandbox.sender.webhooks.values()].map(({ state }) => state)).toEqual(['inactive', 'active']);
    expect(await source.reviveWebhook?.(account(), credentials)).toEqual({ kind: 'sends' });
  });

  test('a webhook that cannot be seen or revived is told in one sentence', async () => {
    const credentials = await begin({ updateForm: 'none' });
    expect(await source.reviveWebhook?.(account(), credentials)).toMatchObject({
      kind: 'unknown',
      sentence: expect.stringContaining('none with the address'),
    });
    inactive();
    expect(await source.reviveWebhook?.(account(), credentials)).toMatchObject({
      kind: 'unknown',
      sentence: expect.stringContaining('does not take it up'),
    });
    sandbox.accesses.set(sandbox.token, { id: 'cshared', type: 'shared', name: 'shared' });
    expect(await source.reviveWebhook?.(account(), credentials)).toMatchObject({
      kind: 'unknown',
      sentence: expect.stringContaining('may not see'),
    });
  });
});

describe('the made-up sender', () => {
  const servers: { close: () => void }[] = [];
  afterEach(() => {
    for (const each of servers.splice(0)) each.close();
  });

  async function receiver(status: number, headers = {}) {
    const requests: { method: string; url: string; body: string; agent: string | undefined; at: number }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method = '', url = '' } = request;
      requests.push({ method, url, body, agent: request.headers['user-agent'], at: Date.now() });
      const moved = url.startsWith('/moved');
      response.writeHead(moved ? 200 : status, moved ? {} : headers).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
  }

  test('puts together what comes too soon, with a null for what put it off', async () => {
    const { requests, url } = await receiver(200);
    const sender = createSender({ now: Date.now, minIntervalMs: 50, log: () => {} });
    sender.register(url, 'c1');
    for (const message of ['eventsChanged', 'eventsChanged', 'streamsChanged']) sender.announce(message);
    await sender.drain();
    sender.close();
    expect(requests.map(({ body }) => JSON.parse(body).messages)).toEqual([
      ['eventsChanged'],
      ['eventsChanged', 'streamsChanged', null],
    ]);
    expect(requests[0]?.agent).toBe('node');
    expect(JSON.parse(requests[0]?.body ?? '').meta).toEqual({ serverTime: expect.any(Number) });
  });

  test('waits longer after each failure, and gives up after six', async () => {
    const { requests, url } = await receiver(500);
    const sender = createSender({ now: Date.now, minIntervalMs: 20, log: () => {} });
    const webhook = sender.register(url, 'c1');
    sender.announce('eventsChanged');
    await sender.drain();
    expect(webhook).toMatchObject({ state: 'inactive', failCount: 6 });
    const waits = requests.slice(1).map(({ at }, index) => at - (requests[index]?.at ?? 0));
    expect(waits).toHaveLength(5);
    expect(waits[4]).toBeGreaterThanOrEqual(95);
    sender.announce('eventsChanged');
    await sender.drain();
    sender.close();
    expect(requests).toHaveLength(6);
  });

  test('follows a redirect and turns POST into GET', async () => {
    const { requests, url } = await receiver(302, { location: '/moved' });
    const sender = createSender({ now: Date.now, minIntervalMs: 20, log: () => {} });
    sender.register(url, 'c1');
    sender.announce('eventsChanged');
    await sender.drain();
    sender.close();
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /', 'GET /moved']);
    expect(sender.sent[0]?.status).toBe(200);
  });
});

describe('through the whole program', () => {
  let here: Installation;
  let sandbox: PryvSandbox;
  let ref: AccountRef;
  let address: string;
  let accountId: number;
  /** Milliseconds by which both clocks are ahead. */
  let ahead = 0;

  beforeAll(async () => {
    sandbox = await startPryv({ minIntervalMs: 20, now: () => Date.now() + ahead });
    here = await startInstallation({ appNow: () => Date.now() + ahead });
    ({ ref, address } = await connectPryv(here, sandbox.endpoint));
    accountId = (await here.app.accounts.find(ref))?.id ?? 0;
  }, 30_000);
  afterAll(async () => {
    await here?.close();
    await sandbox?.close();
  });

  const standing = (id: string, type = 'event') => here.app.items.standing({ accountId, type, id });
  const outcomes = async (id: string, type = 'event') =>
    (await here.app.items.fetches({ accountId, type, id }, 20)).map(({ outcome }) => outcome).reverse();
  const post = (path: string, body: string = webhook('').body, init: RequestInit = {}) =>
    fetch(`${here.app.url}${path}`, { method: 'POST', ...webhook(path), body, redirect: 'manual', ...init });
  const reconcile = async () => {
    const result = await here.app.reconciler.reconcile(ref);
    await here.app.settled();
    return result;
  };
  async function delivered(messages: unknown[] = ['eventsChanged']) {
    expect((await post(address, webhook(address, messages).body)).status).toBe(200);
    await here.app.settled();
  }

  test('everything there is comes with the account, what is in the trash too', async () => {
    for (const [id, event] of sandbox.world.events)
      expect(await standing(id), event.type).toMatchObject({ hasBody: true, deletedAt: null });
    for (const id of sandbox.world.streams.keys())
      expect(await standing(id, 'stream')).toMatchObject({ hasBody: true });
    // The list had them whole.
    expect(sandbox.requests.filter((each) => each.includes('/events/'))).toEqual([]);
    expect(await here.app.auditor.audit(ref)).toMatchObject({ ok: true, different: 0 });
  });

  test('what was listed is not fetched again, though it is listed again', async () => {
    expect(await reconcile()).toEqual(expect.objectContaining({ ok: true, found: 0 }));
  });

  test('any true delivery has what changed asked for; trash and deletion are two things', async () => {
    const { id } = sandbox.world.addEvent({ content: 'One', silent: true });
    await delivered([null]);
    sandbox.world.editEvent(id, { content: 'Two', silent: true });
    await delivered(['test']);
    sandbox.world.removeEvent(id, { silent: true });
    await delivered(['a-scope-of-my-own']);
    expect(await standing(id)).toMatchObject({ deletedAt: null });
    sandbox.world.removeEvent(id, { silent: true });
    expect((await post(address, '{}')).status).toBe(200);
    await here.app.settled();
    expect((await standing(id))?.deletedAt).not.toBeNull();
    expect(await outcomes(id)).toEqual(['created', 'updated', 'updated', 'tombstoned']);
  });

  test('a stream that is deleted is told by the streams', async () => {
    sandbox.world.addStream('short', 'Short-lived', { silent: true });
    await delivered(['streamsChanged']);
    sandbox.world.removeStream('short', { silent: true });
    await delivered(['streamsChanged']);
    expect(await standing('short', 'stream')).toMatchObject({ deletedAt: null });
    sandbox.world.removeStream('short', { silent: true });
    await delivered(['streamsChanged']);
    expect(await outcomes('short', 'stream')).toEqual(['created', 'updated', 'tombstoned']);
  });

  test('what became visible with the very instant of the last change, or a little before it, is found', async () => {
    const { id } = sandbox.world.addEvent({ content: 'Seen', silent: true });
    await delivered();
    const modified = sandbox.world.events.get(id)?.modified ?? 0;
    const same = sandbox.world.addEvent({ content: 'At the same instant', silent: true, modified });
    const before = sandbox.world.addEvent({ content: 'Stamped before it', silent: true, modified: modified - 5 });
    await delivered();
    expect(await outcomes(same.id)).toEqual(['created']);
    expect(await outcomes(before.id)).toEqual(['created']);
    expect(await outcomes(id)).toEqual(['created']);
  });

  test('after a start of its server everything is asked for again', async () => {
    const { id } = sandbox.world.addEvent({ content: 'Long ago', silent: true, modified: 1_000_000_000 });
    await delivered();
    expect(await standing(id)).toBeUndefined();
    await delivered(['webhooksServiceBoot']);
    expect(await outcomes(id)).toEqual(['created']);
    expect((await here.app.accounts.find(ref))?.cursor).not.toBeNull();
  });

  test('without its secret nothing is taken, and nobody is ever sent elsewhere', async () => {
    const before = sandbox.requests.length;
    const [path = '', query = ''] = address.split('?');
    for (const wrong of [
      path,
      `${path}?secret=`,
      `${path}?secret=abc`,
      `${path}?${query}&${query}`,
      `${path.replace('alice', 'bob')}?${query}`,
    ])
      expect((await post(wrong)).status, wrong).toBe(401);
    expect((await post(`${path}/?${query}`)).status).toBe(200);
    expect((await post(address, '{"messages":')).status).toBe(400);
    for (const odd of [
      `/${address}`,
      `/webhooks//pryv/${ref.account}?${query}`,
      `${path}/more?${query}`,
      `/webhooks/pryv?${query}`,
      `/webhooks/pryv/?${query}`,
      `/webhooks/pryv/%E0?${query}`,
      `/webhooks/pryv/..%2Fx?${query}`,
    ]) {
      const { status } = await post(odd);
      expect(status, odd).toBeGreaterThanOrEqual(400);
      expect(status, odd).not.toBe(410);
    }
    for (const method of ['GET', 'HEAD', 'PUT'])
      expect((await post(address, '', { method, body: null })).status).toBe(405);
    await here.app.settled();
    // The one with the slash at its end.
    expect(sandbox.requests.slice(before).filter((each) => each.includes('/events?'))).toHaveLength(1);
  });

  test('who is not connected any more is no failure, however often they are announced', async () => {
    const seal = await import('../../src/seal.ts');
    const { webhookQuery } = createVerify(seal.createSeal(seal.secretKeysIn(here.dataDir)));
    expect((await post(`/webhooks/pryv/erased.pryv.me${webhookQuery('erased.pryv.me')}`)).status).toBe(200);
    await here.app.settled();
    const erased: AccountRef = { source: 'pryv', account: 'erased.pryv.me' };
    expect(await here.app.inbox.counts(erased)).toMatchObject({ pending: 0, active: 0, dead: 0 });
  });

  test('a webhook that fell silent is noticed by what it did not announce, and sends again', async () => {
    const heard = sandbox.sender.register(`http://127.0.0.1:1${address}`, 'cslipstream');
    const { id } = sandbox.world.addEvent({ content: 'Announced to nobody' });
    await sandbox.sender.drain();
    expect(heard.state).toBe('inactive');
    await reconcile();
    // Too fresh to say that nobody announced it.
    expect(heard.state).toBe('inactive');
    expect(await outcomes(id)).toEqual(['created']);

    ahead = 3_600_000;
    sandbox.world.editEvent(id, { content: 'And again', silent: true });
    ahead += 300_000;
    const before = sandbox.requests.length;
    await reconcile();
    expect(heard.state).toBe('active');
    expect(sandbox.requests.slice(before).map((each) => each.replace(/\?.*/, ''))).toEqual(
      expect.arrayContaining(['GET /alice/webhooks', `PUT /alice/webhooks/${heard.id}`]),
    );
    sandbox.sender.forget(heard.id);
    sandbox.sender.register(`${here.app.url}${address}`, 'cslipstream');
    sandbox.world.editEvent(id, { content: 'Announced' });
    await until(async () => (await outcomes(id)).length === 3, 10_000);
  });

  test('where the webhook cannot be seen, the account says so until it is heard again', async () => {
    const trouble = async () => {
      const account = await here.app.accounts.find(ref);
      return account && here.app.status.trouble?.(ref)?.reason;
    };
    for (const { id } of sandbox.sender.webhooks.values()) sandbox.sender.forget(id);
    ahead += 3_600_000;
    const { id } = sandbox.world.addEvent({ content: 'Unheard', silent: true });
    ahead += 300_000;
    await reconcile();
    expect(await outcomes(id)).toEqual(['created']);
    expect(await trouble()).toContain('Register the address again');
    expect(await trouble()).not.toContain('secret');
    await delivered();
    expect(await trouble()).toBeUndefined();
  });
});

import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RyeEvent, type RyeSandbox, startRye } from '../../src/sandbox/rye/index.ts';
import { readEvent } from '../../src/sources/rye/event.ts';
import { handshake } from '../../src/sources/rye/handshake.ts';
import { createHistory, startOf } from '../../src/sources/rye/history.ts';
import { createRye } from '../../src/sources/rye/index.ts';
import { createVerify } from '../../src/sources/rye/verify.ts';
import { RYE_KEYS } from '../support/dialects/rye.ts';
import { type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';

const { hmacSecret, webhookSecret, apiKey } = RYE_KEYS;
const REF = { source: 'rye', account: 'default' } as const;
const AT = '2024-07-22T14:30:04.367Z';

const digest = (secret: string, body: Buffer, encoding: 'hex' | 'base64') =>
  createHmac('sha256', secret).update(body).digest(encoding);

describe('which signatures are taken', () => {
  const body = Buffer.from('{"id":"1"}');
  const v1 = { 'rye-hmac-signature-v1': digest(hmacSecret, body, 'base64') };
  const v2 = { 'x-rye-signature': `v0=${digest(webhookSecret, body, 'hex')}` };
  const both = createVerify({ hmacSecret, webhookSecret });
  const only1 = createVerify({ hmacSecret, webhookSecret: undefined });
  const only2 = createVerify({ hmacSecret: undefined, webhookSecret });
  const refused = { ok: false, message: expect.any(String) };

  test('that of the dialect whose secret is configured', () => {
    expect(both.verify({ headers: v1, body })).toEqual({ ok: true, client: 'v1' });
    expect(both.verify({ headers: v2, body })).toEqual({ ok: true, client: 'v2' });
    expect(only1.verify({ headers: v1, body })).toEqual({ ok: true, client: 'v1' });
    expect(only2.verify({ headers: v2, body })).toEqual({ ok: true, client: 'v2' });
    expect(only1.verify({ headers: v2, body })).toEqual(refused);
    expect(only2.verify({ headers: v1, body })).toEqual(refused);
  });

  test('both where there are both, and one that is right does not help one that is wrong', () => {
    expect(both.verify({ headers: { ...v1, ...v2 }, body })).toEqual({ ok: true, client: 'v1 v2' });
    const wrong1 = { 'rye-hmac-signature-v1': digest('another', body, 'base64') };
    const wrong2 = { 'x-rye-signature': `v0=${digest('another', body, 'hex')}` };
    for (const headers of [
      { ...v1, ...wrong2 },
      { ...wrong1, ...v2 },
      { ...v1, 'x-rye-signature': 'v0=' },
      { ...v2, 'rye-hmac-signature-v1': '' },
    ]) {
      expect(both.verify({ headers, body })).toEqual(refused);
    }
  });

  test('none that came twice, nor what is not in the form, which is refused before the body is read', () => {
    for (const headers of [
      {},
      { 'rye-verification': 'mBdwaN3QWmmvZsNYuWPdLnzIbaDM', 'x-rye-event-id': '1' },
      { 'rye-hmac-signature-v1': `${v1['rye-hmac-signature-v1']}, ${v1['rye-hmac-signature-v1']}` },
      { 'x-rye-signature': `${v2['x-rye-signature']}, ${v2['x-rye-signature']}` },
      { 'x-rye-signature': v2['x-rye-signature'].slice(3) },
      { 'x-rye-signature': v2['x-rye-signature'].replace('v0', 'v1') },
      { 'x-rye-signature': v2['x-rye-signature'].toUpperCase() },
    ]) {
      expect([headers, both.refuses({ headers })]).toEqual([headers, expect.any(String)]);
      expect([headers, both.verify({ headers, body })]).toEqual([headers, refused]);
    }
    expect(both.refuses({ headers: v1 })).toBeUndefined();
  });

  test('none under an empty secret: that is a mistake, and said at the start', () => {
    expect(() => createVerify({ hmacSecret: '', webhookSecret: undefined })).toThrow(/empty/);
    expect(() => createVerify({ hmacSecret, webhookSecret: '' })).toThrow(/empty/);
  });
});

describe('the handshakes', () => {
  const v1 = (data: unknown) => ({
    id: 'e56b',
    developerId: 'mBdw',
    createdAt: AT,
    type: 'WEBHOOK_URL_VERIFICATION',
    data,
  });
  const v2 = (source: unknown) => ({
    id: 'evt_1',
    object: 'event',
    type: 'webhook_endpoint.verification_challenge',
    source,
  });

  test('are answered as each dialect wants it', () => {
    expect(handshake(v1({ challenge: '8eaacf92' }))).toEqual({ challenge: '8eaacf92' });
    expect(handshake(v2({ type: 'webhook_endpoint', id: 'we_dc27' }))).toEqual({ challenge: 'we_dc27' });
  });

  test('are no others: neither a challenge within another event, nor one that is no short text', () => {
    const long = 'x'.repeat(1_025);
    for (const value of [
      { ...v1({ challenge: 'x' }), type: 'ORDER_PLACED' },
      { ...v2({ id: 'x' }), type: 'product.updated' },
      ...[undefined, null, {}, { challenge: '' }, { challenge: 7 }, { challenge: ['x'] }, { challenge: long }].map(v1),
      ...[undefined, null, {}, { id: '' }, { id: 7 }, { id: { x: 1 } }, { id: long }].map(v2),
      null,
      [],
      'WEBHOOK_URL_VERIFICATION',
    ]) {
      expect([value, handshake(value)]).toEqual([value, undefined]);
    }
  });
});

describe('an event', () => {
  const about = (value: unknown) => {
    const read = readEvent(value);
    if (!read.ok) return read.why;
    const { type, id, statement } = read.event;
    return `${type} ${id} ${statement.body === null ? 'deleted' : 'as stated'}`;
  };
  const v1 = (type: string, rest: object = {}) => ({ id: 'e1', developerId: 'd', createdAt: AT, type, ...rest });
  const v2 = (type: string, source: unknown, rest: object = {}) => ({
    id: 'evt_1',
    object: 'event',
    createdAt: AT,
    type,
    source,
    ...rest,
  });

  test.each([
    [
      v1('ORDER_PLACED', { requestId: 'd222c412-fbc8', data: { marketplace: 'shopify' } }),
      'order d222c412-fbc8 as stated',
    ],
    [v1('PAYMENT_SUCCEEDED', { requestId: 'r1', data: { orderId: 'o1' } }), 'order o1 as stated'],
    [v1('REFUND_CREATED', { requestId: 'r1', data: {} }), 'order r1 as stated'],
    [v1('TRACKING_OBTAINED', { requestId: 'r1' }), 'order r1 as stated'],
    [v1('SOMETHING_NEW', { requestId: 'r1' }), 'order r1 as stated'],
    [v1('PRODUCT_UPDATED', { data: { product: { id: 'B00A2KD8NY' } } }), 'product B00A2KD8NY as stated'],
    [v1('PRODUCT_UPDATED', { requestId: 'r1', data: { productId: 1234 } }), 'product 1234 as stated'],
    [v1('SHOPIFY_PRODUCT_DELETED', { data: { id: 'p' } }), 'product p deleted'],
    [v1('PRODUCT_DELETED', { data: { productId: 'p' } }), 'product p deleted'],
    [v2('checkout_intent.completed', { type: 'checkout_intent', id: 'ci_1' }), 'checkout_intent ci_1 as stated'],
    [v2('shipment.updated', { type: 'shipment', id: 's1' }), 'shipment s1 as stated'],
    [v2('product.updated', { type: 'product', id: 'p1' }, { data: { name: 'x' } }), 'product p1 as stated'],
    [v2('product.removed', { type: 'product', id: 'p1' }), 'product p1 deleted'],
  ])('is about what its dialect says: %#', (value, expected) => expect(about(value)).toBe(expected));

  test.each([
    [v1('ORDER_PLACED'), /which order/],
    [v1('ORDER_PLACED', { requestId: '../../secret' }), /which order/],
    [v1('PRODUCT_UPDATED', { requestId: 'r1' }), /which product/],
    [v1('SHOPIFY_APP_CONNECTED'), /does not know \(SHOPIFY_APP_CONNECTED\)/],
    [v2('shipment.updated', { type: 'shipment' }), /which shipment/],
    [v2('shipment.updated', { type: 'shipment', id: '..' }), /which shipment/],
    [v2('order.x', { type: 'order', id: '1' }), /does not know \(order\)/],
    [v2('webhook_endpoint.verification_challenge', { type: 'webhook_endpoint', id: 'we_1' }), /does not know/],
    [{ ...v1('ORDER_PLACED', { requestId: 'r1' }), createdAt: undefined }, /when it was created/],
    [{ ...v1('ORDER_PLACED', { requestId: 'r1' }), createdAt: 'yesterday' }, /when it was created/],
    [{ ...v1('ORDER_PLACED', { requestId: 'r1' }), createdAt: 7 }, /when it was created/],
    [{ ...v1('ORDER_PLACED', { requestId: 'r1' }), type: 7 }, /no type/],
    [[], /not an object/],
    [null, /not an object/],
  ])('that cannot be read says why: %#', (value, why) => expect(about(value)).toMatch(why));

  test('is of its instant in UTC with milliseconds, however that is written', () => {
    for (const [createdAt, version] of [
      ['2023-06-27T12:00:00Z', '2023-06-27T12:00:00.000Z'],
      ['2023-06-27T14:00:00.5+02:00', '2023-06-27T12:00:00.500Z'],
      ['2024-07-22T14:30:04.367123Z', AT],
    ]) {
      expect(readEvent({ ...v1('ORDER_PLACED', { requestId: 'r1' }), createdAt })).toMatchObject({
        event: { statement: { version } },
      });
    }
  });

  test('that is nested deeper than it can be written is put aside, and breaks nothing', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const source = createRye(configOf({ url: 'http://127.0.0.1:1', graphqlUrl: 'http://127.0.0.1:1/' }));
    const parsed = source.parse(
      Buffer.from(JSON.stringify(v1('ORDER_PLACED', { requestId: 'r1' })).replace('"e1"', deep)),
    );
    if (!parsed.ok) throw new Error('It is JSON.');
    expect(source.read(parsed.value, 1, 'v1')).toEqual({
      notifications: [],
      rejections: [
        { problem: { code: 'unreadable-notification', sentence: expect.stringContaining('deeply') }, evidence: '' },
      ],
    });
  });
});

describe('the mark in the list of events', () => {
  const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000Z`;
  const event = (second: number, id = `e${second}`) => ({
    id,
    createdAt: at(second),
    type: 'product.updated',
    source: { type: 'product', id: 'p1' },
  });
  const read = (mark: string | null, ...pages: number[][]) => {
    const history = createHistory(mark);
    for (const page of pages)
      history.add(
        page.map((second) => event(second)),
        page.length > 0 ? `e${page.at(-1)}` : undefined,
      );
    return history.changes();
  };

  test('is where the last page ended, where the oldest come first', () => {
    expect(read(null, [1, 2], [3], []).cursor).toBe('e3');
    expect(read('e3', [4]).cursor).toBe('e4');
    expect(read('e3', []).cursor).toBe('e3');
    expect(startOf('e3')).toBe('e3');
  });

  test('is the latest instant, where the newest come first, and reading stops a little before it', () => {
    const { cursor } = read(null, [9, 8], [7]);
    expect([cursor, startOf(cursor)]).toEqual([`newest ${at(9)}`, '']);
    expect(read(cursor, [12, 9]).cursor).toBe(`newest ${at(12)}`);
    expect(read(cursor, []).cursor).toBe(cursor);
    const history = createHistory(cursor);
    history.add([event(12), event(9)], 'e9');
    expect(history.isReached()).toBe(false);
    history.add([{ ...event(1), createdAt: '2025-12-31T23:58:00.000Z' }], 'x');
    expect(history.isReached()).toBe(true);
  });

  test('is nothing as long as the list does not show which comes first', () => {
    expect([read(null, []).cursor, read(null, [1]).cursor, read('', [1]).cursor]).toEqual(['', '', '']);
    expect(read('', [1, 2]).cursor).toBe('e2');
  });

  test('each thing is there once, as its latest event has it, and what is not mirrored is not there', () => {
    const history = createHistory(null);
    const challenge = { ...event(9), source: { type: 'webhook_endpoint', id: 'we_1' } };
    history.add([event(1), { ...event(3), type: 'product.removed' }, event(2), challenge], 'e2');
    expect(history.changes().changes).toMatchObject([
      { type: 'product', id: 'p1', action: 'product.removed', happenedAt: Date.parse(at(3)), announcesDeletion: true },
    ]);
  });
});

describe('what can be asked', () => {
  test('is what was missed, where v2 and a key are configured, and nothing otherwise', async () => {
    const whole = configOf({ url: 'http://127.0.0.1:1', graphqlUrl: 'http://127.0.0.1:1/' });
    const sources = [
      whole,
      { ...whole, hmacSecret: undefined },
      { ...whole, webhookSecret: undefined },
      { ...whole, apiKey: undefined },
    ];
    const canCatchUp = sources.map((config) => createRye(config).changesSince !== undefined);
    expect(canCatchUp).toEqual([true, true, false, false]);
  });
});

const configOf = ({ url, graphqlUrl }: Pick<RyeSandbox, 'url' | 'graphqlUrl'>) => ({
  ...RYE_KEYS,
  baseUrl: url,
  graphqlUrl,
});

describe('beside a running provider', () => {
  let rye: RyeSandbox;
  let here: Installation;
  let ahead = 0;

  beforeAll(async () => {
    rye = await startRye({ ...RYE_KEYS, retryMs: 30, repeats: 0.7 });
    here = await startInstallation({
      env: {
        RYE_API_KEY: apiKey,
        RYE_HMAC_SECRET: hmacSecret,
        RYE_WEBHOOK_SECRET: webhookSecret,
        RYE_BASE_URL: rye.url,
        RYE_GRAPHQL_URL: rye.graphqlUrl,
      },
      riders: [{ id: 1, name: 'Robin Field', routes: 0, trips: 1, points: 10 }],
      appNow: () => Date.now() + ahead,
    });
  });
  afterAll(async () => {
    await here?.close();
    await rye?.close();
  });

  const address = () => `${here.app.url}/webhooks/rye`;
  const caughtUp = async () => {
    expect(await here.app.reconciler.reconcile(REF)).toMatchObject({ ok: true });
    await here.settled();
  };
  const settled = async () => {
    await rye.drain();
    await here.settled();
  };

  test('its address is registered: unsigned only while it is set up, signed always', async () => {
    expect(await rye.register(address(), 'unsigned')).toEqual({ v1: false, v2: false });
    await here.app.receiver.setUp('rye', 60_000);
    expect(await rye.register(address(), 'unsigned')).toEqual({ v1: true, v2: true });
    await here.app.receiver.setUp('rye', -1);
    expect(await rye.register(address(), 'unsigned')).toEqual({ v1: false, v2: false });
    const { headers, body } = rye.requestOf(rye.challenge('v1'));
    const forged = { ...headers, 'rye-hmac-signature-v1': digest('another', Buffer.from(body), 'base64') };
    expect((await fetch(address(), { method: 'POST', headers: forged, body })).status).toBe(401);
    expect(await rye.register(address())).toEqual({ v1: true, v2: true });
    expect(rows(here, 'inbox', 'SELECT id FROM deliveries')).toEqual([]);
  });

  test('each event twice and all in any order come to the latest of each', async () => {
    const steps = ['PAYMENT_SUCCEEDED', 'ORDER_SUBMISSION_STARTED', 'ORDER_PLACED', 'TRACKING_OBTAINED'];
    for (const order of ['o1', 'o2', 'o3']) for (const type of steps) rye.world.v1.order(type, order);
    for (let edition = 1; edition <= 5; edition += 1)
      rye.world.v2.product('product.updated', 'p1', { name: `Edition ${edition}` });
    rye.world.v1.product('PRODUCT_UPDATED', 'B1', { title: 'Separator' });
    rye.world.v1.product('PRODUCT_DELETED', 'B1');
    await settled();
    const taken = rye.sent.map(({ event }) => event.id);
    // Some were sent twice, and not in the order in which they happened.
    expect(taken.length).toBeGreaterThan(new Set(taken).size);
    const instants = rye.sent.map(({ event }) => event.createdAt);
    expect(instants).not.toEqual(instants.toSorted());
    for (const id of ['o1', 'o2', 'o3']) {
      expect(recordOf(here, 'order', id)).toMatchObject({
        title: `Order ${id}`,
        summary: 'Tracking obtained, Shopify',
        body: { event: { type: 'TRACKING_OBTAINED' }, order: { id, status: 'TRACKING_OBTAINED' } },
      });
    }
    expect(recordOf(here, 'product', 'p1')).toMatchObject({
      title: 'Edition 5',
      body: { data: { name: 'Edition 5' } },
    });
    expect(
      (await here.app.items.standing(await itemOf(here, 'product', 'B1')))?.deletedAt ?? 'never seen',
    ).toBeTruthy();
    expect(recordOf(here, 'product', 'B1')?.state ?? 'never seen').not.toBe('active');
  });

  test('the same event again, days later, changes nothing', async () => {
    const event = rye.world.v1.order('ORDER_FAILED', 'o9', { amount: 100 });
    rye.world.v1.order('ORDER_CANCEL_STARTED', 'o9');
    await settled();
    const before = [recordOf(here, 'order', 'o9'), rows(here, 'mirror', 'SELECT count(*) AS n FROM revisions')];
    await rye.deliver(event);
    await settled();
    expect([recordOf(here, 'order', 'o9'), rows(here, 'mirror', 'SELECT count(*) AS n FROM revisions')]).toEqual(
      before,
    );
    expect(before[0]).toMatchObject({ body: { event: { type: 'ORDER_CANCEL_STARTED' } } });
  });

  test.each(['known', 'never seen'])(
    'a deletion that came first is not undone by an update of before: %s',
    async (before) => {
      const id = `deleted-${before.replace(' ', '-')}`;
      rye.faults.losesWebhooks = true;
      const added = rye.world.v1.product('PRODUCT_UPDATED', id, { title: 'Separator' });
      const stale = rye.world.v1.product('PRODUCT_UPDATED', id, { title: 'Separator, changed' });
      const deleted = rye.world.v1.product('PRODUCT_DELETED', id);
      const again = rye.world.v1.product('PRODUCT_UPDATED', id, { title: 'Separator, back again' });
      rye.faults.losesWebhooks = false;
      for (const event of before === 'known' ? [added, deleted, stale, added] : [deleted, stale, added]) {
        await rye.deliver(event);
        await settled();
      }
      expect(recordOf(here, 'product', id)?.state ?? 'never seen').toBe(before === 'known' ? 'deleted' : 'never seen');
      await rye.deliver(again);
      await settled();
      expect(recordOf(here, 'product', id)).toMatchObject({ state: 'active', title: 'Separator, back again' });
    },
  );

  test('what only its events tell is not asked for by hand, where that could only fail', async () => {
    rye.world.v1.order('ORDER_PLACED', 'asked-for');
    await settled();
    const owner = await here.connect();
    const path = (type: string, id: string) => `/sources/rye/${type}/${id}`;
    expect(await (await owner.get(path('order', 'asked-for'))).text()).not.toContain('/refetch');
    expect((await owner.post(`${path('order', 'asked-for')}/refetch`)).status).toBe(303);
    const api = (type: string) => `/api/v1/sources/rye/records/${type}/asked-for/refetch`;
    expect((await owner.post(api('order'))).status).toBe(409);
    expect((await owner.post(api('shipment'))).status).toBe(409);
    await settled();
    expect(rows(here, 'inbox', 'SELECT sentence FROM dead_letters')).toEqual([]);
    expect((await owner.post(api('checkout_intent'))).status).toBe(202);
    await settled();
  });

  test('a checkout intent is what its API says, byte for byte, and not what an event says', async () => {
    const intent = { productUrl: 'https://shop.example/lamp?ref=1', quantity: 2, state: 'awaiting_confirmation' };
    const first = rye.world.v2.intent('checkout_intent.offer_retrieved', 'ci_1', intent);
    await settled();
    expect(recordOf(here, 'checkout_intent', 'ci_1')).toMatchObject({
      title: 'Checkout of shop.example/lamp',
      summary: 'Awaiting confirmation, 2 pieces',
      text: JSON.stringify(rye.world.intents.get('ci_1')),
    });
    rye.faults.losesWebhooks = true;
    rye.world.v2.intent('checkout_intent.completed', 'ci_1', { state: 'completed', orderId: 'ord_7' });
    rye.faults.losesWebhooks = false;
    // An old event is a hint too: what is true now is asked, and taken.
    await rye.deliver(first);
    await settled();
    expect(recordOf(here, 'checkout_intent', 'ci_1')).toMatchObject({ body: { state: 'completed' } });
    await rye.deliver(rye.world.v2.intent('checkout_intent.completed', 'ci_1', { state: 'refunded' }));
    await settled();
    rye.world.intents.set('ci_1', { ...rye.world.intents.get('ci_1'), state: 'completed', orderId: 'ord_7' });
    await rye.deliver(first);
    await settled();
    expect(recordOf(here, 'checkout_intent', 'ci_1')).toMatchObject({ body: { state: 'completed', orderId: 'ord_7' } });
  });

  test('one that is gone is gone only when it is so a minute later too', async () => {
    const event = rye.world.v2.intent('checkout_intent.offer_retrieved', 'ci_2', { quantity: 1 });
    await settled();
    rye.world.intents.delete('ci_2');
    await rye.deliver(event);
    await settled();
    expect(recordOf(here, 'checkout_intent', 'ci_2')?.state).toBe('active');
    ahead += 61_000;
    await until(() => recordOf(here, 'checkout_intent', 'ci_2')?.state === 'deleted');
  });

  test('an event about a shipment brings what the API says of it, and is enough where that says nothing', async () => {
    rye.world.v2.shipment('shipment.updated', 's1', {
      status: 'delayed',
      tracking: { carrierName: 'DHL', number: '1Z9' },
    });
    const unknown = rye.world.v2.shipment('shipment.created', 's2', {});
    rye.world.shipments.delete('s2');
    const elsewhere = rye.world.v2.shipment('shipment.created', 's3', {});
    rye.world.shipments.set('s3', ['One moment'] as never);
    await settled();
    expect(recordOf(here, 'shipment', 's3')).toMatchObject({ state: 'active', text: JSON.stringify(elsewhere) });
    expect(recordOf(here, 'shipment', 's1')).toMatchObject({ title: 'Shipment s1', summary: 'Delayed, DHL, 1Z9' });
    expect(recordOf(here, 'shipment', 's2')).toMatchObject({
      state: 'active',
      summary: 'Created',
      text: JSON.stringify(unknown),
    });
  });

  test.each([
    ['refuses', 401, '{"message":"Unauthorized"}'],
    ['has errors', 200, '{"data":{"orderByID":{"id":"ORDER"}},"errors":[{"message":"INTERNAL_SERVER_ERROR"}]}'],
    ['knows nothing', 200, '{"data":{"orderByID":null}}'],
    ['speaks of another', 200, '{"data":{"orderByID":{"id":"another"}}}'],
    ['is a page', 200, '<h1>One moment</h1>'],
    ['is broken', 503, ''],
  ])('an order is as its event says where GraphQL %s', async (name, status, body) => {
    const id = `order-${name.replaceAll(' ', '-')}`;
    rye.faults.graphql = { status, body: body.replace('ORDER', id) };
    const event = rye.world.v1.order('ORDER_PLACED', id);
    await settled();
    rye.faults.graphql = undefined;
    expect(recordOf(here, 'order', id)).toMatchObject({ state: 'active', text: JSON.stringify(event) });
    expect(rye.asked).toContain('/v1/query');
  });

  test.each([false, true])(
    'what no webhook brought is found in the list of events, newest first: %s',
    async (newestFirst) => {
      rye.faults.newestFirst = newestFirst;
      const name = newestFirst ? 'newest' : 'oldest';
      forgetMark(here);
      await caughtUp();
      rye.faults.losesWebhooks = true;
      const [changed, removed] = [`changed-${name}`, `removed-${name}`];
      // More than a page.
      for (let n = 0; n < 130; n += 1) rye.world.v2.product('product.updated', changed, { name: `Edition ${n}` });
      rye.world.v2.product('product.updated', removed, { name: 'Lamp' });
      rye.world.v2.product('product.removed', removed);
      const asked = rye.asked.length;
      await caughtUp();
      expect(rye.asked.slice(asked).filter((path) => path.startsWith('/api/v1/events')).length).toBeLessThan(5);
      expect(recordOf(here, 'product', changed)).toMatchObject({ title: 'Edition 129' });
      expect(rows(here, 'mirror', `SELECT deleted_at FROM items WHERE item_id = '${removed}'`)).toHaveLength(1);
      expect(recordOf(here, 'product', removed)?.state).not.toBe('active');
      rye.world.v2.product('product.updated', changed, { name: 'The last edition' });
      await caughtUp();
      expect(recordOf(here, 'product', changed)).toMatchObject({ title: 'The last edition' });
      rye.faults.losesWebhooks = rye.faults.newestFirst = false;
    },
  );

  test('a mark that the provider does not know any more loses nothing: everything is read again', async () => {
    forgetMark(here);
    await caughtUp();
    rye.faults.losesWebhooks = rye.faults.forgetsCursors = true;
    rye.world.v2.product('product.updated', 'p1', { name: 'After the cursors were forgotten' });
    // Of a list of one page, since no cursor leads into it.
    const all = rye.world.events as RyeEvent[];
    all.splice(0, all.length - 20);
    await caughtUp();
    expect(recordOf(here, 'product', 'p1')).toMatchObject({ title: 'After the cursors were forgotten' });
    rye.faults.losesWebhooks = rye.faults.forgetsCursors = false;
  });

  test('a key that is refused parks what waits, loses nothing, and it goes on when the key is taken again', async () => {
    const state = async () => (await here.app.accounts.find(REF))?.state;
    rye.faults.refusesKeys = true;
    rye.world.v2.intent('checkout_intent.completed', 'ci_3', { state: 'completed' });
    await rye.drain();
    await until(async () => {
      ahead += 1_000;
      return (await state()) === 'reconnect';
    });
    const refused = { ok: false, reason: expect.stringContaining('refuses') };
    expect(await here.app.reconciler.reconcile(REF)).toEqual(refused);
    rye.world.v1.order('ORDER_PLACED', 'while-refused');
    await rye.drain();
    expect(recordOf(here, 'checkout_intent', 'ci_3')).toBeUndefined();
    rye.faults.refusesKeys = false;
    await until(() => {
      ahead += 600_000;
      return recordOf(here, 'checkout_intent', 'ci_3')?.state === 'active';
    }, 10_000);
    expect(await state()).toBe('active');
    await here.settled();
    expect(recordOf(here, 'order', 'while-refused')?.state).toBe('active');
  });
});

interface Shown {
  state: string;
  title: string;
  summary: string;
  text: string;
  body: unknown;
}

function recordOf(here: Installation, type: string, id: string): Shown | undefined {
  const [row] = rows<{ state: string; title: string; summary: string; zstd: Buffer }>(
    here,
    'mirror',
    `SELECT items.state, title, summary, zstd FROM items JOIN bodies ON bodies.id = body_id JOIN records ON item = items.id
     WHERE type = ? AND item_id = ?`,
    type,
    id,
  );
  if (!row) return undefined;
  const text = zstdDecompressSync(row.zstd).toString();
  return { state: row.state, title: row.title, summary: row.summary, text, body: JSON.parse(text) };
}

function rows<Row>(here: Installation, name: 'inbox' | 'mirror', query: string, ...values: string[]): Row[] {
  const db = new Database(join(here.dataDir, `${name}.db`), { readonly: true });
  try {
    return db.prepare<string[], Row>(query).all(...values);
  } finally {
    db.close();
  }
}

async function itemOf(here: Installation, type: string, id: string) {
  const account = await here.app.accounts.find(REF);
  return { accountId: account?.id ?? 0, type, id };
}

/** As after a restore: everything is read from the beginning. */
function forgetMark(here: Installation): void {
  const db = new Database(join(here.dataDir, 'mirror.db'));
  db.prepare("UPDATE accounts SET cursor = NULL WHERE source = 'rye'").run();
  db.close();
}

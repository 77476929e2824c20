import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createHttpClient } from '../../src/http/client.ts';
import { ProviderDown } from '../../src/http/errors.ts';
import type { FaultSettings } from '../../src/sandbox/index.ts';
import type { SyncReport } from '../../src/storage/sync.ts';
import { type Browser, type Installation, startInstallation } from '../support/slipstream.ts';
import { until } from '../support/until.ts';
import { differences, letters, nameOf } from './truth.ts';

const ROBIN = { source: 'ridewithgps', account: '1' } as const;
const KIM = { source: 'ridewithgps', account: '2' } as const;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let here: Installation;
let robin: Browser;
let kim: Browser;
/** How far the program's clock is ahead: what it waits for comes when a test says so. */
let ahead = 0;

async function start(options: Parameters<typeof startInstallation>[0] = {}): Promise<void> {
  ahead = 0;
  here = await startInstallation({
    env: { SIGNUP: 'open' },
    riders: [
      { id: 1, name: 'Robin', routes: 2, trips: 3, points: 40 },
      { id: 2, name: 'Kim', routes: 1, trips: 2, points: 40 },
    ],
    appNow: () => Date.now() + ahead,
    ...options,
  });
  robin = await here.connect(1);
  kim = await here.connect(2);
}

/** Lets pass what tasks wait for, as often as it takes. */
async function untilTheCopyIsTrue(step = MINUTE, most = 30): Promise<void> {
  let wrong: string[] = ['nobody looked'];
  for (let round = 0; round < most && wrong.length > 0; round += 1) {
    await here.settled();
    wrong = [...(await differences(here, robin, 1)), ...(await differences(here, kim, 2))];
    if (wrong.length > 0) ahead += step;
  }
  expect(wrong).toEqual([]);
}

const tripOf = (rider: number): number => here.sandbox.world.items(rider, 'trip')[0]?.id ?? 0;
const asked = (rider: number): number => here.sandbox.requests.filter((each) => each.rider === rider).length;
const account = async (browser: Browser) => {
  const [first] = (await browser.json<SyncReport>('/api/v1/sync')).accounts;
  if (!first) throw new Error('There is no account in the report.');
  return first;
};
const total = async (browser: Browser, type: string) =>
  (await browser.json<{ meta: { total: number } }>(`/api/v1/${type}s`)).meta.total;

/** A date as HTTP writes it. */
const inHttp = (at: number): string => new Date(at).toUTCString();

interface Fault {
  title: string;
  set(id: number): Partial<FaultSettings>;
  /** The whole account is left alone for this long, milliseconds. */
  waits?: number;
}

const status = (...nextStatus: number[]) => ({ set: () => ({ nextStatus }) });
const limited = (nextRetryAfter: string | number | null) => () => ({ nextStatus: [429], nextRetryAfter });
const body = (text: (id: number) => string) => ({ set: (id: number) => ({ bodies: { [`trip/${id}`]: text(id) } }) });

const FAULTS: Fault[] = [
  { title: '429 without Retry-After', set: limited(null), waits: MINUTE },
  { title: '429 with seconds', set: limited(30), waits: 30 * SECOND },
  { title: '429 with a date', set: () => limited(inHttp(Date.now() + 90 * SECOND))(), waits: 90 * SECOND },
  { title: '429 with a date that is over', set: limited('Thu, 01 Jan 2015 00:00:00 GMT') },
  { title: '429 with nonsense', set: limited('when 5 swallows return'), waits: MINUTE },
  { title: '429 with a negative number', set: limited(-5), waits: MINUTE },
  { title: '429 with a year', set: limited(31_536_000), waits: HOUR },
  { title: '500', ...status(500) },
  { title: '502', ...status(502) },
  { title: '503', ...status(503) },
  { title: '503 with Retry-After', set: () => ({ nextStatus: [503], nextRetryAfter: 20 }), waits: 20 * SECOND },
  { title: '504', ...status(504) },
  { title: '500 five times', ...status(500, 500, 500, 500, 500) },
  { title: 'no answer for a while', set: (id) => ({ hangItems: [`trip/${id}`] }) },
  { title: 'a reset connection', set: () => ({ resets: 1 }) },
  { title: 'a body that is cut off', set: () => ({ cutAnswers: 1 }) },
  { title: 'a content-length that is too long', set: () => ({ lyingLengths: [50] }) },
  { title: 'a content-length that is too short', set: () => ({ lyingLengths: [-50] }) },
  { title: 'HTML instead of JSON', set: () => ({ htmlInsteadOfJson: 1 }) },
  { title: 'a proxy’s 404', set: () => ({ proxyStatus: 404 }) },
  { title: 'a proxy’s 403', set: () => ({ proxyStatus: 403 }) },
  { title: 'a 404 that heals', set: (id) => ({ statusItems: { [`trip/${id}`]: 404 } }) },
  { title: 'a 410 that heals', set: (id) => ({ statusItems: { [`trip/${id}`]: 410 } }) },
  { title: 'a 401 that heals', ...status(401) },
  { title: 'a redirect to another host', set: () => ({ redirects: { remaining: 1, to: 'http://127.0.0.1:9/' } }) },
  { title: 'a redirect to itself', set: (id) => ({ redirects: { remaining: 1, to: `/api/v1/trips/${id}.json` } }) },
  { title: 'JSON cut in the middle', ...body((id) => `{"trip":{"id":${id},"name":"Ha`) },
  { title: 'an array', ...body(() => '[]') },
  { title: 'null', ...body(() => 'null') },
  { title: 'a text', ...body(() => '"all is well"') },
  { title: 'an empty object', ...body(() => '{}') },
  { title: 'nothing at all', ...body(() => '') },
  { title: 'an item that is null', ...body(() => '{"trip":null}') },
  { title: 'an item without an id', ...body(() => '{"trip":{"name":"Nobody","updated_at":"2040-01-01T00:00:00Z"}}') },
  { title: 'another item', ...body((id) => `{"trip":{"id":${id + 1},"updated_at":"2040-01-01T00:00:00Z"}}`) },
  { title: 'an item of the other type', ...body((id) => `{"route":{"id":${id},"name":"Not a trip"}}`) },
];

describe('a provider that misbehaves for one rider', () => {
  beforeAll(() => start());
  afterEach(() => here.sandbox.faults.clear());
  afterAll(() => here.close());

  test.each(FAULTS)('$title: nothing is lost, nothing is deleted, nobody else waits', async ({ title, set, waits }) => {
    const id = tripOf(1);
    const trips = await total(robin, 'trip');
    here.sandbox.forgetRequests();
    here.sandbox.faults.set({ ...set(id), onlyRider: 1 });
    here.sandbox.world.edit('trip', id, { name: `Under ${title}` });
    await until(() => here.sandbox.count(`/api/v1/trips/${id}`) > 0);

    const other = tripOf(2);
    here.sandbox.world.edit('trip', other, { name: `During ${title}` });
    // An answer that does not come is waited for for longer than this.
    await until(async () => (await nameOf(kim, other)) === `During ${title}`, 20_000);
    expect(await total(robin, 'trip')).toBe(trips);

    if (waits !== undefined) {
      await here.settled();
      ahead += waits - 3 * SECOND;
      await here.settled();
      expect(asked(1)).toBe(1);
      ahead += 7 * SECOND;
      await here.settled();
      expect(asked(1)).toBe(2);
    }
    here.sandbox.faults.clear();
    await untilTheCopyIsTrue(MINUTE, 5);
    expect(await letters(robin)).toEqual([]);
    expect((await account(robin)).state).toBe('active');
  });
});

describe('a sync answer that is wrong', () => {
  beforeAll(() => start());
  afterEach(() => here.sandbox.faults.clear());
  afterAll(() => here.close());

  const SYNC = '/api/v1/sync.json';
  const text = (content: unknown) => ({
    bodies: { [SYNC]: typeof content === 'string' ? content : JSON.stringify(content) },
  });
  const meta = (over: object) => ({ items: [], meta: { rwgps_datetime: '2040-01-01T00:00:00Z', ...over } });

  test.each<[string, Partial<FaultSettings>]>([
    ['429', { nextStatus: [429], nextRetryAfter: 5 }],
    ['500', { nextStatus: [500] }],
    ['404', { nextStatus: [404] }],
    ['401', { nextStatus: [401] }],
    ['a reset connection', { resets: 1 }],
    ['a cut body', { cutAnswers: 1 }],
    ['a length that is too long', { lyingLengths: [40] }],
    ['a length that is too short', { lyingLengths: [-40] }],
    ['HTML', { htmlInsteadOfJson: 1 }],
    ['a redirect', { redirects: { remaining: 1, to: '/elsewhere' } }],
    ['an array', text([])],
    ['null', text('null')],
    ['an empty object', text({})],
    ['items that are no list', text({ ...meta({}), items: {} })],
    ['no meta', text({ items: [] })],
    ['no time', text(meta({ rwgps_datetime: undefined }))],
    ['a time that is none', text(meta({ rwgps_datetime: 'tomorrow' }))],
    ['a number for a time', text(meta({ rwgps_datetime: 4_000_000_000 }))],
  ])('%s: the cursor stays where it is, and the next one finds everything', async (title, fault) => {
    const { cursor } = await account(robin);
    here.sandbox.world.edit('trip', tripOf(1), { name: `Silently, ${title}` }, { silent: true });
    here.sandbox.faults.set({ ...fault, onlyRider: 1 });
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: false });
    expect((await account(robin)).cursor).toBe(cursor);
    expect(await here.app.reconciler.reconcile(KIM)).toMatchObject({ ok: true });
    here.sandbox.faults.clear();
    ahead += MINUTE;
    await here.settled();
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
    await untilTheCopyIsTrue(MINUTE, 5);
  });

  test('unknown types, items of others, doubles, disorder and garbage take nothing away', async () => {
    const [first = 0, second = 0] = here.sandbox.world.items(1, 'trip').map(({ id }) => id);
    for (const id of [first, second]) here.sandbox.world.edit('trip', id, { name: `Found ${id}` }, { silent: true });
    const created = here.sandbox.world.create(1, 'route', { name: 'Found too' }, { silent: true });
    const gone = here.sandbox.world.create(1, 'trip', { name: 'Short-lived' });
    await here.settled();
    here.sandbox.world.remove('trip', gone.id, { silent: true });
    const at = (seconds: number) => new Date(Date.now() + seconds * SECOND).toISOString();
    const item = (over: object) => ({
      item_type: 'trip',
      item_id: first,
      item_user_id: 1,
      item_url: '',
      action: 'updated',
      datetime: at(0),
      collection: null,
      ...over,
    });
    const strange: unknown[] = [
      item({ datetime: at(5) }),
      null,
      7,
      'updated',
      [],
      {},
      item({ item_type: 'segment' }),
      item({ item_type: 'constructor', item_id: '__proto__' }),
      item({ item_id: -1 }),
      item({ item_id: 1.5 }),
      item({ item_id: '../users/current' }),
      item({ item_id: 99_999_999 }),
      item({ item_id: tripOf(2), item_user_id: 2 }),
      item({ item_id: tripOf(2), item_user_id: 2, action: 'deleted' }),
      item({ action: null }),
      item({ action: 'exploded', datetime: 'never' }),
      item({ item_id: second, action: 'deleted', datetime: at(3) }),
      item({ item_id: second, datetime: at(-3) }),
      item({ item_id: second, datetime: at(1) }),
      item({ item_id: gone.id, datetime: at(-60), action: 'created' }),
      item({ item_id: gone.id, action: 'deleted' }),
      item({ item_type: 'route', item_id: created.id, action: 'created' }),
      item({ item_type: 'route', item_id: created.id, action: 'added', collection: { id: 4, type: 'wishes' } }),
      item({ datetime: '+275760-09-13T00:00:00.000Z' }),
      item({ datetime: at(-86_400) }),
    ];
    here.sandbox.faults.set({
      ...text({ items: [...strange, ...strange.reverse()], meta: { rwgps_datetime: at(0) } }),
      onlyRider: 1,
    });
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
    here.sandbox.faults.clear();
    await untilTheCopyIsTrue(MINUTE, 3);
    expect(await letters(robin)).toEqual([]);
  });
});

describe('a provider whose clock is wrong', () => {
  afterEach(() => here.close());
  const edited = (name: string) => here.sandbox.world.edit('trip', tripOf(1), { name }, { silent: true });

  test.each([5 * HOUR, -5 * HOUR])('by %i ms all the time, is followed all the same', async (clockOffsetMs) => {
    await start();
    here.sandbox.faults.set({ clockOffsetMs });
    for (const name of ['One', 'Two', 'Three']) {
      edited(name);
      expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
      await untilTheCopyIsTrue(MINUTE, 1);
    }
    here.sandbox.world.edit('trip', tripOf(1), { name: 'By webhook' });
    await untilTheCopyIsTrue(MINUTE, 1);
  });

  test('ahead for a while, and then put back: what was changed afterwards is found without an audit', async () => {
    await start();
    here.sandbox.faults.set({ clockOffsetMs: 5 * HOUR });
    edited('Stamped five hours ahead');
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
    await untilTheCopyIsTrue(MINUTE, 1);
    here.sandbox.faults.clear();
    edited('Stamped before the copy that is here');
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
    await untilTheCopyIsTrue(MINUTE, 1);
    edited('And once more');
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
    await untilTheCopyIsTrue(MINUTE, 1);
  });

  test('put back while we watch: what is stamped before the cursor is found', async () => {
    await start();
    here.sandbox.faults.set({ clockOffsetMs: -5 * HOUR });
    edited('Stamped five hours ago');
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
    await untilTheCopyIsTrue(MINUTE, 1);
    here.sandbox.faults.clear();
    edited('On time');
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
    await untilTheCopyIsTrue(MINUTE, 1);
  });

  test('what was stamped behind the cursor and heard of by nobody is found by the audit', async () => {
    await start();
    here.sandbox.faults.set({ clockOffsetMs: -5 * HOUR });
    edited('Stamped five hours ago');
    here.sandbox.faults.clear();
    expect(await here.app.auditor.audit(ROBIN)).toMatchObject({ ok: true });
    await untilTheCopyIsTrue(MINUTE, 1);
  });

  test.each([3 * HOUR, -3 * HOUR])('by %i ms, names a date to wait for by its own clock', async (clockOffsetMs) => {
    await start();
    here.sandbox.faults.set({
      clockOffsetMs,
      nextStatus: [429],
      nextRetryAfter: inHttp(Date.now() + clockOffsetMs + 60 * SECOND),
    });
    here.sandbox.forgetRequests();
    here.sandbox.world.edit('trip', tripOf(1), { name: 'Patient' });
    await here.settled();
    ahead += 50 * SECOND;
    await here.settled();
    expect(asked(1)).toBe(1);
    ahead += 15 * SECOND;
    await untilTheCopyIsTrue(SECOND, 3);
  });
});

describe('a list whose pages change while it is read', () => {
  beforeAll(() =>
    start({
      riders: [
        { id: 1, name: 'Robin', routes: 0, trips: 405, points: 2 },
        { id: 2, name: 'Kim', routes: 0, trips: 1, points: 2 },
      ],
    }),
  );
  afterAll(() => here.close());

  const trips = () => here.sandbox.world.items(1, 'trip').map(({ id }) => id);
  test.each<[string, () => void]>([
    ['an item moves from the second page to the first', () => edit(trips()[250])],
    ['an item moves from the last page to the first', () => edit(trips().at(-1))],
    ['an item is inserted', () => void here.sandbox.world.create(1, 'trip', { name: 'New' })],
    ['an item of the first page is deleted', () => here.sandbox.world.remove('trip', trips()[10] ?? 0)],
    [
      'all of it at once',
      () => {
        here.sandbox.world.remove('trip', trips()[3] ?? 0);
        edit(trips()[300]);
        here.sandbox.world.create(1, 'trip', { name: 'Newer' });
      },
    ],
  ])('%s: nothing is taken for missing', async (_, change) => {
    const hold = here.sandbox.faults.hold('/api/v1/trips.json');
    const audit = here.app.auditor.audit(ROBIN);
    await hold.arrived;
    change();
    await here.settled();
    hold.release();
    expect(await audit).toMatchObject({ ok: true, different: 0 });
    await untilTheCopyIsTrue(MINUTE, 2);
  });
  const edit = (id = 0) => void here.sandbox.world.edit('trip', id, { name: `Moved ${id}` });

  test('a list that never stands still is given up after a few times, and its doubt costs fetches, no items', async () => {
    let moves = 0;
    const mover = setInterval(() => {
      moves += 1;
      here.sandbox.world.edit('trip', trips()[220] ?? 0, { name: `Restless ${moves}` }, { silent: true });
    }, 5);
    expect(await here.app.auditor.audit(ROBIN)).toMatchObject({ ok: true });
    clearInterval(mover);
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
    await untilTheCopyIsTrue(MINUTE, 3);
  });
});

describe('a body without measure', () => {
  beforeAll(() => start());
  afterAll(() => here.close());

  test.each<[string, (id: number) => Partial<FaultSettings>]>([
    ['that has no end', (id) => ({ endlessItems: [`trip/${id}`] })],
    ['of 200 MB that was packed into 200 KB', (id) => ({ bombItems: { [`trip/${id}`]: 200 * 1024 * 1024 } })],
  ])('%s is cut at the limit, in flat memory, and is a dead letter', async (_, fault) => {
    const id = tripOf(1);
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 10);
    here.sandbox.faults.set({ ...fault(id), onlyRider: 1 });
    here.sandbox.world.edit('trip', id, { name: 'Immense' });
    await until(async () => (await letters(robin)).length === 1, 20_000);
    clearInterval(watch);
    expect(await letters(robin)).toMatchObject([{ code: 'too-large', item_id: String(id) }]);
    expect((most - before) / 1024 / 1024).toBeLessThan(220);
    here.sandbox.faults.clear();
    const [letter] = await letters(robin);
    expect((await robin.post(`/api/v1/dead-letters/${letter?.id}/replay`)).status).toBe(202);
    await untilTheCopyIsTrue(MINUTE, 2);
  });
});

describe('a provider that takes its time', () => {
  afterEach(() => here.close());

  test('is not waited for longer than it was given, neither for the headers nor for the last byte', async () => {
    await start();
    const id = tripOf(1);
    const limits = { connectMs: 1_000, headersMs: 200, totalMs: 400, maxBytes: 1e9 };
    const client = createHttpClient(new URL(here.sandbox.url), limits);
    const token = here.sandbox.world.issueToken(1, here.client.apiKey);
    const get = () => client.get(`/api/v1/trips/${id}.json`, { authorization: `Bearer ${token}` });
    here.sandbox.faults.set({ hangItems: [`trip/${id}`] });
    await expect(get()).rejects.toThrow(ProviderDown);
    here.sandbox.faults.clear();
    here.sandbox.faults.set({ endlessItems: [`trip/${id}`] });
    await expect(get()).rejects.toThrow(ProviderDown);
    here.sandbox.faults.clear();
    expect((await get()).status).toBe(200);
    await client.close();
  });
});

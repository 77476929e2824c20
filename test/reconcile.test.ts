import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LibraryItem } from '../src/storage/library.ts';
import type { SyncReport } from '../src/storage/sync.ts';
import { type Browser, type Installation, startInstallation, webhookUrl } from './support/slipstream.ts';
import { until } from './support/until.ts';
import { bodyOf, deliver, notification } from './support/webhook.ts';

let here: Installation;
afterEach(() => here.close());

const ROBIN = { source: 'ridewithgps', account: '1' } as const;
const silently = { silent: true };
const report = async (browser: Browser) => {
  const [account] = (await browser.json<SyncReport>('/api/v1/sync')).accounts;
  if (!account) throw new Error('There is no account in the report.');
  return account;
};
const item = async (browser: Browser, path: string) =>
  (await browser.json<{ item: LibraryItem }>(`/api/v1/${path}`)).item;
const itemRequests = () =>
  here.sandbox.requests.filter(({ path }) => /\/(trips|routes)\/\d+/.test(path)).map(({ path }) => path);
async function reconcile(): Promise<void> {
  expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: true });
  await here.settled();
}

describe('reconciliation', () => {
  test('what the mirror already has is not fetched again', async () => {
    here = await startInstallation({ now: () => Date.now() + 60_000 });
    await here.connect();
    // Library and backfill lie more than the margin apart only when edits are older than the fetches: the sandbox's are.
    here.sandbox.forgetRequests();
    await reconcile();
    expect(itemRequests()).toEqual([]);
  });

  test('a change is found once, and the cursor moves past it', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    const before = (await report(browser)).cursor;
    const [trip] = here.sandbox.world.items(1, 'trip');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Found' }, silently);
    await reconcile();
    expect(await item(browser, `trips/${trip?.id}`)).toMatchObject({ name: 'Found' });
    expect(Date.parse((await report(browser)).cursor ?? '')).toBeGreaterThan(Date.parse(before ?? ''));
  });

  test('a change that becomes visible a moment after it was made is found, though its item was fetched in between', async () => {
    let made: number | undefined;
    here = await startInstallation({ now: () => made ?? Date.now() });
    const browser = await here.connect();
    const [trip] = here.sandbox.world.items(1, 'trip');
    const standing = await here.app.items.standing({ accountId: 1, type: 'trip', id: String(trip?.id) });
    made = (standing?.fetchedAt ?? 0) - 1_000;
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Seen late' }, silently);
    made = undefined;
    await reconcile();
    expect(await item(browser, `trips/${trip?.id}`)).toMatchObject({ name: 'Seen late' });
  });

  test('a change that becomes visible only after the next reconciliation has passed its time is found by the one after', async () => {
    let made: number | undefined;
    let ahead = 0;
    here = await startInstallation({ now: () => made ?? Date.now() + ahead });
    const browser = await here.connect();
    const connected = Date.now();
    ahead = 90_000;
    await reconcile();
    made = connected + 60_000;
    const [trip] = here.sandbox.world.items(1, 'trip');
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Listed late' }, silently);
    made = undefined;
    await reconcile();
    expect(await item(browser, `trips/${trip?.id}`)).toMatchObject({ name: 'Listed late' });
  });

  test('that cannot write down what it found leaves the cursor where it is', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    const { cursor } = await report(browser);
    const [trip] = here.sandbox.world.items(1, 'trip');
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Found again' }, silently);
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    const enqueue = vi.spyOn(here.app.inbox, 'enqueue').mockRejectedValueOnce(full);
    // The provider's cursor is in whole seconds.
    await until(() => Date.now() > Date.parse(cursor ?? '') + 1_000);
    expect(await here.app.reconciler.reconcile(ROBIN)).toMatchObject({ ok: false });
    expect(enqueue).toHaveBeenCalledOnce();
    expect((await report(browser)).cursor).toBe(cursor);
    await reconcile();
    expect(await item(browser, `trips/${trip?.id}`)).toMatchObject({ name: 'Found again' });
  });

  test('a deletion, a new ride and a pin that nobody announced are found', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    const [gone] = here.sandbox.world.items(1, 'trip');
    const [route] = here.sandbox.world.items(1, 'route');
    here.sandbox.world.remove('trip', gone?.id ?? 0, silently);
    const created = here.sandbox.world.create(1, 'trip', { name: 'New' }, silently);
    here.sandbox.world.pin(1, 'route', route?.id ?? 0, silently);
    await reconcile();
    expect((await item(browser, `trips/${gone?.id}`)).state).toBe('deleted');
    expect((await item(browser, `trips/${created.id}`)).name).toBe('New');
    expect((await item(browser, `routes/${route?.id}`)).pinned).toBe(true);
  });

  test('an address in the answer leads nowhere: the next request goes where the configuration says', async () => {
    here = await startInstallation();
    await here.connect();
    here.sandbox.faults.set({ urlOrigin: 'https://ridewithgps.com@evil.example' });
    await reconcile();
    expect(await here.app.auditor.audit(ROBIN)).toMatchObject({ ok: true });
  });

  test('soon after a webhook it also finds what the provider dropped', async () => {
    here = await startInstallation({ env: { RECONCILE_CRON: '0 0 1 1 *' } });
    const browser = await here.connect();
    const [one, two] = here.sandbox.world.items(1, 'trip');
    here.sandbox.webhooks.lose(1);
    here.sandbox.world.edit('trip', one?.id ?? 0, { name: 'Dropped' });
    await here.settled();
    here.sandbox.world.edit('trip', two?.id ?? 0, { name: 'Announced' });
    await until(async () => (await item(browser, `trips/${one?.id}`)).name === 'Dropped', 20_000);
  });
});

describe('drift', () => {
  const MINUTES_LATER = 3 * 60_000;

  test('is what reconciliation found and no webhook announced within two minutes', async () => {
    let ahead = 0;
    here = await startInstallation({ appNow: () => Date.now() + ahead });
    const browser = await here.connect();
    const [heard, lost] = here.sandbox.world.items(1, 'trip');
    here.sandbox.world.edit('trip', heard?.id ?? 0, { name: 'Heard' });
    await here.settled();
    here.sandbox.webhooks.lose(1);
    here.sandbox.world.edit('trip', lost?.id ?? 0, { name: 'Lost' });
    await here.settled();
    await reconcile();
    expect(await here.app.judgeFindings()).toBe(0);
    ahead = MINUTES_LATER;
    expect(await here.app.judgeFindings()).toBe(1);
    expect((await report(browser)).drift).toEqual({ day: 1, total: 1 });
    expect(await here.app.judgeFindings()).toBe(0);
  });

  test('is not counted for a backfill, nor for an account that never had a webhook', async () => {
    let ahead = 0;
    here = await startInstallation({ connectsWebhooks: false, appNow: () => Date.now() + ahead });
    const browser = await here.connect();
    const [trip] = here.sandbox.world.items(1, 'trip');
    here.sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Polled' });
    await reconcile();
    ahead = MINUTES_LATER;
    expect(await here.app.judgeFindings()).toBe(0);
    expect(await report(browser)).toMatchObject({ mode: 'polling', drift: { day: 0, total: 0 } });
  });
});

describe('an audit', () => {
  test('of a true copy compares everything and finds nothing', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    expect(await here.app.auditor.audit(ROBIN)).toEqual({ ok: true, compared: 6, different: 0 });
    expect((await report(browser)).last_audit).toMatchObject({ compared: 6, different: 0 });
  });

  test('finds what even the provider’s own log does not tell', async () => {
    here = await startInstallation({
      riders: [
        { id: 1, name: 'Robin', routes: 1, trips: 201, points: 2 },
        { id: 2, name: 'Kim', routes: 1, trips: 1, points: 2 },
      ],
    });
    const browser = await here.connect();
    const [changed, unpinned, ...rest] = here.sandbox.world.items(1, 'trip');
    const [kims] = here.sandbox.world.items(2, 'route');
    const unlogged = { silent: true, unlogged: true };
    here.sandbox.world.edit('trip', changed?.id ?? 0, { name: 'Untold' }, unlogged);
    const created = here.sandbox.world.create(1, 'trip', { name: 'Unheard of' }, unlogged);
    here.sandbox.world.setVisibility('route', kims?.id ?? 0, 'public');
    here.sandbox.world.pin(1, 'route', kims?.id ?? 0, unlogged);
    await reconcile();
    expect((await item(browser, `trips/${changed?.id}`)).name).not.toBe('Untold');
    expect(await here.app.auditor.audit(ROBIN)).toMatchObject({ ok: true, compared: 204 });
    await here.settled();
    expect((await item(browser, `trips/${changed?.id}`)).name).toBe('Untold');
    expect((await item(browser, `trips/${created.id}`)).name).toBe('Unheard of');
    expect(await item(browser, `routes/${kims?.id}`)).toMatchObject({ pinned: true, owned: false, state: 'active' });
    expect([unpinned, rest.length > 100]).toEqual([expect.anything(), true]);
  });

  test('a missing item is tombstoned only after its own 404, twice', async () => {
    let ahead = 0;
    here = await startInstallation({ appNow: () => Date.now() + ahead });
    const browser = await here.connect();
    const [trip] = here.sandbox.world.items(1, 'trip');
    here.sandbox.world.remove('trip', trip?.id ?? 0, { silent: true, unlogged: true });
    expect(await here.app.auditor.audit(ROBIN)).toMatchObject({ ok: true, compared: 5, different: 1 });
    await here.settled();
    expect((await item(browser, `trips/${trip?.id}`)).state).toBe('active');
    ahead = 61_000;
    await until(async () => (await item(browser, `trips/${trip?.id}`)).state === 'deleted');
  });

  test('is made once as soon as the backfill is over', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    here.sandbox.forgetRequests();
    await here.app.auditor.afterBackfill();
    expect((await report(browser)).last_audit).toMatchObject({ compared: 6, different: 0 });
    const asked = here.sandbox.requests.length;
    await here.app.auditor.afterBackfill();
    expect(here.sandbox.requests.length).toBe(asked);
  });

  test('a list that fails is no audit', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    here.sandbox.faults.set({ nextStatus: [500] });
    expect(await here.app.auditor.audit(ROBIN)).toMatchObject({ ok: false });
    expect((await report(browser)).last_audit).toBeNull();
  });
});

test('replaying any old signed delivery changes nothing that is not so at the provider', async () => {
  here = await startInstallation();
  const browser = await here.connect();
  const [trip] = here.sandbox.world.items(1, 'trip');
  for (const action of ['deleted', 'created', 'unpinned', 'pinned']) {
    await deliver(webhookUrl(here.app), bodyOf(notification({ item_id: trip?.id, action })));
  }
  await here.settled();
  expect(await item(browser, `trips/${trip?.id}`)).toMatchObject({ state: 'active', pinned: false });
});

test('another rider’s pinned item follows the changes of its owner when both are connected', async () => {
  here = await startInstallation({
    env: { SIGNUP: 'open' },
    riders: [
      { id: 1, name: 'Robin', routes: 1, trips: 0, points: 20 },
      { id: 2, name: 'Kim', routes: 0, trips: 0, points: 20 },
    ],
  });
  await here.connect(1);
  const kim = await here.connect(2);
  const [route] = here.sandbox.world.items(1, 'route');
  const id = route?.id ?? 0;
  here.sandbox.world.setVisibility('route', id, 'public');
  here.sandbox.world.pin(2, 'route', id);
  await here.settled();
  expect(await item(kim, `routes/${id}`)).toMatchObject({ owned: false, pinned: true, state: 'active' });
  here.sandbox.world.edit('route', id, { name: 'Renamed by its owner' });
  await here.settled();
  expect((await item(kim, `routes/${id}`)).name).toBe('Renamed by its owner');
  here.sandbox.world.setVisibility('route', id, 'private');
  await here.settled();
  expect((await item(kim, `routes/${id}`)).state).toBe('hidden');
  here.sandbox.world.setVisibility('route', id, 'public');
  await here.settled();
  expect((await item(kim, `routes/${id}`)).state).toBe('active');
  here.sandbox.world.unpin(2, 'route', id);
  await here.settled();
  expect((await item(kim, `routes/${id}`)).state).toBe('hidden');
});

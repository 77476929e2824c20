import { afterEach, describe, expect, test } from 'vitest';
import type { LibraryItem } from '../src/storage/library.ts';
import type { DeadLetter, SyncReport } from '../src/storage/sync.ts';
import { type Browser, type Installation, startInstallation } from './support/slipstream.ts';
import { until } from './support/until.ts';

let here: Installation;
afterEach(() => here.close());

const nameOf = async (browser: Browser, id: number) =>
  (await browser.json<{ item: LibraryItem }>(`/api/v1/trips/${id}`)).item.name;
const letters = async (browser: Browser) => (await browser.json<{ items: DeadLetter[] }>('/api/v1/dead-letters')).items;
const report = (browser: Browser) => browser.json<SyncReport>('/api/v1/sync');

async function start(options: Parameters<typeof startInstallation>[0] = {}) {
  here = await startInstallation(options);
  const browser = await here.connect();
  const trips = here.sandbox.world.items(1, 'trip').map(({ id }) => id);
  const [first = 0, second = 0] = trips;
  return { browser, first, second, trips };
}

describe('a provider that is not at its best', () => {
  test('a notification during a fetch causes exactly one more, and never two at once', async () => {
    const { browser, first } = await start();
    here.sandbox.forgetRequests();
    here.sandbox.faults.set({ itemLatencyMs: { [`trip/${first}`]: 400 } });
    here.sandbox.world.edit('trip', first, { name: 'One' });
    await until(() => here.sandbox.concurrent(`trip/${first}`).current === 1);
    for (const name of ['Two', 'Three', 'Four']) here.sandbox.world.edit('trip', first, { name });
    await here.settled();
    expect(await nameOf(browser, first)).toBe('Four');
    expect(here.sandbox.count(`/api/v1/trips/${first}`)).toBe(2);
    expect(here.sandbox.concurrent(`trip/${first}`).max).toBe(1);
  });

  test('a failing item is tried again with growing pauses, and healed', async () => {
    const { browser, first } = await start();
    here.sandbox.faults.set({ statusItems: { [`trip/${first}`]: 500 } });
    here.sandbox.world.edit('trip', first, { name: 'After the storm' });
    await until(async () => here.sandbox.count(`/api/v1/trips/${first}`) >= 3, 15_000);
    expect((await report(browser)).queue).toMatchObject({ dead: 0 });
    here.sandbox.faults.clear();
    await until(async () => (await nameOf(browser, first)) === 'After the storm', 15_000);
  });

  test('a 404 that is a proxy’s and not the provider’s deletes nothing', async () => {
    const { browser, first } = await start();
    here.sandbox.faults.set({ proxyStatus: 404 });
    here.sandbox.world.remove('trip', first);
    await until(() => here.sandbox.count(`/api/v1/trips/${first}`) >= 2, 10_000);
    expect((await browser.json<{ item: LibraryItem }>(`/api/v1/trips/${first}`)).item.state).toBe('active');
    here.sandbox.faults.clear();
    await until(
      async () => (await browser.json<{ item: LibraryItem }>(`/api/v1/trips/${first}`)).item.state === 'deleted',
      15_000,
    );
  });

  test('429 pauses the whole account for as long as it says, and spends no attempt', async () => {
    const { browser, first, second } = await start();
    here.sandbox.forgetRequests();
    here.sandbox.faults.set({ rateLimit: { remaining: 0, retryAfter: 2 } });
    here.sandbox.world.edit('trip', first, { name: 'Patient' });
    await until(async () => (await here.app.inbox.pausedUntil({ source: 'ridewithgps', account: '1' })) > Date.now());
    here.sandbox.faults.clear();
    const asked = here.sandbox.requests.length;
    here.sandbox.world.edit('trip', second, { name: 'Patient too' });
    // The clock may ask for both within any minute.
    await here.app.reconciler.all();
    await here.app.auditor.all();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(here.sandbox.requests.length).toBe(asked);
    await until(
      async () => (await nameOf(browser, second)) === 'Patient too' && (await nameOf(browser, first)) === 'Patient',
      10_000,
    );
  });

  test('what is permanently wrong becomes a dead letter that can be replayed', async () => {
    const { browser, first } = await start();
    here.sandbox.faults.set({ statusItems: { [`trip/${first}`]: 422 } });
    here.sandbox.world.edit('trip', first, { name: 'At last' });
    await here.settled();
    const [letter] = await letters(browser);
    expect(letter).toMatchObject({ kind: 'task', type: 'trip', item_id: String(first), code: 'http-422' });
    expect(letter?.sentence).toMatch(/could not be copied.*Everything else is copied.*replay/);
    here.sandbox.faults.clear();
    expect((await browser.post(`/api/v1/dead-letters/${letter?.id}/replay`)).status).toBe(202);
    await here.settled();
    expect(await nameOf(browser, first)).toBe('At last');
    expect(await letters(browser)).toEqual([]);
  });

  test('a body that would be too large in memory is a dead letter before it is parsed', async () => {
    const { browser, first, second } = await start();
    const bomb = `{"trip":{"id":${first},"track_points":[${'[],'.repeat(20_000_000)}0]}}`;
    here.sandbox.faults.set({ bodies: { [`trip/${first}`]: bomb } });
    here.sandbox.world.edit('trip', first, {});
    here.sandbox.world.edit('trip', second, { name: 'Not harmed' });
    await here.settled();
    expect(await letters(browser)).toMatchObject([{ code: 'too-complex', item_id: String(first) }]);
    expect(await nameOf(browser, second)).toBe('Not harmed');
  });

  test('a body that is nested so deeply that it could not be written again is a dead letter', async () => {
    const { browser, first, second } = await start();
    const deep = `{"trip":{"id":${first},"user_id":1,"name":"Deep","extra":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`;
    here.sandbox.faults.set({ bodies: { [`trip/${first}`]: deep } });
    here.sandbox.world.edit('trip', first, {});
    here.sandbox.world.edit('trip', second, { name: 'Not harmed' });
    await here.settled();
    expect(await letters(browser)).toMatchObject([{ code: 'too-deep', item_id: String(first) }]);
    expect(await nameOf(browser, second)).toBe('Not harmed');
    expect((await browser.get(`/trips/${first}`)).status).toBe(200);
  });

  test('a trip of 100,000 points is copied whole', async () => {
    const { browser, first } = await start();
    const point = (n: number) => ({
      x: 14 + n / 1e5,
      y: 46 + Math.sin(n / 900) / 9,
      e: n % 900,
      d: n * 4.2,
      t: 1_700_000_000 + n,
      s: 21.4,
      h: 140,
      c: 88,
      p: 210,
      T: 19,
    });
    here.sandbox.world.edit('trip', first, {
      name: 'A very long day',
      points: Array.from({ length: 100_000 }, (_, n) => point(n)),
    });
    await here.settled();
    const trip = await browser.json<{ item: { name: string; body: { track_points: unknown[] } } }>(
      `/api/v1/trips/${first}`,
    );
    expect(trip.item.name).toBe('A very long day');
    expect(trip.item.body.track_points).toHaveLength(100_000);
  });

  test('an account whose provider hangs leaves the workers of others alone', async () => {
    here = await startInstallation({
      env: { SIGNUP: 'open' },
      riders: [
        { id: 1, name: 'Robin', routes: 0, trips: 12, points: 20 },
        { id: 2, name: 'Kim', routes: 0, trips: 2, points: 20 },
      ],
    });
    await here.connect(1);
    const kim = await here.connect(2);
    here.sandbox.faults.set({ hangItems: here.sandbox.world.items(1, 'trip').map(({ id }) => `trip/${id}`) });
    for (const { id } of here.sandbox.world.items(1, 'trip')) here.sandbox.world.edit('trip', id, { name: 'Never' });
    await until(() => here.sandbox.concurrent().current >= 4);
    const [mine] = here.sandbox.world.items(2, 'trip');
    here.sandbox.world.edit('trip', mine?.id ?? 0, { name: 'At once' });
    await until(async () => (await nameOf(kim, mine?.id ?? 0)) === 'At once', 3_000);
    expect(here.sandbox.concurrent().current).toBe(4);
    here.sandbox.faults.clear();
  });
});

describe('a token that is refused', () => {
  test('is asked about once more, parks what waits, shows on every page, and reconnecting resumes it', async () => {
    const { browser, first } = await start();
    here.sandbox.world.revokeAll(1);
    // A revoked rider's webhooks stop too; this one was sent before.
    here.sandbox.world.edit('trip', first, { name: 'Written while we were away' });
    await here.app.reconciler.reconcile({ source: 'ridewithgps', account: '1' });
    await until(async () => (await report(browser)).accounts[0]?.state === 'reconnect', 20_000);
    for (const page of ['/library', '/sync', '/settings', `/trips/${first}`]) {
      expect(await (await browser.get(page)).text()).toMatch(/href="\/connect\/ridewithgps"/);
    }
    await here.connect();
    await here.settled();
    expect((await report(browser)).accounts[0]?.state).toBe('active');
    expect(await nameOf(browser, first)).toBe('Written while we were away');
  });
});

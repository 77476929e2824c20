import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { SyncReport } from '../src/storage/sync.ts';
import { authorize, createBrowser, type Installation, startInstallation } from './support/slipstream.ts';
import { until } from './support/until.ts';

let here: Installation;
afterEach(() => here.close());

const TWO_RIDERS = [
  { id: 1, name: 'Robin Field', routes: 1, trips: 2, points: 20 },
  { id: 2, name: 'Kim Brook', routes: 1, trips: 1, points: 20 },
];
const textOf = async (response: Response) => (await response.text()).replace(/<[^>]+>/g, ' ');
const pathOf = (url: string) => new URL(url).pathname + new URL(url).search;
const accounts = () => here.app.accounts.list();

describe('connecting', () => {
  test('ends signed in on the sync page, with the token sealed', async () => {
    here = await startInstallation();
    const browser = createBrowser(here.app.url);
    const response = await browser.connect();
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sync']);
    expect(response.headers.getSetCookie().find((cookie) => cookie.startsWith('slipstream='))).toMatch(
      /HttpOnly; SameSite=Lax/,
    );
    expect((await browser.get('/sync')).status).toBe(200);
    const sealed = await here.app.accounts.sealedToken({ source: 'ridewithgps', account: '1' });
    expect(sealed?.toString('latin1')).not.toMatch(/[\w-]{16,}/);
  });

  test('a refusal at the provider is answered with what to do, and keeps nothing', async () => {
    here = await startInstallation();
    const browser = createBrowser(here.app.url);
    const away = (await browser.get('/connect/ridewithgps')).headers.get('location') ?? '';
    const response = await browser.get(pathOf(await authorize(away, 1, 'cancel')));
    expect(response.status).toBe(403);
    expect(await textOf(response)).toMatch(/did not authorize.*nothing was kept.*try again/is);
    expect(await accounts()).toEqual([]);
  });

  test('a code that was used or made up is answered with a page, not with an account', async () => {
    here = await startInstallation();
    const browser = createBrowser(here.app.url);
    const away = new URL((await browser.get('/connect/ridewithgps')).headers.get('location') ?? '');
    const response = await browser.get(
      `/connect/ridewithgps/callback?code=made-up&state=${away.searchParams.get('state')}`,
    );
    expect(response.status).toBe(400);
    expect(await accounts()).toEqual([]);
  });

  test('a provider that does not answer is no broken page', async () => {
    here = await startInstallation();
    const browser = createBrowser(here.app.url);
    const away = (await browser.get('/connect/ridewithgps')).headers.get('location') ?? '';
    const back = pathOf(await authorize(away, 1));
    here.sandbox.faults.set({ nextStatus: [500] });
    expect((await browser.get(back)).status).toBe(502);
  });

  test('a token answer without a user id is no trouble', async () => {
    here = await startInstallation();
    here.sandbox.faults.set({ tokenWithoutUser: true });
    await here.connect();
    expect(await accounts()).toMatchObject([{ user_id: '1', name: 'Robin Field', owner: true }]);
  });
});

describe('who may sign up', () => {
  test('the first one becomes the owner and closes the door behind them', async () => {
    here = await startInstallation({ riders: TWO_RIDERS });
    const stranger = createBrowser(here.app.url);
    expect(await textOf(await stranger.get('/'))).not.toMatch(/closed to others/);
    await here.connect(1);
    expect(await textOf(await stranger.get('/'))).toMatch(/closed to others.*login-link/s);
    const response = await stranger.connect(2);
    expect(response.status).toBe(403);
    expect(await textOf(response)).toMatch(/belongs to somebody else/);
    expect(await accounts()).toHaveLength(1);
    // What nobody will use is given back.
    expect(here.sandbox.world.tokens()).toMatchObject([{ riderId: 1 }]);
    expect((await here.connect(1)).cookies.size).toBe(1);
  });

  test('open lets everybody in, each to their own', async () => {
    here = await startInstallation({ riders: TWO_RIDERS, env: { SIGNUP: 'open' } });
    const robin = await here.connect(1);
    expect(await textOf(await createBrowser(here.app.url).get('/'))).not.toMatch(/closed to others/);
    const kim = await here.connect(2);
    const total = async (browser: typeof robin) =>
      (await browser.json<{ meta: { total: number } }>('/api/v1/trips')).meta.total;
    expect([await total(robin), await total(kim)]).toEqual([2, 1]);
    const [trip] = here.sandbox.world.items(1, 'trip');
    for (const path of [
      `/trips/${trip?.id}`,
      `/api/v1/trips/${trip?.id}`,
      `/api/v1/trips/${trip?.id}.gpx`,
      `/trips/${trip?.id}/track.json`,
    ]) {
      expect([path, (await robin.get(path)).status]).toEqual([path, 200]);
    }
  });

  test('a list of user ids lets those in', async () => {
    here = await startInstallation({ riders: TWO_RIDERS, env: { SIGNUP: '2' } });
    expect((await createBrowser(here.app.url).connect(1)).status).toBe(403);
    expect((await createBrowser(here.app.url).connect(2)).status).toBe(303);
  });

  test('on a public address the first one needs the set-up code', async () => {
    here = await startInstallation({ env: { PUBLIC_URL: 'https://rides.example' } });
    const browser = createBrowser(here.app.url);
    expect(await (await browser.get('/')).text()).toMatch(/name="setup_code"/);
    expect((await browser.get('/connect/ridewithgps')).status).toBe(403);
    expect((await browser.get('/connect/ridewithgps?setup_code=0000-0000')).status).toBe(403);
    const right = await browser.get(`/connect/ridewithgps?setup_code=${await here.app.connect.setUpCode()}`);
    expect(right.status).toBe(303);
    expect(right.headers.getSetCookie()[0]).toMatch(/; Secure/);
  });
});

describe('leaving', () => {
  test('signing out ends the session itself, not only the cookie', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    const cookies = new Map(browser.cookies);
    await browser.post('/sign-out');
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expect((await browser.get('/api/v1/trips')).status).toBe(401);
  });

  test('disconnecting revokes the token at the provider and keeps the copy', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    expect(here.sandbox.world.tokens()).toHaveLength(1);
    await browser.post('/disconnect', { data: 'keep' });
    expect(here.sandbox.world.tokens()).toEqual([]);
    expect((await browser.json<SyncReport>('/api/v1/sync')).accounts[0]?.state).toBe('disconnected');
    expect((await browser.json<{ meta: { total: number } }>('/api/v1/trips')).meta.total).toBe(4);
    expect(await here.app.accounts.sealedToken({ source: 'ridewithgps', account: '1' })).toBeUndefined();
    await here.connect();
    expect((await accounts())[0]?.state).toBe('active');
  });

  test('disconnecting needs a word on the copy, in a form or as JSON', async () => {
    here = await startInstallation();
    const browser = await here.connect();
    for (const form of [{}, { data: 'burn' }] as Record<string, string>[])
      expect((await browser.post('/disconnect', form)).status).toBe(400);
    expect((await accounts())[0]?.state).toBe('active');
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    const asked = { method: 'POST', headers, body: '{"data":"keep"}', redirect: 'manual' } as const;
    expect((await fetch(`${here.app.url}/disconnect`, asked)).headers.get('location')).toBe('/sync');
    expect((await accounts())[0]?.state).toBe('disconnected');
  });

  test('disconnecting with erasing leaves nothing of the account, not even in the files', async () => {
    here = await startInstallation({
      riders: [{ id: 1, name: 'Zebulon Quartermain', routes: 1, trips: 2, points: 20 }],
    });
    const browser = await here.connect();
    here.sandbox.world.edit('trip', here.sandbox.world.items(1, 'trip')[0]?.id ?? 0, { name: 'Xylophone pass' });
    await here.settled();
    const holding = (text: string) =>
      readdirSync(here.dataDir).filter(
        (file) => file.includes('.db') && readFileSync(join(here.dataDir, file)).includes(text),
      );
    expect(holding('Zebulon')).not.toEqual([]);
    expect(holding('Xylophone')).not.toEqual([]);
    const response = await browser.post('/disconnect', { data: 'erase' });
    expect(response.headers.get('location')).toBe('/');
    expect((await browser.get('/api/v1/trips')).status).toBe(401);
    expect(await accounts()).toEqual([]);
    expect(await here.app.library.count(1)).toEqual({ active: 0, hidden: 0, deleted: 0 });
    expect([...holding('Zebulon'), ...holding('Xylophone')]).toEqual([]);
  });
});

describe('without OAuth', () => {
  test('an auth token alone mirrors one rider, in polling mode', async () => {
    here = await startInstallation({
      env: { RWGPS_CLIENT_ID: '', RWGPS_CLIENT_SECRET: '', RWGPS_AUTH_TOKEN: 'set below' },
      connectsWebhooks: false,
    });
    here.environment.RWGPS_AUTH_TOKEN = here.sandbox.world.issueToken(1, 'test-key');
    here.environment.RECONCILE_CRON = '*/15 * * * *';
    await here.restart();
    await until(async () => (await accounts()).length === 1);
    // The account is there a moment before its first reconciliation begins.
    await until(async () => (await here.app.library.count(1)).active === 6, 20_000);
    expect(await accounts()).toMatchObject([{ tokenKind: 'auth-token', state: 'active' }]);
    const landing = await (await createBrowser(here.app.url).get('/')).text();
    expect(landing).toMatch(/login-link/);
    expect(landing).not.toMatch(/href="\/connect/);
  });
});

import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgeFindings } from '../../src/drift.ts';
import { launchBrowser } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { countPixels } from '../web/pixels.ts';
import { buildClient, type Seat, takeSeat } from './support.ts';

const RIDER = { id: 1, name: 'Robin Field', routes: 3, trips: 6, points: 300 };
const TRACK_COLOUR = '#cc4218';
const INK = '#1b1f1e';
/** Long enough for a busy machine; on an idle one nothing waits so long. */
const SOON = { timeout: 15_000 };

let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), buildClient()]);
});

afterAll(() => browser?.close());

describe('connecting', () => {
  test('is two presses, and then the copying is watched to its end without a reload', async () => {
    const seat = await takeSeat(browser, { riders: [{ ...RIDER, routes: 10, trips: 30 }] });
    const { page, sandbox, url } = seat;
    await page.goto(url);
    await page.getByRole('link', { name: 'Connect Ride With GPS' }).click();
    await page.waitForURL((address) => address.origin === sandbox.url);
    sandbox.faults.set({ latencyMs: 300 });
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL(`${url}/sync`);

    await page.evaluate(NOTE_PROGRESS);
    await expect.poll(() => page.locator('[data-live-bar]').isVisible(), SOON).toBe(true);
    await expect.poll(() => page.locator('[data-glance-bar]').isVisible(), SOON).toBe(true);
    await expect.poll(() => page.locator('[data-live-sentence]').textContent(), SOON).toMatch(/^All is well/);

    const seen = await page.evaluate<string[]>('window.progress');
    const copied = seen.map((words) => Number(/^(\d+) of 40$/.exec(words)?.[1]));
    expect(new Set(copied).size, `It showed ${seen}`).toBeGreaterThan(4);
    expect(copied).toEqual(copied.toSorted((a, b) => a - b));
    expect(copied.at(-1)).toBe(40);
    expect(await page.locator('[data-live-bar]').isVisible()).toBe(false);
    expect(await page.locator('[data-glance-words]').textContent()).toMatch(/^Checked/);
    expect(seat.complaints).toEqual([]);
  });

  test('opens a library whose trips have a map with their track and a profile', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, sandbox } = seat;
    await seat.signIn();
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Library' }).click();
    expect(await page.locator('.row').count()).toBe(9);

    const [trip] = sandbox.world.items(1, 'trip');
    await page.locator(`a[href="/trips/${trip?.id}"]`).click();
    await page.waitForSelector('[data-map][data-shown="drawn"]');
    await page.waitForSelector('[data-plot][data-shown="drawn"]');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(trip?.name);
    expect(await countPixels(page, '.map canvas', TRACK_COLOUR)).toBeGreaterThan(500);
    const labels = await page.locator('.attributes dt').allTextContents();
    expect(labels).toEqual([...new Set(labels)]);
    expect(await countPixels(page, '[data-plot] canvas', INK)).toBeGreaterThan(300);
    const charts = ['Elevation', 'Speed', 'Heart rate', 'Cadence', 'Power', 'Temperature'];
    expect(await page.locator('.chart-name').allTextContents()).toEqual(charts);
    expect(seat.complaints).toEqual([]);
  });

  test('offers each file of an item, and the link on its page is the file', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, sandbox } = seat;
    await seat.signIn();
    const [route] = sandbox.world.items(1, 'route');
    await seat.show(`/routes/${route?.id}`);
    const texts: Record<string, string> = {};
    for (const extension of ['gpx', 'tcx', 'fit', 'geojson', 'json']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator(`.files a[href$=".${extension}"]`).click(),
      ]);
      expect(download.suggestedFilename()).toBe(`${route?.name} ${route?.id}.${extension}`);
      texts[extension] = await readFile(await download.path(), 'utf8');
    }
    expect(texts.gpx).toMatch(/^<\?xml.*<gpx/s);
    expect(JSON.parse(texts.geojson ?? '')).toMatchObject({ type: 'FeatureCollection' });
    expect(JSON.parse(texts.json ?? '')).toEqual(sandbox.object('route', route?.id ?? 0));
    expect(seat.complaints).toEqual([]);
  });

  test('a refusal at the provider is answered with a page that says so and offers another try', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, url } = seat;
    await page.goto(url);
    await page.getByRole('link', { name: 'Connect Ride With GPS' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(`${url}/connect/ridewithgps/callback?*`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Not connected');
    expect(await page.locator('main').textContent()).toContain('Nothing was copied');
    expect(await seat.app.accounts.list()).toEqual([]);

    await page.getByRole('link', { name: 'Connect Ride With GPS' }).click();
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL(`${url}/sync`);
    expect(seat.complaints.filter((text) => !/status of 403/.test(text))).toEqual([]);
  });

  test('the way back works once: opened again, by anybody, it is a page that says what to do', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, url } = seat;
    const ways: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(`${url}/connect/ridewithgps/callback?`)) ways.push(request.url());
    });
    await seat.signIn();
    const stranger = await browser.newContext();
    for (const tab of [page, await stranger.newPage()]) {
      const answer = await tab.goto(ways[0] ?? '');
      expect(answer?.status()).toBe(400);
      expect(await tab.getByRole('heading', { level: 1 }).textContent()).toBe('That did not begin here');
      expect(await tab.getByRole('link', { name: 'Connect Ride With GPS' }).isVisible()).toBe(true);
    }
    await stranger.close();
    // Whoever was signed in still is.
    await page.goto(`${url}/library`);
    expect(await page.locator('.row').count()).toBe(9);
  });
});

describe('what happens at the provider', () => {
  test('a new name, a deletion and a pin are on the page within seconds', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, sandbox } = seat;
    await seat.signIn();
    const [renamed, deleted] = sandbox.world.items(1, 'trip');
    const [pinned] = sandbox.world.items(1, 'route');
    const control = await seat.openControl();

    const took: Record<string, number> = {};
    const edited = await open(control, `trip-${renamed?.id}`);
    await edited.getByLabel('Name').fill('Over the pass');
    took.edit = await timeUntilShown(
      seat,
      `/trips/${renamed?.id}`,
      page.getByRole('heading', { name: 'Over the pass' }),
      edited.getByRole('button', { name: 'Save' }),
    );
    await control.goto(`${sandbox.url}/sandbox`);
    took.deletion = await timeUntilShown(
      seat,
      `/trips/${deleted?.id}`,
      page.locator('.badge.deleted'),
      (await open(control, `trip-${deleted?.id}`)).getByRole('button', { name: 'Delete' }),
    );
    await control.goto(`${sandbox.url}/sandbox?type=route`);
    took.pin = await timeUntilShown(
      seat,
      `/routes/${pinned?.id}`,
      page.locator('.badge', { hasText: 'Pinned' }),
      (await open(control, `route-${pinned?.id}`)).getByRole('button', { name: 'Pin', exact: true }),
    );
    for (const [what, ms] of Object.entries(took)) expect(ms, `The ${what} took ${ms} ms`).toBeLessThan(5_000);

    await page.goto(`${seat.url}/library`);
    expect(await page.locator('.row').count()).toBe(8);
    expect(await page.locator('.row .name').allTextContents()).toContain('Over the pass');
    for (const [tab, name] of Object.entries({ Deleted: deleted?.name, Pinned: pinned?.name })) {
      await page.getByRole('navigation', { name: 'Which items' }).getByRole('link', { name: tab }).click();
      expect(await page.locator('.row .name').allTextContents()).toEqual([name]);
    }
    await page.goto(`${seat.url}/sync`);
    expect(await fact(page, 'webhook')).toMatch(/just now|seconds? ago/);
    expect(await fact(page, 'drift')).toBe('0 in the last day');
    expect(seat.complaints).toEqual([]);
  });

  test('a deleted trip stays readable with its map, its figures and its files', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, sandbox } = seat;
    await seat.signIn();
    const [trip] = sandbox.world.items(1, 'trip');
    const last = sandbox.object('trip', trip?.id ?? 0);
    sandbox.world.remove('trip', trip?.id ?? 0);
    await seat.settled();
    await seat.show(`/trips/${trip?.id}`);
    expect(await page.locator('.notice.deleted').textContent()).toContain('This is the last version, and it stays.');
    expect(await page.locator('[data-map]').getAttribute('data-shown')).toBe('drawn');
    const file = await page.request.get(`${seat.url}/api/v1/trips/${trip?.id}.json`);
    expect(await file.json()).toEqual(last);
    expect(seat.complaints).toEqual([]);
  });

  test('what a lost webhook would have told is found by “Reconcile now” and counted as drift', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, sandbox, app } = seat;
    await seat.signIn();
    const [announced, unannounced] = sandbox.world.items(1, 'trip');
    const control = await seat.openControl();
    await rename(control, announced?.id, 'Announced');
    await until(async () => (await seat.app.inbox.lastWebhookAt({ source: 'ridewithgps', account: '1' })) !== null);

    await control.getByRole('button', { name: 'Lose next' }).click();
    await control.waitForURL(/done=lose/);
    await rename(control, unannounced?.id, 'Nobody told us');
    expect(sandbox.webhooks.sent.at(-1)?.error).toBe('lost');
    await seat.settled();
    await page.goto(`${seat.url}/library`);
    expect(await names(page)).toContain('Announced');
    expect(await names(page)).not.toContain('Nobody told us');

    await page.goto(`${seat.url}/sync`);
    await page.getByRole('button', { name: 'Reconcile now' }).click();
    await page.evaluate('document.body.setAttribute("data-never-reloaded", "")');
    const checks = page.locator('[data-live-part="runs"]');
    await expect.poll(() => checks.getByRole('link', { name: 'Nobody told us' }).count(), SOON).toBe(1);
    expect(await page.locator('[data-never-reloaded]').count()).toBe(1);
    await expect
      .poll(async () => {
        await page.goto(`${seat.url}/library`);
        return names(page);
      }, SOON)
      .toContain('Nobody told us');

    // A webhook has two minutes to come: until then nothing is missing. The judge comes again when they are over.
    expect(await app.judgeFindings()).toBe(0);
    const later = () => Date.now() + 130_000;
    const verdicts = await judgeFindings({ inbox: app.inbox, accounts: app.accounts, items: app.items, now: later });
    expect(verdicts.filter(({ announced }) => !announced)).toHaveLength(1);
    await page.goto(`${seat.url}/sync`);
    expect(await fact(page, 'drift')).toBe('1 in the last day');
    expect(await checks.textContent()).toContain('announced by no webhook');
    expect(await page.locator('[data-live-part="announced"]').textContent()).toContain('1 of 2 changes');
    expect(seat.complaints).toEqual([]);
  });

  test('what arrives while the library is being copied is offered in the open page', async () => {
    const seat = await takeSeat(browser, { riders: [{ ...RIDER, trips: 20 }] });
    const { page, sandbox, url } = seat;
    await page.goto(url);
    await page.getByRole('link', { name: 'Connect Ride With GPS' }).click();
    await page.waitForURL((address) => address.origin === sandbox.url);
    sandbox.faults.set({ latencyMs: 300 });
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL(`${url}/sync`);
    await page.goto(`${url}/library`);
    const shown = await page.locator('.row').count();
    const link = page.locator('[data-arrivals-link]');
    await expect.poll(() => link.textContent(), SOON).toMatch(/^\d+ new rides?: show$/);
    expect(await page.locator('.row').count()).toBe(shown);
    sandbox.faults.clear();
    await seat.settled();
    await link.click();
    await expect.poll(() => page.locator('.row').count(), SOON).toBe(23);
    expect(seat.complaints).toEqual([]);
  });

  test('a token revoked there asks on every page to connect again, and connecting catches up', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, sandbox, url } = seat;
    await seat.signIn();
    const [trip] = sandbox.world.items(1, 'trip');
    sandbox.world.revokeAll(1);
    sandbox.world.edit('trip', trip?.id ?? 0, { name: 'Behind the closed door' });
    await page.goto(`${url}/sync`);
    await page.getByRole('button', { name: 'Reconcile now' }).click();
    await until(async () => (await seat.app.accounts.list())[0]?.state === 'reconnect', 20_000);
    for (const path of ['/library', '/sync', '/settings', `/trips/${trip?.id}`]) {
      await page.goto(url + path);
      expect(await page.locator('[data-glance-words]').textContent()).toBe('Connect again');
      expect(await page.locator('main a[href="/connect/ridewithgps"]').count(), path).toBeGreaterThan(0);
    }
    await page.locator('main a[href="/connect/ridewithgps"]').first().click();
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL(`${url}/sync`);
    await seat.settled();
    await page.goto(`${url}/trips/${trip?.id}`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Behind the closed door');
    expect(seat.complaints).toEqual([]);
  });
});

describe('leaving', () => {
  test('signing out closes every page, and connecting again opens the same library', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, context, url, sandbox } = seat;
    await seat.signIn();
    const cookies = await context.cookies();
    await page.goto(`${url}/settings`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${url}/`);
    for (const path of ['/library', '/sync', '/settings', '/trips/1001']) {
      await page.goto(url + path);
      expect(page.url()).toBe(`${url}/`);
    }
    expect(await page.locator('.notice').count()).toBe(0);
    // The cookie that somebody kept is worth nothing any more.
    await context.addCookies(cookies);
    expect((await page.request.get(`${url}/api/v1/trips`)).status()).toBe(401);
    await page.goto(`${url}/library`);
    expect(await page.locator('.notice').textContent()).toContain('Your library is as it was');

    sandbox.forgetRequests();
    await seat.signIn();
    await page.goto(`${url}/library`);
    expect(await page.locator('.row').count()).toBe(9);
    expect(sandbox.count('/api/v1/trips/'), 'What is known is not fetched again').toBe(0);
    expect(seat.complaints).toEqual([]);
  });

  test('disconnecting keeps what was copied where that was chosen, and gives the token back', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, url, sandbox } = seat;
    await seat.signIn();
    await page.goto(`${url}/settings`);
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.waitForURL(`${url}/sync`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('This account is disconnected.');
    expect(await page.getByRole('button', { name: / now$/ }).count(), 'There is nobody to ask').toBe(0);
    expect(sandbox.world.tokens()).toEqual([]);
    await page.goto(`${url}/library`);
    expect(await page.locator('.row').count()).toBe(9);
    expect(seat.complaints).toEqual([]);
  });

  test('disconnecting with erasure leaves nothing of the rider', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    const { page, url, sandbox, app } = seat;
    await seat.signIn();
    const accountId = (await app.accounts.list())[0]?.id ?? 0;
    await page.goto(`${url}/settings`);
    await page.getByRole('radio', { name: /Erase the copy/ }).check();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.waitForURL(`${url}/`);
    // A first run again: nobody is known here.
    expect(await page.locator('.first-run').isVisible()).toBe(true);
    expect(await app.accounts.list()).toEqual([]);
    expect(await app.library.count(accountId)).toEqual({ active: 0, hidden: 0, deleted: 0 });
    expect(await app.inbox.counts({ source: 'ridewithgps', account: '1' })).toMatchObject({ pending: 0, dead: 0 });
    expect(sandbox.world.tokens()).toEqual([]);
    await page.goto(`${url}/library`);
    expect(page.url()).toBe(`${url}/`);
    expect(seat.complaints).toEqual([]);
  });
});

describe('every page', () => {
  test('fits on a phone of 360 pixels, with names as long as anybody writes them', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER], browser: { viewport: { width: 360, height: 720 } } });
    const { page, sandbox, url } = seat;
    const wide: string[] = [];
    const look = async (name: string) => {
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      if (overflow > 0) wide.push(`${name} by ${overflow} pixels`);
    };
    await page.goto(url);
    await look('landing, first run');
    await page.getByRole('link', { name: 'Connect Ride With GPS' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(/callback/);
    await look('refused');
    sandbox.faults.set({ latencyMs: 200 });
    await page.getByRole('link', { name: 'Connect Ride With GPS' }).click();
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.waitForURL(`${url}/sync`);
    await look('sync, copying');
    sandbox.faults.clear();
    await seat.settled();

    const long = sandbox.world.create(1, 'trip', { name: 'W'.repeat(90), description: 'x'.repeat(300) });
    const gone = sandbox.world.create(1, 'route', { name: `${'Ж'.repeat(60)} 自転車`.repeat(2) });
    await seat.settled();
    sandbox.world.remove('route', gone.id);
    sandbox.webhooks.sendRaw(
      'test-key',
      JSON.stringify({ notifications: [{ user_id: 1, item_type: 'x'.repeat(90) }] }),
    );
    await seat.settled();
    const [route] = sandbox.world.items(1, 'route');
    const paths = [
      ...['/library', '/library?show=deleted', '/library?show=pinned', `/library?q=${'q'.repeat(120)}`],
      ...[`/trips/${long.id}`, `/routes/${route?.id}`, `/routes/${gone.id}`, '/sync', '/settings', '/nothing/here'],
    ];
    for (const path of paths) {
      await seat.show(path);
      await look(path);
    }
    await page.goto(`${url}/settings`);
    await page.getByLabel('Name of a new token').fill('N'.repeat(80));
    await page.getByRole('button', { name: 'Make token' }).click();
    await page.waitForSelector('.fresh');
    await look('settings, new token');
    expect(wide).toEqual([]);
    expect(seat.complaints.filter((text) => !/status of 40[34]/.test(text))).toEqual([]);
  });

  test('shows what came from outside as text, whatever it contains', async () => {
    const seat = await takeSeat(browser, {
      riders: [{ ...RIDER, name: `Robin <img src=x onerror="alert('rider')">`, routes: 0, trips: 0 }],
    });
    const { page, sandbox, url } = seat;
    await seat.signIn();
    const evil = (where: string) =>
      `"'></title></textarea><script>alert('${where}')</script><img src=x onerror=alert('${where}')><svg onload=alert(1)>`;
    const given = {
      name: evil('name'),
      description: evil('description'),
      locality: evil('locality'),
      device: evil('device'),
      '<b onclick=alert(1)>key': evil('unknown key'),
      photos: [{ url: 'javascript:alert(1)', caption: evil('photo') }],
      html_url: 'javascript:alert(1)',
    };
    const trip = sandbox.world.create(1, 'trip', given);
    const route = sandbox.world.create(1, 'route', {
      ...given,
      points: Array.from({ length: 20 }, (_, at) => ({ x: 14 + at / 1000, y: 46, e: 300 + at })),
    });
    const { course_points: cues = [], track_points: points } = sandbox.object('route', route.id) as {
      course_points?: object[];
      track_points: object[];
    };
    const body = {
      ...sandbox.object('route', route.id),
      course_points: [...cues, { x: 14.005, y: 46, d: 400, i: 5, t: evil('turn'), n: evil('cue') }],
      points_of_interest: [
        { lat: 46, lng: 14.01, type_name: evil('kind'), name: evil('place'), description: evil('poi') },
      ],
      track_points: points,
    };
    sandbox.faults.set({ bodies: { [`route/${route.id}`]: JSON.stringify({ route: body }) } });
    sandbox.webhooks.sendRaw(
      'test-key',
      JSON.stringify({ notifications: [{ user_id: 1, item_id: 1, action: 'updated', item_type: evil('type') }] }),
    );
    await seat.settled();

    const search = `/library?q=${encodeURIComponent(`<script>alert('search')</script>`)}`;
    for (const path of ['/library', search, `/trips/${trip.id}`, `/routes/${route.id}`, '/sync', '/settings']) {
      await seat.show(path);
      // Elements that only a name could have made: ours are in the head, and pages have no pictures by address.
      expect(await page.locator('body script, body img, body [onload], body [onerror], body [onclick]').count()).toBe(
        0,
      );
      expect(await page.locator('a[href^="javascript:"]').count()).toBe(0);
    }
    await page.goto(`${url}/library`);
    expect(await names(page)).toEqual([given.name, given.name]);
    await page.goto(`${url}/trips/${trip.id}`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(given.name);
    expect(await page.title()).toBe(`${given.name} · Slipstream`);
    expect(await page.locator('.description').textContent()).toBe(given.description);
    await seat.show(`/routes/${route.id}`);
    expect(await page.locator('.cues').textContent()).toContain(evil('cue'));
    await page.getByRole('link', { name: evil('place') }).click();
    await page.locator('.maplibregl-popup', { hasText: evil('poi') }).waitFor();
    await page.goto(`${url}/sync`);
    expect(await page.locator('.needs-you').textContent()).toContain(evil('type'));
    await page.goto(`${url}/settings`);
    expect(await page.locator('.signed-in').textContent()).toContain(`<img src=x onerror="alert('rider')">`);
    expect(seat.complaints).toEqual([]);
  });

  test('asks nobody but Slipstream for anything', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    await seat.signIn();
    const asked = new Set<string>();
    seat.page.on('request', (request) => asked.add(new URL(request.url()).origin));
    const [trip] = seat.sandbox.world.items(1, 'trip');
    for (const path of ['/library', `/trips/${trip?.id}`, '/sync', '/settings']) await seat.show(path);
    expect([...asked].filter((origin) => origin !== 'null')).toEqual([seat.url]);
  });
});

/** Text, because it runs in the page: writes down every state that the count of the backfill shows. */
const NOTE_PROGRESS = `(() => {
  const place = document.querySelector('[data-live-done]');
  window.progress = [];
  new MutationObserver(() => window.progress.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true });
})()`;

/** An item on the control page, with its form open. */
async function open(control: Page, id: string): Promise<Locator> {
  const item = control.locator(`details#${id}`);
  await item.locator('summary').click();
  return item;
}

async function rename(control: Page, id: number | undefined, name: string): Promise<void> {
  const item = await open(control, `trip-${id}`);
  await item.getByLabel('Name').fill(name);
  await item.getByRole('button', { name: 'Save' }).click();
  await control.waitForURL(/done=edit/);
}

/**
 * Presses at the provider and looks here. The clock runs from the moment the provider is told until the page has it: what
 * a slow machine needs to press a button or to draw a map is not the way of a change.
 * @returns milliseconds.
 */
async function timeUntilShown({ page, url }: Seat, path: string, sign: Locator, button: Locator): Promise<number> {
  await page.goto(url + path);
  expect(await sign.count()).toBe(0);
  const served = async () => (await page.request.get(url + path)).text();
  const before = withoutTimes(await served());
  const told = button.page().waitForRequest((request) => request.method() === 'POST');
  await button.click({ noWaitAfter: true });
  await told;
  const began = performance.now();
  await until(async () => withoutTimes(await served()) !== before, 15_000);
  const took = performance.now() - began;
  await page.reload();
  expect(await sign.count()).toBe(1);
  return took;
}

/** What grows old by itself is no change. */
const withoutTimes = (markup: string): string =>
  /<article.*<\/article>/s.exec(markup)?.[0].replace(/<time.*?<\/time>/gs, '') ?? '';

const names = (page: Page): Promise<string[]> => page.locator('.row .name').allTextContents();

const fact = (page: Page, name: string): Promise<string | null> =>
  page.locator(`[data-live-fact="${name}"] [data-live-text]`).textContent();

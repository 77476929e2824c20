import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { buildClient, type Seat, takeSeat } from './support.ts';

const RIDER = { id: 1, name: 'Robin Field', routes: 3, trips: 9, points: 60 };
const HOSTILE = `"><script>alert('name')</script><img src=x onerror="alert('image')"> Needle`;
/** Long enough for a busy machine; on an idle one nothing waits so long. */
const SOON = { timeout: 15_000 };

let browser: Browser;
beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), buildClient()]);
});
afterAll(() => browser?.close());

/** Of what is open, beyond its own edge. */
const OVERFLOW = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.filter[open] .panel'))`;

const names = (page: Page) => page.locator('.row .name').allTextContents();
const focused = (page: Page) =>
  page.evaluate<string>('document.activeElement.getAttribute("href") ?? document.activeElement.id');

/** Three of the trips have names and figures of their own. */
async function withRides(seat: Seat): Promise<void> {
  const { world } = seat.sandbox;
  const [one, two, three] = world.items(1, 'trip');
  const there = { country_code: 'NZ', administrative_area: 'Otago', activity_type: 'cycling:unicycling' };
  world.edit('trip', one?.id ?? 0, { ...there, name: HOSTILE, distance: 11_000, departed_at: '2001-01-03T08:00:00Z' });
  world.edit('trip', two?.id ?? 0, {
    ...there,
    name: 'Needle two',
    distance: 33_000,
    departed_at: '2001-01-02T08:00:00Z',
  });
  world.edit('trip', three?.id ?? 0, {
    ...there,
    name: 'Über alles Needle',
    distance: 22_000,
    departed_at: '2002-01-01T08:00:00Z',
  });
  await seat.signIn();
}

describe('the library', () => {
  test('searches as one types, keeps the focus, and has what is found in its address', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    await withRides(seat);
    const { page, url } = seat;
    await page.goto(`${url}/library`);
    await page.evaluate('document.body.setAttribute("data-never-reloaded", "")');
    // The keys are loaded after the page.
    await expect
      .poll(async () => {
        await page.keyboard.press('/');
        return focused(page);
      }, SOON)
      .toBe('q');
    await page.keyboard.type('need', { delay: 20 });
    await expect.poll(() => names(page), SOON).toEqual(['Über alles Needle', HOSTILE, 'Needle two']);
    expect(page.url()).toBe(`${url}/library?q=need`);
    expect(await focused(page)).toBe('q');
    expect(await page.locator('.found').textContent()).toMatch(/^3 items.*66\.0.km/);

    await page.keyboard.type('le uber');
    await expect.poll(() => names(page), SOON).toEqual(['Über alles Needle']);
    await page.keyboard.type(' nowhere');
    await expect.poll(() => page.locator('.empty .lead').textContent(), SOON).toContain('“needle uber nowhere”');
    await page.locator('#q').fill('');
    await expect.poll(() => page.locator('.row').count(), SOON).toBe(12);
    expect(page.url()).toBe(`${url}/library`);

    await page.locator('#q').fill(`<script>alert('search')</script>`);
    await expect
      .poll(() => page.locator('.empty .lead').textContent(), SOON)
      .toContain(`<script>alert('search')</script>`);
    expect(await page.locator('[data-never-reloaded]').count()).toBe(1);
    expect(seat.complaints).toEqual([]);
  });

  test('shows the last thing that was typed, however late the answers are', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    await withRides(seat);
    const { page, url } = seat;
    await page.goto(`${url}/library`);
    let release = (): void => {};
    const late = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/library?q=uber', async (route) => {
      await late;
      await route.continue().catch(() => {});
    });
    const asked = page.waitForRequest('**/library?q=uber');
    await page.locator('#q').fill('uber');
    await asked;
    await page.locator('#q').fill('two');
    await expect.poll(() => names(page), SOON).toEqual(['Needle two']);
    release();
    await page.locator('#q').fill('needle');
    await expect.poll(() => page.locator('.row').count(), SOON).toBe(3);
    expect(page.url()).toBe(`${url}/library?q=needle`);
  });

  test('is walked through by keys, and Enter opens', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    await withRides(seat);
    const { page, url } = seat;
    await page.goto(`${url}/library?q=needle`, { waitUntil: 'networkidle' });
    const rows = await page.locator('.row a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    for (const [key, at] of [
      ['j', 0],
      ['ArrowDown', 1],
      ['j', 2],
      ['j', 2],
      ['k', 1],
      ['ArrowUp', 0],
    ] as const) {
      await page.keyboard.press(key);
      expect([key, await focused(page)]).toEqual([key, rows[at]]);
    }
    await page.keyboard.press('k');
    expect(await focused(page)).toBe('q');
    // In the field letters are letters.
    await page.keyboard.press('End');
    await page.keyboard.type('j/');
    expect(await page.locator('#q').inputValue()).toBe('needlej/');
    await page.locator('#q').fill('needle');
    await expect.poll(() => page.locator('.row').count(), SOON).toBe(3);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(rows[0]);
    await page.keyboard.press('Enter');
    await page.waitForURL(url + rows[0]);
    expect(seat.complaints).toEqual([]);
  });

  test.each([true, false])('is filtered and sorted with script: %s', async (javaScriptEnabled) => {
    const seat = await takeSeat(browser, { riders: [RIDER] });
    await withRides(seat);
    const context = await browser.newContext({
      javaScriptEnabled,
      locale: 'en-IE',
      storageState: await seat.context.storageState(),
    });
    const page = await context.newPage();
    const open = (label: string) => page.locator('.filter', { hasText: label }).first().locator('summary').click();
    await page.goto(`${seat.url}/library`);
    await open('Place');
    await page.getByRole('link', { name: 'New Zealand' }).click();
    await page.waitForURL(/country=NZ/);
    await open('Distance');
    await page.getByLabel('At least, km').fill('20');
    await page.locator('.filter[open]').getByRole('button', { name: 'Show' }).click();
    await page.waitForURL(/min_km=20/);
    expect(await names(page)).toEqual(['Über alles Needle', 'Needle two']);
    expect(await page.locator('.month').count()).toBe(2);
    await open('Newest first');
    await page.getByRole('link', { name: 'Longest first' }).click();
    await page.waitForURL(/sort=distance/);
    expect(await names(page)).toEqual(['Needle two', 'Über alles Needle']);
    expect(await page.locator('.month').count()).toBe(0);
    await open('Date');
    await page.locator('.filter[open]').getByRole('link', { name: '2002' }).click();
    await page.waitForURL(/from=2002-01-01/);
    expect(await names(page)).toEqual(['Über alles Needle']);
    await page.locator('#q').fill('two');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=two/);
    const ways = page.locator('.ways');
    await expect.poll(() => ways.textContent(), SOON).toContain('At any date 1 item');
    await ways.getByRole('link', { name: 'At any date' }).click();
    await page.waitForURL((address) => !address.search.includes('from='));
    expect(await names(page)).toEqual(['Needle two']);
    await page.getByRole('link', { name: 'Clear all' }).click();
    await page.waitForURL((address) => !address.search.includes('country='));
    expect(page.url()).toBe(`${seat.url}/library?q=two&sort=distance`);
    await context.close();
  });

  test('on a phone a filter opens above the bar and fits, and Escape closes it', async () => {
    const seat = await takeSeat(browser, { riders: [RIDER], browser: { viewport: { width: 360, height: 740 } } });
    await withRides(seat);
    const { page, url } = seat;
    await page.goto(`${url}/library?country=NZ`);
    for (const summary of await page.locator('.filter summary').all()) {
      await summary.click();
      const panel = page.locator('.filter[open] .panel');
      await expect.poll(() => panel.count()).toBe(1);
      const box = await panel.boundingBox();
      expect([box?.x, box?.width]).toEqual([0, 360]);
      expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(740 - 60);
      expect(await page.evaluate(OVERFLOW)).toBe(0);
      await page.keyboard.press('Escape');
      expect(await panel.count()).toBe(0);
    }
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  });

  test('of a rider without any ride says so, and searching in it does no harm', async () => {
    const seat = await takeSeat(browser, { riders: [{ ...RIDER, routes: 0, trips: 0 }] });
    await seat.signIn();
    const { page, url } = seat;
    await page.goto(`${url}/library`);
    expect(await page.locator('.empty .lead').textContent()).toContain('no routes or trips');
    expect(await page.locator('.filters').count()).toBe(0);
    await page.keyboard.press('j');
    await page.locator('#q').fill('anything');
    await expect.poll(() => page.locator('.empty .lead').textContent(), SOON).toContain('“anything”');
    expect(seat.complaints).toEqual([]);
  });
});

test('while everything is downloaded as one archive, the page says how far it is', async () => {
  const seat = await takeSeat(browser, { riders: [RIDER] });
  await withRides(seat);
  const { page, url } = seat;
  // As where Slipstream is opened by its address at home, over plain http.
  await page.addInitScript('delete Crypto.prototype.randomUUID');
  await page.goto(`${url}/library`);
  const words = page.locator('[data-take-out-words]');
  await expect
    .poll(async () => {
      const download = page.waitForEvent('download', { timeout: 10_000 });
      await page.getByRole('button', { name: /^Download \d+ files$/ }).click();
      await (await download).path();
      return words.textContent({ timeout: 3_000 });
    }, SOON)
    .toMatch(/^All \d+ files are in the archive\.$|^\d+ of \d+ files written\.$/);
  await expect.poll(() => words.textContent(), SOON).toMatch(/^All \d+ files are in the archive\.$/);
  await seat.close();
});

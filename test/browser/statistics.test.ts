import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Statistics } from '../../src/statistics/report.ts';
import { launchBrowser } from '../support/browser.ts';
import { buildClient, type Seat, takeSeat } from './support.ts';

const RIDER = { id: 1, name: 'Robin Field', routes: 3, trips: 30, points: 60 };

let browser: Browser;
beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), buildClient()]);
});
afterAll(() => browser?.close());

/** The figures of the head of the page, as they are written, without those of the year before. */
const headline = (page: Page) =>
  page.evaluate<Record<string, string>>(`Object.fromEntries(
    [...document.querySelectorAll('.headline dl > div')].map((each) => {
      const figure = each.querySelector('dd').cloneNode(true);
      figure.querySelector('.against')?.remove();
      return [each.querySelector('dt').textContent, figure.textContent];
    }))`);

/** What the library says of what it shows. */
async function found(page: Page): Promise<{ items: string; distance: string; climbing: string; time: string }> {
  const [items = '', distance = '', climbing = '', time = ''] = await page.locator('.found .total').allTextContents();
  const figure = (text: string) => text.replace(/^\w+ /, '');
  return { items, distance: figure(distance), climbing: figure(climbing), time: figure(time) };
}

async function agrees(seat: Seat, href: string | null, name: string): Promise<void> {
  await seat.page.goto(seat.url + href);
  const { items, distance } = await found(seat.page);
  expect(name).toContain(`: ${distance}`);
  expect(Number.parseInt(items, 10)).toBeGreaterThan(0);
}

test('statistics lead to the rides they are made of, and the library has the same figures', async () => {
  const seat = await takeSeat(browser, { riders: [RIDER] });
  const [one, two] = seat.sandbox.world.items(1, 'trip');
  seat.sandbox.world.edit('trip', one?.id ?? 0, {
    name: 'Needle',
    distance: 200_000,
    departed_at: '2001-07-04T08:00:00Z',
  });
  seat.sandbox.world.edit('trip', two?.id ?? 0, { name: 'Needle', departed_at: '2001-07-04T22:00:00Z', gear: null });
  await seat.signIn();
  const { page, url } = seat;
  await page.goto(`${url}/library`);
  await page.getByRole('link', { name: 'Statistics' }).click();
  await page.getByRole('link', { name: 'All years' }).click();
  await page.waitForURL(/year=all/);
  const all = await headline(page);
  expect(all.Rides).toBe('30');
  await page.getByRole('link', { name: 'These rides in the library' }).click();
  expect(await found(page)).toEqual({
    items: '30 items',
    distance: all.Distance,
    climbing: all.Climbing,
    time: all.Time,
  });

  // One of everything that leads somewhere: a bar, a week, a day, an activity, a bike, a year.
  await page.goto(`${url}/statistics`);
  for (const group of ['.bars.n12 a.bar', '.bars:not(.n12) a.bar', '.calendar a']) {
    await page.goto(`${url}/statistics`);
    const link = page.locator(group).last();
    await agrees(
      seat,
      await link.getAttribute('href'),
      (await link.getAttribute('aria-label'))?.replace(/;.*/, '') ?? '',
    );
  }
  await page.goto(`${url}/statistics?year=all`);
  const rows = await page.locator('.shares tbody tr:has(a[href^="/library"])').evaluateAll((lines) =>
    lines.map((line) => ({
      href: line.querySelector('a')?.getAttribute('href') ?? '',
      distance: line.querySelector('td.distance')?.textContent ?? '',
    })),
  );
  expect(rows.length).toBeGreaterThan(1);
  for (const { href, distance } of rows) await agrees(seat, href, `: ${distance}`);

  // A filter changes them, and stays.
  await page.goto(`${url}/statistics?q=needle&year=all`);
  expect((await headline(page)).Rides).toBe('2');
  await page.getByRole('link', { name: '2001', exact: true }).first().click();
  await page.waitForURL(/year=2001/);
  expect(page.url()).toContain('q=needle');
  await page.locator('.filter', { hasText: 'Distance' }).first().locator('summary').click();
  await page.getByLabel('At least, km').fill('150');
  await page.locator('.filter[open]').getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/min_km=150/);
  expect(await headline(page)).toMatchObject({ Rides: '1', Distance: '200.0\u202fkm' });
  expect(await page.locator('.records tbody tr').first().textContent()).toMatch(
    /Longest ride.*200\.0.*Needle.*4 Jul 2001/s,
  );

  const api = (await (await page.request.get(`${url}/api/v1/statistics?year=all&q=needle`)).json()) as Statistics;
  expect(api).toMatchObject({ year: null, totals: { rides: 2 }, years: [{ year: '2001', rides: 2 }], of_others: 0 });
  expect((await page.request.get(`${url}/api/v1/statistics?year=twenty`)).status()).toBe(400);
  expect(seat.complaints.filter((text) => !text.includes('400'))).toEqual([]);
});

test('on a phone everything fits, a year is walked through by arrows, and nothing of it needs a script', async () => {
  const seat = await takeSeat(browser, { riders: [RIDER], browser: { viewport: { width: 360, height: 740 } } });
  await seat.signIn();
  const { page, url } = seat;
  for (const path of ['/statistics', '/statistics?year=all&by=time', '/statistics?q=nothing-like-it']) {
    await page.goto(url + path);
    for (const table of await page.locator('.as-table summary').all()) await table.click();
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  }
  await page.goto(`${url}/statistics`);
  const days = page.locator('.calendar a');
  const names = await days.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
  const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label")');
  await page.waitForFunction('document.querySelector("[data-roving]")');
  await days.last().focus();
  await expect
    .poll(async () => {
      await page.keyboard.press('Home');
      return focused();
    })
    .toBe(names[0]);
  await page.keyboard.press('ArrowRight');
  expect(await focused()).toBe(names[1]);
  expect(await page.locator('.calendar a:not([tabindex="-1"])').count()).toBe(1);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/library\?/);

  const still = await browser.newContext({
    javaScriptEnabled: false,
    locale: 'en-IE',
    storageState: await seat.context.storageState(),
  });
  const quiet = await still.newPage();
  await quiet.goto(`${url}/statistics`);
  await quiet.locator('.measures').getByRole('link', { name: 'Climbing' }).click();
  expect(quiet.url()).toContain('by=climbing');
  await quiet.locator('.as-table summary').first().click();
  expect(await quiet.locator('.as-table tbody a').first().isVisible()).toBe(true);
  await still.close();
  expect(seat.complaints).toEqual([]);
});

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { writeLargeLibrary } from '../support/large-library.ts';
import { writeLargeTracks } from '../support/large-tracks.ts';
import { countPixels } from '../web/pixels.ts';
import { buildClient, type Seat, takeSeat } from './support.ts';

const ITEMS = 20_000;
const NOBODY = { id: 1, name: 'Robin Field', routes: 0, trips: 0, points: 60 };
const PHONE = { width: 360, height: 740 };
const TRACK_COLOUR = '#cc4218';
/** Long enough for a busy machine; on an idle one nothing waits so long. */
const SOON = { timeout: 20_000 };

/** A library of this size takes seconds to write, and on a busy machine many. */
const LONG = 180_000;

let browser: Browser;
let large: string;
beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), buildClient()]);
  large = mkdtempSync(join(tmpdir(), 'slipstream-'));
  writeLargeLibrary(large, ITEMS);
  writeLargeTracks(large, 100);
}, LONG);
afterAll(async () => {
  await browser?.close();
  rmSync(large, { recursive: true });
});

const takeLargeSeat = () =>
  takeSeat(browser, { riders: [NOBODY], prepare: (dataDir) => cpSync(large, dataDir, { recursive: true }) });

/** Text, because it runs in the page: what moved by itself. */
const NOTE_SHIFTS = `window.moved = 0; new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.moved += value;
}).observe({ type: 'layout-shift', buffered: true })`;

/** Every page of it says what is wrong with how it lies there, and the rider's browser whom it asks for anything. */
async function watchClosely({ page, url }: Seat): Promise<{ look(path: string): Promise<void>; faults: string[] }> {
  const faults: string[] = [];
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (/^https?:$/.test(protocol) && origin !== url) faults.push(`asked ${origin}`);
  });
  await page.addInitScript(NOTE_SHIFTS);
  const look = async (path: string): Promise<void> => {
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    if (overflow > 0) faults.push(`${path} is ${overflow} pixels too wide`);
    // The typeface may come after the first picture, and a title then break elsewhere.
    const moved = await page.evaluate<number>('window.moved');
    if (moved > 0.02) faults.push(`${path} moved by ${moved}`);
  };
  return { look, faults };
}

const found = (page: Page) => page.locator('.found strong').textContent();
const names = (page: Page) => page.locator('.row .name').allTextContents();
const kilometres = async (page: Page) =>
  (await page.locator('.row .column.distance').allTextContents()).map((text) => Number(text.replace(/[^\d.]/g, '')));
const drawn = (page: Page, place: string) => page.waitForSelector(`${place}[data-shown="drawn"]`, SOON);

/** As the fixture makes them: from two of its six places. */
function longOnesInSlovenia(): number {
  const ids = Array.from({ length: ITEMS }, (_, at) => at + 1);
  return ids.filter((id) => ((id * 7) % 37) % 6 < 2 && 5_000 + ((id * 7_919) % 150_000) >= 40_000).length;
}

test('in 20,000 items a rider searches, filters, sorts, turns pages and opens', { timeout: LONG }, async () => {
  const seat = await takeLargeSeat();
  const { page, url } = seat;
  await seat.signIn();
  const { look, faults } = await watchClosely(seat);

  await page.goto(`${url}/library`);
  expect(await found(page)).toBe('20,000');
  expect(await page.locator('.row').count()).toBe(50);
  await look('/library');
  await expect
    .poll(async () => {
      await page.keyboard.press('/');
      return page.evaluate('document.activeElement.id');
    }, SOON)
    .toBe('q');
  await page.keyboard.type('vrsi', { delay: 30 });
  await expect.poll(() => found(page), SOON).toBe('4,000');
  expect(page.url()).toBe(`${url}/library?q=vrsi`);
  await page.keyboard.type(' 1000', { delay: 30 });
  await expect.poll(() => names(page), SOON).toEqual(['Vršič before breakfast 10001', 'Vršič before breakfast 10006']);

  await page.locator('#q').fill('');
  await expect.poll(() => found(page), SOON).toBe('20,000');
  const open = (label: string) => page.locator('.filter', { hasText: label }).first().locator('summary').click();
  await open('Place');
  await page
    .locator('.filter[open]')
    .getByRole('link', { name: /^Slovenia/ })
    .click();
  await page.waitForURL(/country=SI/);
  await open('Distance');
  await page.getByLabel('At least, km').fill('40');
  await page.locator('.filter[open]').getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/min_km=40/);
  await open('Newest first');
  await page.getByRole('link', { name: 'Longest first' }).click();
  await page.waitForURL(/sort=distance/);
  expect(await found(page)).toBe(longOnesInSlovenia().toLocaleString('en-IE'));
  const first = await kilometres(page);
  await page.getByRole('link', { name: 'Next' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/page=2/);
  expect(page.url()).toBe(`${url}/library?min_km=40&country=SI&sort=distance&page=2`);
  const both = [...first, ...(await kilometres(page))];
  expect(both).toHaveLength(100);
  expect(both).toEqual(both.toSorted((a, b) => b - a));
  await look('/library, filtered');
  await page.goBack();
  expect(await kilometres(page)).toEqual(first);

  await page.goto(`${url}/library?show=trips`);
  await expect
    .poll(async () => {
      await page.keyboard.press('j');
      return page.evaluate('document.activeElement.closest(".row") !== null');
    }, SOON)
    .toBe(true);
  const name = await page.locator('.row a:focus .name').textContent();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/trips\/\d+$/);
  await drawn(page, '[data-map]');
  await drawn(page, '[data-plot]');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(name);
  await look('an item');
  expect(faults).toEqual([]);
  expect(seat.complaints).toEqual([]);
});

test('20,000 items are all on the map, add up in the statistics, and fit on a phone', { timeout: LONG }, async () => {
  const seat = await takeLargeSeat();
  const { page, url } = seat;
  await seat.signIn();
  const { look, faults } = await watchClosely(seat);
  const tiles: number[] = [];
  page.on('response', (answer) => {
    if (answer.url().includes('/map/tiles/')) tiles.push(answer.status());
  });
  await page.goto(`${url}/map`);
  await drawn(page, '[data-tracks]');
  expect(await page.locator('.on-map').textContent()).toBe('All of them are on the map.');
  expect(tiles).toContain(200);
  expect(tiles.filter((status) => ![200, 204].includes(status))).toEqual([]);
  expect(await countPixels(page, '.tracks-map canvas', TRACK_COLOUR)).toBeGreaterThan(50);
  await look('/map');

  await page.goto(`${url}/statistics?year=all`);
  const [distance, climbing, time, , rides] = await page.locator('.headline dd').allTextContents();
  expect(rides).toBe('16,000');
  await look('/statistics');
  await page.getByRole('link', { name: 'These rides in the library' }).click();
  await page.waitForURL(/\/library/);
  expect((await page.locator('.found .total').allTextContents()).map((text) => text.replace(/^[A-Z]\w+ /, ''))).toEqual(
    ['16,000 items', distance, climbing, time],
  );

  await page.setViewportSize(PHONE);
  const everywhere = ['/library', '/library?q=vrsi&page=80', '/trips/1', '/map', '/statistics?year=2011'];
  for (const path of [...everywhere, '/statistics?year=all', '/sync', '/settings']) {
    await page.goto(url + path);
    await look(path);
  }
  // The chosen one of many, at the end of its line.
  await page.goto(`${url}/statistics?year=2011`);
  const chosen = await page.locator('.chips [aria-current]').first().boundingBox();
  expect((chosen?.x ?? 0) + (chosen?.width ?? 0)).toBeLessThanOrEqual(PHONE.width);
  expect(faults).toEqual([]);
  expect(seat.complaints).toEqual([]);
});

test('a rider without any ride is told on every page what it will have, and where to go', async () => {
  const seat = await takeSeat(browser, { riders: [NOBODY], browser: { viewport: PHONE } });
  const { page, url } = seat;
  await seat.signIn();
  const { look, faults } = await watchClosely(seat);
  for (const [path, words, way] of [
    ['/library', 'There are no routes or trips in your Ride With GPS library yet.', '/sync'],
    ['/library?show=trips', 'You have no trips yet.', '/library'],
    ['/map', 'There is no track to draw yet.', '/sync'],
    ['/map?as=heat', 'There is no track to draw yet.', '/sync'],
    ['/statistics', 'There is nothing to count yet.', '/sync'],
    ['/statistics?year=all', 'There is nothing to count yet.', '/sync'],
    ['/sync', 'All is well', '/why'],
    ['/settings', 'Robin Field', null],
  ] as const) {
    for (const size of [PHONE, { width: 1440, height: 900 }]) {
      await page.setViewportSize(size);
      await page.goto(url + path);
      const main = page.locator('main');
      expect(await main.textContent(), path).toContain(words);
      expect(await main.textContent(), path).not.toMatch(/NaN|undefined|Infinity|All of them/);
      if (way) expect(await main.locator(`a[href="${way}"]`).count(), path).toBeGreaterThan(0);
      await look(path);
    }
  }
  expect(faults).toEqual([]);
  expect(seat.complaints).toEqual([]);
});
